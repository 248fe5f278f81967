// The body of an inference request: what is read, and each way in which it can be wrong.
// SPDX-License-Identifier: Apache-2.0
#include "serve/infer_request.hpp"
#include "serve/serving.hpp"

#include <cmath>

namespace lamina::test {
namespace {

using serve::InferRequest;

InferRequest parse_infer_request(std::string_view body, std::optional<std::string_view> length) {
  return serve::parse_infer_request(body, length, 8);
}

std::string refused(std::string_view body, std::optional<std::string_view> length = {}) {
  return refusal([&] { (void)parse_infer_request(body, length); });
}

std::string refused_data(const std::string& data) { return refused(R"({"inputs":[{"data":)" + data + "}]}"); }

std::vector<float> numbers(const std::string& data) {
  InferRequest request = parse_infer_request(R"({"inputs":[{"data":)" + data + "}]}", {});
  return request.inputs.at(0).data.value().values();
}

TEST_CASE("every member of a request is read, in any order, unknown ones left aside") {
  const InferRequest request = parse_infer_request(
      R"({"future":[{"a":{}},[1]],"outputs":[{"parameters":{"binary_data":false,"else":1},"name":"y"},{"name":"z"}],
          "parameters":{"timeout":2000,"binary_data_output":true,"priority":1,"sequence_id":0,"x":null},"id":"4\u00e9",
          "inputs":[{"data":[[1,2.5],[-3,4e1]],"parameters":{},"datatype":"FP32","shape":[2,2],"name":"x"},
                    {"name":"w","parameters":{"binary_data_size":12}}]})",
      {});
  CHECK(request.id == "4\u00e9");
  CHECK(request.timeout == std::chrono::microseconds(2000));
  CHECK(request.binary_outputs);
  REQUIRE(request.inputs.size() == 2);
  CHECK(request.inputs[0].name == "x");
  CHECK(request.inputs[0].datatype == "FP32");
  CHECK(request.inputs[0].shape == std::vector<std::int64_t>{2, 2});
  CHECK(request.inputs[1].binary_size == 12);
  CHECK_FALSE(request.inputs[1].data);
  REQUIRE(request.outputs.size() == 2);
  CHECK(request.outputs[0].binary == false);
  CHECK_FALSE(request.outputs[1].binary);
}

TEST_CASE("numbers are rounded once to float32, from their text") {
  CHECK(numbers("[0.1,1e-45,16777217,16777219,-0.0,9007199791611905]") ==
        std::vector<float>{0.1F, 1e-45F, 16777216.0F, 16777220.0F, -0.0F, 9007200328482816.0F});
  // As a double first it would be a tie, and end at the even neighbour below.
  CHECK(numbers("[1.00000005960464477539062500001]") == std::vector<float>{1.00000011920929F});
  const std::vector<float> small = numbers("[1e-60,-1e-60]");
  CHECK(small == std::vector<float>{0.0F, 0.0F});
  CHECK(std::signbit(small[1]));
  CHECK(std::signbit(numbers("[-0]")[0]));
  CHECK_FALSE(std::signbit(numbers("[0]")[0]));
  CHECK(refused_data("[1e39]") == "400 inputs[0].data: expected numbers within float32, got '1e39'");
  CHECK(refused_data("[1e999]").starts_with("400 "));
}

TEST_CASE("nested data is as regular as its first row") {
  CHECK(numbers("[[[1],[2]],[[3],[4]]]") == std::vector<float>{1, 2, 3, 4});
  CHECK(refused_data("[[1,2],[3]]") == "400 inputs[0].data: expected arrays of one length, 2, got 1");
  CHECK(refused_data("[1,[2]]") == "400 inputs[0].data: expected a number as before, got an array");
  CHECK(refused_data("[[1],2]") == "400 inputs[0].data: expected an array as before, got a number");
  CHECK(refused_data("[[],[[]]]") == "400 inputs[0].data: expected arrays of one length, 0, got 1");
  CHECK(refused_data("[[[[[[[[[1]]]]]]]]]") == "400 inputs[0].data: expected at most 8 nested arrays, got more");
  CHECK(refused_data("[1,null]") == "400 inputs[0].data: expected numbers, got null");
  CHECK(refused_data("[true]") == "400 inputs[0].data: expected numbers, got true");
  CHECK(refused_data("[\"1\"]") == "400 inputs[0].data: expected numbers, got '1'");
  CHECK(refused_data("[{}]") == "400 inputs[0].data: expected numbers, got an object");
  CHECK(refused_data("[[1,2,3,4],[5,6,7,8],[9") == "400 inputs[0].data: expected at most 8 numbers, got more");
  CHECK(refused_data("3") == "400 inputs[0].data: expected an array, got 3");
}

