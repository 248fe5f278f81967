// Constants of an ONNX graph under Cast and in float16 arithmetic -> ONNX's own numbers.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx_file.hpp"
#include "support/catch.hpp"

#include <cmath>

using namespace lamina;
using namespace lamina::test;
using onnx::int_attribute;

namespace {

bool has(const std::string& text, std::string_view part) {
  UNSCOPED_INFO("looking for '" << part << "' in '" << text << "'");
  return text.find(part) != std::string::npos;
}

constexpr std::int32_t kFloat = 1, kUint8 = 2, kInt8 = 3, kUint16 = 4, kInt16 = 5, kInt32 = 6, kInt64 = 7, kBool = 9,
                       kHalf = 10, kDouble = 11, kUint32 = 12, kUint64 = 13, kBfloat = 16;

/// Two constants of type `from`, cast to `to` and added to x.
OnnxFile cast_file(std::int32_t from, const std::string& raw, std::int32_t to) {
  OnnxFile file;
  file.initializers.push_back(onnx::tensor("w", {2}, raw, "", from));
  file.node("Cast", {"w"}, "c", {int_attribute("to", to)}).node("Cast", {"c"}, "f", {int_attribute("to", kFloat)});
  return file.node("Add", {"x", "f"});
}

}  // namespace

TEST_CASE("a cast of a constant rounds to the nearest even float, cuts towards zero, and drops high bits") {
  const auto floats = [](std::vector<float> values) { return raw_bytes(values); };
  const auto longs = [](std::vector<std::int64_t> values) { return raw_bytes(values); };
  struct Case {
    std::int32_t from;
    std::string raw;
    std::int32_t to;
    std::vector<float> expected;
  };
  const Case cases[] = {
      {kFloat, floats({1 + 0x1p-11f, 1 + 0x3p-11f}), kHalf, {1, 1 + 0x1p-9f}},
      {kFloat, floats({65519, -0x1.000002p-25f}), kHalf, {65504, -0x1p-24f}},
      {kFloat, floats({0x1p-25f, 0x1.3p-17f}), kHalf, {0, 0x1.3p-17f}},
      {kFloat, floats({1 + 0x1p-8f, 1 + 0x3p-8f}), kBfloat, {1, 1 + 0x1p-6f}},
      {kFloat, floats({1 + 0x1p-11f, 3}), kDouble, {1 + 0x1p-11f, 3}},
      {kFloat, floats({-3.7f, 3.7f}), kInt8, {-3, 3}},
      {kFloat, floats({255.5f, -0.5f}), kUint8, {255, 0}},
      {kFloat, floats({-32768.9f, 0}), kInt16, {-32768, 0}},
      {kFloat, floats({4294967040.0f, 1}), kUint32, {4294967040.0f, 1}},
      {kFloat, floats({0.25f, -0.0f}), kBool, {1, 0}},
      {kInt64, longs({300, -129}), kInt8, {44, 127}},
      {kInt64, longs({300, -1}), kUint8, {44, 255}},
      {kInt64, longs({65537, 40000}), kInt16, {1, -25536}},
      {kInt64, longs({65537, -1}), kUint16, {1, 65535}},
      {kInt64, longs({(std::int64_t{1} << 32) + 5, -7}), kInt32, {5, -7}},
      {kInt64, longs({-1, 7}), kUint32, {4294967295.0f, 7}},
      {kInt64, longs({256, 0}), kBool, {1, 0}},
      {kInt64, longs({2049, 70}), kHalf, {2048, 70}},
      {kInt64, longs({16777217, -5}), kFloat, {16777216, -5}},
      {kBool, std::string("\1\0", 2), kInt64, {1, 0}},
      {kBool, std::string("\0\1", 2), kHalf, {0, 1}},
  };
  for (const Case& c : cases) {
    INFO("from " << c.from << " to " << c.to << ", first expected " << c.expected[0]);
    CHECK(onnx_answer(cast_file(c.from, c.raw, c.to), {0, 0}) == c.expected);
  }
  const std::pair<float, std::int32_t> beyond[] = {{128, kInt8},      {-1, kUint8},  {NAN, kInt32},
                                                   {0x1p62f, kInt64}, {-2, kUint64}, {INFINITY, kUint16}};
  for (const auto& [value, to] : beyond) {
    INFO(value << " to " << to);
    CHECK(has(onnx_refusal(cast_file(kFloat, floats({value, 0}), to)), "dtype: "));
    CHECK(
        has(onnx_refusal(cast_file(kFloat, floats({value, 0}), to)), "cast: number: expected one within the range of"));
  }
  CHECK(has(onnx_refusal(cast_file(kInt64, longs({-1, 0}), kUint64)), "a uint64 beyond the range of int64"));
  CHECK(has(onnx_refusal(cast_file(kFloat, floats({1, 2}), 8)), "cast to string"));
}

TEST_CASE("the size of the batch passes through the casts of a shape and no others") {
  const auto reshaped = [](std::int32_t to) {
    OnnxFile file{.input = {-1, 2, 3}};
    file.integers("zero", {0}).integers("rest", {-1});
    file.node("Shape", {"x"}, "dims").node("Gather", {"dims", "zero"}, "batch", {int_attribute("axis", 0)});
    file.node("Cast", {"batch"}, "narrow", {int_attribute("to", to)});
    file.node("Cast", {"narrow"}, "wide", {int_attribute("to", kInt64)});
    file.node("Concat", {"wide", "rest"}, "target", {int_attribute("axis", 0)});
    return file.node("Reshape", {"x", "target"});
  };
  CHECK(layers_of(reshaped(kInt32)) == "Flatten(start_dim=1, end_dim=-1)");
  for (const std::int32_t to : {kInt8, kBool, kUint64, kFloat}) {
    CHECK(has(onnx_refusal(reshaped(to)), "computes with the size of the batch"));
  }
}

TEST_CASE("arithmetic with float16 constants gives float16 constants") {
  OnnxFile file;
  file.initializers.push_back(onnx::tensor("w", {2}, raw_bytes(std::vector<std::uint16_t>{0x3C01, 0x4000}), "", kHalf));
  file.node("Mul", {"w", "w"}, "square").node("Sqrt", {"w"}, "root").node("Add", {"square", "root"}, "c");
  file.node("Cast", {"c"}, "f", {int_attribute("to", kFloat)}).node("Add", {"x", "f"});
  // (1 + 2^-10)^2 = 1 + 2^-9 + 2^-20, its root 1 + 2^-11 - ...; 4, and 1.41421... is 1.4140625 in float16.
  CHECK(onnx_answer(file, {0, 0}) == std::vector<float>{2 + 0x1p-9f, 5.4140625f});
}
