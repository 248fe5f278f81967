// The service without a socket: answers, refusals, limits of time, drain and counting.
// SPDX-License-Identifier: Apache-2.0
#include "serve/serving.hpp"

#include <atomic>
#include <cstring>
#include <limits>
#include <thread>

namespace lamina::test {
namespace {

using namespace std::chrono_literals;

const std::string kRows = R"({"id":"7","inputs":[{"name":"input","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]})";

std::string with_input(const std::string& members) { return R"({"inputs":[{"name":"input",)" + members + "}]}"; }

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string header_of(const serve::Reply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "none";
}

TEST_CASE("health and metadata are as the protocol has them") {
  Serving serving({source_of("m"), source_of("m", 10), source_of("m", 9)});
  CHECK(serving.get("/v2/health/live").body == R"({"live":true})");
  CHECK(serving.get("/v2/health/ready").body == R"({"ready":true,"live":true})");
  CHECK(json::parse(serving.get("/v2").body)["name"] == "lamina");
  CHECK(json::parse(serving.get("/v2").body)["extensions"][0] == "binary_tensor_data");
  CHECK(serving.get("/v2/models/m").body == R"({"name":"m","versions":["1","9","10"],"platform":"lamina_safetensors",)"
                                            R"("inputs":[{"name":"input","datatype":"FP32","shape":[-1,2]}],)"
                                            R"("outputs":[{"name":"output","datatype":"FP32","shape":[-1,3]}]})");
  CHECK(serving.get("/v2/models/m/versions/9/ready").body == R"({"name":"m","ready":true})");
  const json config = json::parse(serving.get("/v2/models/m/config").body);
  CHECK(config["max_batch_size"] == 4);
  CHECK(config["input"] == json::parse(R"([{"name":"input","data_type":"TYPE_FP32","dims":[2]}])"));
  CHECK(told(serving.get("/v2/models/n/ready")) == "404 unknown model 'n'");
  CHECK(told(serving.get("/v2/models/m/versions/2")) == "404 model 'm': version: expected 1, 9, 10, got '2'");
  CHECK(json::parse(serving.infer(kRows).body)["model_version"] == "10");
}

TEST_CASE("JSON in, JSON out: flat or nested, the answer is flat and carries the id") {
  Serving serving;
  const std::string answer = R"({"model_name":"m","model_version":"1","id":"7","outputs":[{"name":"output",)"
                             R"("datatype":"FP32","shape":[2,3],"data":[3,2,-2,7,6,-4]}]})";
  CHECK(serving.infer(kRows).body == answer);
  CHECK(serving.infer(kRows).content_type == "application/json");
  const std::string nested = with_input(R"("shape":[2,2],"datatype":"FP32","data":[[1,2],[3,4]])");
  const json got = json::parse(serving.infer(nested).body);
  CHECK(got["outputs"] == json::parse(answer)["outputs"]);
  CHECK_FALSE(got.contains("id"));
}

TEST_CASE("binary in and out, each wherever it is asked for") {
  Serving serving;
  const std::string x = bytes_of({1, 2, 3, 4}), y = bytes_of({3, 2, -2, 7, 6, -4});
  const std::string shape = R"("shape":[2,2],"datatype":"FP32",)";
  const std::string head = with_input(shape + R"("parameters":{"binary_data_size":16})");
  const auto infer = [&](std::string json_part) {
    return serving.infer(json_part + x, std::to_string(json_part.size()));
  };
  CHECK(json::parse(infer(head).body)["outputs"][0]["data"] == json({3, 2, -2, 7, 6, -4}));
  const auto check = [&](const serve::Reply& reply) {
    REQUIRE(reply.status == 200);
    CHECK(reply.content_type == "application/octet-stream");
    const std::size_t length = std::stoul(header_of(reply, "Inference-Header-Content-Length"));
    const json got = json::parse(reply.body.substr(0, length));
    CHECK(got["outputs"][0]["parameters"]["binary_data_size"] == y.size());
    CHECK_FALSE(got["outputs"][0].contains("data"));
    CHECK(reply.body.substr(length) == y);
  };
  const std::string rest = head.substr(1);
  check(infer(R"({"parameters":{"binary_data_output":true},)" + rest));
  check(infer(R"({"outputs":[{"name":"output","parameters":{"binary_data":true}}],)" + rest));
  check(serving.infer(R"({"parameters":{"binary_data_output":true},)" +
                      with_input(shape + "\"data\":[1,2,3,4]").substr(1)));
  check(serving.infer(x, "0"));  // the raw form: rows and nothing else
  const serve::Reply asked_for_json = infer(
      R"({"parameters":{"binary_data_output":true},"outputs":[{"name":"output","parameters":{"binary_data":false}}],)" +
      rest);
  CHECK(asked_for_json.content_type == "application/json");
  CHECK(header_of(asked_for_json, "Inference-Header-Content-Length") == "none");
}

