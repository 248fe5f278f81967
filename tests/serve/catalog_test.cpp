// Names, versions and reloads; metrics as Prometheus reads them; lines of the log.
// SPDX-License-Identifier: Apache-2.0
#include "serve/log.hpp"
#include "serve/metrics_text.hpp"
#include "serve/serving.hpp"
#include "support/failure.hpp"

#include <sstream>
#include <stdexcept>

namespace lamina::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the same name and version twice is refused before anything is loaded") {
  serve::ModelSource never{"m", 1, "other.pt", []() -> Model { throw std::logic_error("loaded"); }};
  CHECK(failure([&] {
          Serving({source_of("m"), never});
        }) ==
        "invalid_argument: other.pt: name: 'm' version 1 is that of m.safetensors too: say NAME=PATH or "
        "NAME:VERSION=PATH");
}

TEST_CASE("a model whose golden vectors are not its answers does not serve") {
  const auto bad = [] {
    Model model = sum_model();
    model.set_golden_vectors(GoldenVectors{Tensor({1, 2}, {1, 2}), Tensor({1, 3}, {3, 2, 0})});
    return model;
  };
  CHECK(failure([&] { Serving({{"m", 1, "m.pt", bad}}); }).starts_with("verification_failed: m.pt: golden vectors: "));
}

TEST_CASE("a model over the batch dimension cannot be served") {
  const auto coupled = [] { return Model(Sequential{Linear(2, 3), Softmax(0)}); };
  CHECK(failure([&] { Serving({{"m", 1, "m.pt", coupled}}); }) != "no error");
}

TEST_CASE("a reload takes over, and one that fails leaves the old model in place") {
  float scale = 1;
  bool broken = false;
  const auto load = [&] {
    if (broken) throw Error(Errc::truncated, "m.pt: ends early");
    Model model = Sequential{Linear(2, 3)};
    model.load_state_dict({{"0.weight", Tensor({3, 2}, {scale, 0, 0, 0, 0, 0})}, {"0.bias", Tensor({3}, {0, 0, 0})}});
    return model;
  };
  Serving serving({{"m", 1, "m.pt", load}, source_of("other")});
  const std::string body = R"({"inputs":[{"name":"input","shape":[1,2],"datatype":"FP32","data":[1,1]}]})";
  const auto first = [&] { return json::parse(serving.infer(body).body)["outputs"][0]["data"][0].get<float>(); };
  CHECK(first() == 1);
  std::vector<std::string> told_of;
  const auto told = [&](const serve::Catalog::Entry& entry, const std::exception* error) {
    told_of.push_back(entry.source().name + ": " + (error == nullptr ? "new" : error->what()));
  };
  scale = 5;
  const std::shared_ptr<serve::ServedModel> old = serving.catalog.entries()[0]->model();
  serving.catalog.reload(told);
  CHECK(first() == 5);
  CHECK(old.use_count() == 1);
  broken = true;
  serving.catalog.reload(told);
  CHECK(first() == 5);
  CHECK(told_of == std::vector<std::string>{"m: new", "other: new", "m: m.pt: ends early", "other: new"});
}

TEST_CASE("durations are counted in the first bucket that holds them") {
  serve::Histogram histogram;
  for (const auto time : {0ns, 10'000ns, 10'001ns, 1'000'000'000ns, 11'000'000'000ns}) histogram.record(time);
  CHECK(histogram.count(0) == 2);
  CHECK(histogram.count(1) == 1);
  CHECK(histogram.count(15) == 1);
  CHECK(histogram.count(serve::Histogram::kBounds.size()) == 1);
  CHECK(histogram.seconds() == Approx(12.000020001));
}

TEST_CASE("metrics are a family each, cumulative, with HELP and TYPE in front") {
  Serving serving({source_of("m"), source_of("n", 2)});
  CHECK(serving.infer(R"({"inputs":[{"name":"input","shape":[3,2],"datatype":"FP32","data":[1,1,1,1,1,1]}]})").status ==
        200);
  CHECK(serving.infer("{").status == 400);
  const serve::Reply reply = serving.get("/metrics");
  CHECK(reply.content_type.starts_with("text/plain; version=0.0.4"));
  const auto has = [&](const std::string& line) { return reply.body.find(line + "\n") != std::string::npos; };
  CHECK(has(R"(lamina_requests_total{model="m",version="1",outcome="ok"} 1)"));
  CHECK(has(R"(lamina_requests_total{model="m",version="1",outcome="invalid"} 1)"));
  CHECK(has(R"(lamina_requests_total{model="n",version="2",outcome="ok"} 0)"));
  CHECK(has(R"(lamina_request_duration_seconds_bucket{model="m",version="1",le="+Inf"} 1)"));
  CHECK(has(R"(lamina_batch_rows_bucket{model="m",version="1",le="1"} 1)"));  // the one that warms
  CHECK(has(R"(lamina_batch_rows_bucket{model="m",version="1",le="2"} 1)"));
  CHECK(has(R"(lamina_batch_rows_bucket{model="m",version="1",le="4"} 2)"));
  CHECK(has(R"(lamina_batch_rows_sum{model="m",version="1"} 4)"));
  std::istringstream lines(reply.body);
  std::string family;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
    } else if (line.starts_with("# TYPE ")) {
      CHECK(line.starts_with("# TYPE " + family + " "));
    } else {
      CHECK(line.starts_with(family));
      CHECK(line.find(' ') != std::string::npos);
    }
  }
}

TEST_CASE("a line of the log is one line, whatever is in it") {
  CHECK(serve::log_text(serve::Level::warning, "accept", {{"a", "1"}, {"b", "two words\n\"x\""}, {"c", ""}}) ==
        "level=warning event=accept a=1 b=\"two words\\n\\\"x\\\"\" c=\"\"");
}

}  // namespace
}  // namespace lamina::test