TEST_CASE("what is no JSON object of the right kinds is refused by name") {
  CHECK(refused("") == "400 request body: expected JSON, got something else at byte 1");
  CHECK(refused("[]") == "400 request body: expected an object, got an array");
  CHECK(refused("3") == "400 request body: expected an object, got 3");
  CHECK(refused("{\"id\":\"a\"} x") == "400 request body: expected JSON, got something else at byte 12");
  CHECK(refused(R"({"inputs":[{"data":[NaN]}]})").starts_with("400 request body: expected JSON, got"));
  CHECK(refused("{\"id\":\"\xFF\"}").starts_with("400 request body: expected JSON, got"));
  CHECK(refused(R"({"id":3})") == "400 id: expected a string, got 3");
  CHECK(refused(R"({"id":[]})") == "400 id: expected a string, got an array");
  CHECK(refused(R"({"inputs":{}})") == "400 inputs: expected an array, got an object");
  CHECK(refused(R"({"inputs":[3]})") == "400 inputs: expected objects, got 3");
  CHECK(refused(R"({"inputs":[{"name":"x"},{"name":null}]})") == "400 inputs[1].name: expected a string, got null");
  CHECK(refused(R"({"outputs":[{"name":{}}]})") == "400 outputs[0].name: expected a string, got an object");
  CHECK(refused(R"({"inputs":[{"shape":[-1]}]})") == "400 inputs[0].shape: expected whole numbers from 0 on, got -1");
  CHECK(refused(R"({"inputs":[{"shape":[1.5]}]})") == "400 inputs[0].shape: expected whole numbers from 0 on, got 1.5");
  CHECK(refused(R"({"inputs":[{"shape":[18446744073709551615]}]})").ends_with("got 18446744073709551615"));
  CHECK(refused(R"({"inputs":[{"shape":[[1]]}]})") == "400 inputs[0].shape: expected numbers, got an array");
  CHECK(refused(R"({"parameters":[]})") == "400 parameters: expected an object, got an array");
  CHECK(refused(R"({"id":"a","id":"b"})") == "400 request body: expected each member once, got 'id' twice");
  CHECK(refused(R"({"inputs":[],"inputs":[]})") == "400 request body: expected each member once, got 'inputs' twice");
}

TEST_CASE("parameters have kinds, and extensions that lamina does not have are named") {
  const auto parameter = [](const std::string& text) { return refused("{\"parameters\":{" + text + "}}"); };
  CHECK(parameter(R"("timeout":-1)") == "400 parameters.timeout: expected a whole number from 0 on, got -1");
  CHECK(parameter(R"("binary_data_output":1)") == "400 parameters.binary_data_output: expected true or false, got 1");
  CHECK(parameter(R"("sequence_id":5)") == "501 parameters.sequence_id: the extension sequence is not supported");
  CHECK(refused(R"({"outputs":[{"parameters":{"classification":2}}]})") ==
        "501 parameters.classification: the extension classification is not supported");
  CHECK(refused(R"({"inputs":[{"parameters":{"shared_memory_region":"r"}}]})") ==
        "501 parameters.shared_memory_region: the extension shared_memory is not supported");
}

TEST_CASE("depth, members and tensors are bounded") {
  std::string deep = "{\"x\":";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  CHECK(refused(deep) == "400 request body: expected at most 32 levels of nesting, got more");
  std::string members = "{", tensors = "{\"inputs\":[{}";
  for (int i = 0; i < 100; ++i) members += "\"m" + std::to_string(i) + "\":0,", tensors += ",{}";
  CHECK(refused(members) == "400 request body: expected at most 64 members, got more");
  CHECK(refused(tensors) == "400 request body: expected at most 64 tensors, got more");
}

TEST_CASE("the binary extension cuts the body where its header says") {
  const InferRequest request = parse_infer_request("{\"id\":\"a\"}12345678", "10");
  CHECK(request.id == "a");
  CHECK(request.binary == "12345678");
  CHECK_FALSE(request.raw);
  const InferRequest raw = parse_infer_request("12345678", "0");
  CHECK(raw.raw);
  CHECK(raw.binary_outputs);
  CHECK(raw.binary == "12345678");
  for (const char* length : {"", "-1", "11", "1x", " 1", "18446744073709551616", "0x2"}) {
    INFO(length);
    CHECK(refused("{\"id\":\"\"} ", length).starts_with("400 Inference-Header-Content-Length: expected the bytes"));
  }
}

}  // namespace
}  // namespace lamina::test