TEST_CASE("what does not fit the model is refused with what was expected") {
  Serving serving;
  const auto refused = [&](const std::string& members) { return told(serving.infer(with_input(members))); };
  const std::string fp32 = R"("datatype":"FP32",)", shape = fp32 + R"("shape":[2,2],)";
  CHECK(told(serving.infer("{}")) == "400 model 'm': inputs: expected 'input' alone, got none");
  CHECK(told(serving.infer(R"({"inputs":[{"name":"a"},{"name":"b"}]})")) ==
        "400 model 'm': inputs: expected 'input' alone, got 'a', 'b'");
  CHECK(refused(R"("shape":[1,2])") == "400 model 'm': input 'input': datatype: expected FP32, got none");
  CHECK(refused(R"("datatype":"FP64")") == "400 model 'm': input 'input': datatype: expected FP32, got 'FP64'");
  CHECK(refused(R"("datatype":"FP32")") == "400 model 'm': input 'input': shape: expected [-1,2], got none");
  CHECK(refused(fp32 + R"("shape":[2])") == "400 model 'm': input 'input': shape: expected [-1,2], got [2]");
  CHECK(refused(fp32 + R"("shape":[1,3])") == "400 model 'm': input 'input': shape: expected [-1,2], got [1,3]");
  CHECK(refused(fp32 + R"("shape":[5,2])") == "400 model 'm': input 'input': rows: expected from 1 to 4, got 5");
  CHECK(refused(fp32 + R"("shape":[0,2],"data":[])") ==
        "400 model 'm': input 'input': rows: expected from 1 to 4, got 0");
  CHECK(refused(fp32 + R"("shape":[4611686018427387905,2])").ends_with("from 1 to 4, got 4611686018427387905"));
  CHECK(refused(shape + R"("data":[1,2,3])") == "400 model 'm': input 'input': data: expected 4 numbers, got 3");
  CHECK(refused(shape + R"("data":[[1,2,3,4]])") ==
        "400 model 'm': input 'input': data: expected a flat array or one nested as shape [2,2] says, got one of shape "
        "[1,4]");
  CHECK(refused(fp32 + R"("shape":[2,2])") ==
        "400 model 'm': input 'input': expected data or binary_data_size, got neither");
  CHECK(refused(shape + R"("data":[1],"parameters":{"binary_data_size":16})") ==
        "400 model 'm': input 'input': data: expected none beside binary_data_size, got both");
  CHECK(refused(shape + R"("parameters":{"binary_data_size":12})") ==
        "400 model 'm': input 'input': binary_data_size: expected 16 for 2 rows, got 12");
  CHECK(refused(shape + R"("parameters":{"binary_data_size":16})") ==
        "400 bytes behind the JSON: expected 16, the sum of binary_data_size, got 0");
  CHECK(told(serving.infer(kRows + "1234", std::to_string(kRows.size()))) ==
        "400 bytes behind the JSON: expected none, as no input has binary_data_size, got 4");
  CHECK(told(serving.infer("123456789", "0")) ==
        "400 model 'm': input 'input': bytes: expected a multiple of 8, those of a row, got 9");
  CHECK(told(serving.infer("", "0")) == "400 model 'm': input 'input': rows: expected from 1 to 4, got 0");
  CHECK(told(serving.infer(R"({"outputs":[{"name":"z"}]})")) == "400 model 'm': outputs: expected 'output', got 'z'");
  CHECK(told(serving.infer(R"({"outputs":[{"name":"output"},{"name":"output"}]})")) ==
        "400 model 'm': outputs: expected 'output' once, got 2 outputs");
  CHECK(serve::value_of(serving.catalog.entries()[0]->metrics.requests[1]) == 21);  // each of them as invalid
}

TEST_CASE("an encoding is refused with the one that is understood") {
  Serving serving;
  const serve::Reply reply = serving.reply({"POST", "/v2/models/m/infer", {}, "gzip", kRows});
  CHECK(told(reply) == "415 Content-Encoding: expected identity, got 'gzip'");
  CHECK(header_of(reply, "Accept-Encoding") == "identity");
  CHECK(serving.reply({"POST", "/v2/models/m/infer", {}, "identity", kRows}).status == 200);
}

TEST_CASE("a number that JSON does not have is an error there, and bits in binary") {
  Serving serving;
  const std::vector<float> infinite = {std::numeric_limits<float>::infinity(), 0};
  const std::string head = with_input(R"("shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8})");
  CHECK(told(serving.infer(head + bytes_of(infinite), std::to_string(head.size()))) ==
        "400 output 'output': data: expected numbers that JSON has, got NaN or infinity: ask for binary_data");
  const serve::Reply raw = serving.infer(bytes_of(infinite), "0");
  REQUIRE(raw.status == 200);
  float first = 0;
  std::memcpy(&first, raw.body.data() + raw.body.size() - 12, sizeof first);
  CHECK(first == infinite[0]);
}

TEST_CASE("draining, the server is alive, not ready, and answers") {
  Serving serving;
  serving.service.set_draining();
  CHECK(serving.get("/v2/health/live").status == 200);
  CHECK(told(serving.get("/v2/health/ready")) == "503 the server is shutting down");
  CHECK(serving.infer(kRows).status == 200);
}

/// Requests of many threads, each with rows of its own.
TEST_CASE("each of many concurrent requests gets its own answer, and all are counted") {
  constexpr int kThreads = 4, kEach = 500;
  Serving serving({source_of("m")}, {.max_batch = 4, .max_queue_rows = kThreads * kEach, .concurrent_runs = 1});
  std::atomic<int> right = 0, ended = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const int a = t * kEach + i;
          const std::string body =
              with_input(R"("shape":[1,2],"datatype":"FP32","data":[)" + std::to_string(a) + ",1]");
          const std::string wanted = "\"data\":[" + std::to_string(a + 1) + "," + std::to_string(2 * a) + ",-1]";
          serving.service.handle({"POST", "/v2/models/m/infer", {}, {}, body}, [&, wanted](serve::Reply&& reply) {
            if (reply.body.find(wanted) != std::string::npos) ++right;
            ++ended;
          });
        }
      });
    }
  }
  CHECK(right == kThreads * kEach);
  CHECK(ended == kThreads * kEach);
  const serve::ModelMetrics& metrics = serving.catalog.entries()[0]->metrics;
  CHECK(serve::value_of(metrics.requests[0]) == kThreads * kEach);
  CHECK(serving.catalog.entries()[0]->model()->batcher.stats().answered == kThreads * kEach + 1);  // one to warm
}

/// While a run waits in its host's threads, whatever else comes queues.
class Busy {
 public:
  Model model() {
    Model model = Sequential{Linear(512, 512), Tanh(), Linear(512, 512), Tanh(), Linear(512, 512)};
    model.randomize(4);
    return model;
  }
  serve::Catalog::Entry& entry() { return *serving.catalog.entries()[0]; }

  Serving serving{{{"m", 1, "m.pt", [this] { return model(); }}}, {.max_batch = 4, .concurrent_runs = 1}};
};

TEST_CASE("a request whose client has left is ended and counted, and so is one whose time is over") {
  Busy busy;
  const std::shared_ptr<serve::ServedModel> model = busy.entry().model();
  std::vector<float> x(4 * 512), y(4 * 512);
  std::atomic<bool> over = false;
  std::vector<std::string> ends;
  std::stop_source gone;
  const std::string raw(512 * 4, '\0');
  const auto infer = [&](const std::string& body, std::optional<std::string_view> length, std::stop_token token) {
    busy.serving.service.handle({"POST", "/v2/models/m/infer", length, {}, body, token},
                                [&](serve::Reply&& reply) { ends.push_back(told(reply)); });
  };
  // Within the callback of a run its slot is taken: what is asked meanwhile queues.
  model->batcher.submit(x, y, [&](const Error*) {
    infer(raw, "0", gone.get_token());
    std::string head = with_input(R"("shape":[1,512],"datatype":"FP32","parameters":{"binary_data_size":2048})");
    head.replace(0, 1, R"({"parameters":{"timeout":1000},)");
    infer(head + raw, std::to_string(head.size()), {});
    CHECK(ends.empty());
    gone.request_stop();
    std::this_thread::sleep_for(5ms);
    over = true;
  });
  CHECK(over);
  REQUIRE(ends.size() == 2);
  CHECK(ends[0] == "499 batcher: the stop token asked for it");
  CHECK(ends[1] == "503 batcher: the deadline has passed");
  const serve::ModelMetrics& metrics = busy.entry().metrics;
  CHECK(serve::value_of(metrics.requests[static_cast<std::size_t>(serve::Outcome::cancelled)]) == 1);
  CHECK(serve::value_of(metrics.requests[static_cast<std::size_t>(serve::Outcome::timeout)]) == 1);
}

TEST_CASE("beyond the queue a request is refused at once, and told to come again") {
  Busy busy;
  const std::shared_ptr<serve::ServedModel> model = busy.entry().model();
  std::vector<float> x(4 * 512), y(4 * 512);
  std::vector<serve::Reply> replies;
  model->batcher.submit(x, y, [&](const Error*) {
    for (int i = 0; i < 65; ++i) {  // 64 rows may wait
      busy.serving.service.handle({"POST", "/v2/models/m/infer", "0", {}, std::string(512 * 4, '\0')},
                                  [&](serve::Reply&& reply) { replies.push_back(std::move(reply)); });
    }
    REQUIRE(replies.size() == 1);
  });
  CHECK(told(replies[0]) == "503 batcher: the queue is full: expected at most 64 rows, got 64 and 1 more");
  CHECK(header_of(replies[0], "Retry-After") == "1");
  CHECK(replies.size() == 65);
  CHECK(replies[64].status == 200);
}

}  // namespace
}  // namespace lamina::test
