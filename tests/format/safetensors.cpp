// safetensors: every type and rule of the format, round trips to the bit, and every broken file by its error.
// SPDX-License-Identifier: Apache-2.0
#include "base/half.hpp"
#include "format/reader.hpp"
#include "format/safetensors_file.hpp"
#include "model/network.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"

#include <bit>
#include <cstring>

using namespace lamina;
using namespace lamina::test;

namespace {

float from_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }

bool has(const std::string& text, std::string_view part) {
  UNSCOPED_INFO("looking for '" << part << "' in '" << text << "'");
  return text.find(part) != std::string::npos;
}

std::string one(const std::string& entry, std::size_t data_bytes) {
  return safetensors_file("{" + entry + "}", std::string(data_bytes, '\0'));
}

model::Network sample() {
  const float nan = from_bits(0xFFC12345);
  model::Linear linear{.in_features = 2, .out_features = 3, .has_bias = true, .weight = {}, .bias = {}};
  linear.weight = Tensor({3, 2}, {1.5f, -0.0f, nan, from_bits(1), from_bits(0x7F800000), -3.25f});
  linear.bias = Tensor({3}, {0.1f, 0.2f, 0.3f});
  model::BatchNorm norm;
  norm.num_features = 3;
  norm.weight = Tensor({3}, {1, 2, 3});
  norm.bias = Tensor({3}, {4, 5, 6});
  norm.running_mean = Tensor({3}, {7, 8, 9});
  norm.running_var = Tensor({3}, {1, 1, 2});
  model::Network network;
  network.layers.push_back({.name = "fc\"1", .op = linear});
  network.layers.push_back(
      {.name = "net", .op = model::Sequential{{{.name = "10", .op = norm}, {.name = "2", .op = model::Activation{}}}}});
  return network;
}

}  // namespace

TEST_CASE("tensors of each float type become float32") {
  const std::string data = little_endian(0x3C00, 2) + little_endian(0xC000, 2) + little_endian(0x3FC0, 2) +
                           little_endian(std::bit_cast<std::uint32_t>(2.5f), 4) +
                           little_endian(std::bit_cast<std::uint64_t>(1 + 0x1p-30), 8);
  const std::string header = "{" + tensor_entry("h", "F16", {2}, 0, 4) + "," + tensor_entry("b", "BF16", {}, 4, 6) +
                             "," + tensor_entry("f", "F32", {1, 1}, 6, 10) + "," +
                             tensor_entry("d", "F64", {1}, 10, 18) + "}";
  const format::Contents contents = read_safetensors(safetensors_file(header, data));
  REQUIRE(contents.tensors.size() == 4);
  CHECK(contents.tensors[0] == format::NamedTensor("h", Tensor({2}, {1.0f, -2.0f})));
  CHECK(contents.tensors[1] == format::NamedTensor("b", Tensor(Shape{}, {1.5f})));
  CHECK(contents.tensors[2] == format::NamedTensor("f", Tensor({1, 1}, {2.5f})));
  CHECK(contents.tensors[3] == format::NamedTensor("d", Tensor({1}, {1.0f})));
  CHECK(contents.format == "safetensors");
  CHECK_FALSE(contents.network.has_value());
  CHECK_FALSE(contents.ordered);
}

TEST_CASE("tensors of other types are named all at once, and left aside where unused ones are allowed") {
  const std::string header = "{" + tensor_entry("ids", "I64", {1}, 0, 8) + "," + tensor_entry("x", "F32", {1}, 8, 12) +
                             "," + tensor_entry("mask", "BOOL", {4}, 12, 16) + "}";
  const std::string file = safetensors_file(header, std::string(16, '\0'));
  try {
    (void)read_safetensors(file);
    FAIL("loaded");
  } catch (const Error& error) {
    CHECK(error.problems().size() == 2);
  }
  LoadOptions options;
  options.allow_unused = true;
  const format::Contents contents = read_safetensors(file, options);
  CHECK(contents.tensors.size() == 1);
  CHECK(contents.notes == std::vector<std::string>{"tensor 'ids' was left aside: its elements are I64",
                                                   "tensor 'mask' was left aside: its elements are BOOL"});
}

TEST_CASE("tensors larger than one piece convert in full") {
  constexpr std::size_t kCount = 200'000;
  std::string data;
  for (std::size_t i = 0; i < kCount; ++i) data += little_endian(i & 0x7BFFU, 2);
  const format::Contents contents =
      read_safetensors(safetensors_file("{" + tensor_entry("x", "F16", {200'000}, 0, 2 * kCount) + "}", data));
  const Tensor& x = contents.tensors.at(0).second;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (x.values()[i] != base::half_to_float(static_cast<std::uint16_t>(i & 0x7BFFU))) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("tensors come in the order of their data, headers may be padded") {
  const std::string header =
      "{" + tensor_entry("b", "F32", {1}, 4, 8) + "," + tensor_entry("a", "F32", {1}, 0, 4) + "}   ";
  const format::Contents contents = read_safetensors(safetensors_file(header, std::string(8, '\0')));
  CHECK(contents.tensors[0].first == "a");
  CHECK(contents.tensors[1].first == "b");
}

TEST_CASE("the architecture of the metadata is handed on, and other metadata are not") {
  const format::Contents contents =
      read_safetensors(safetensors_file(R"x({"__metadata__":{"format":"pt","lamina.architecture":"nn.ReLU()"}})x"));
  CHECK(contents.architecture == "nn.ReLU()");
  CHECK(contents.tensors.empty());
  CHECK_FALSE(contents.ordered);
}

TEST_CASE("num_batches_tracked is passed over whatever its type, other integers are refused by name") {
  CHECK(read_safetensors(one(tensor_entry("bn.num_batches_tracked", "I64", {}, 0, 8), 8)).tensors.empty());
  CHECK(refusal(one(tensor_entry("ids", "I64", {2}, 0, 16), 16)) ==
        "dtype: tensor 'ids': element type: expected F32, F16, BF16 or F64, got I64: unused tensors can be allowed "
        "(--allow-unused)");
  for (const std::string dtype : {"BOOL", "U8", "F8_E4M3", "C64", "F4"}) {
    const std::uint64_t bytes = dtype == "C64" ? 16 : dtype == "F4" ? 1 : 2;
    CHECK(has(refusal(one(tensor_entry("t", dtype, {2}, 0, bytes), bytes)), "got " + dtype));
  }
  CHECK(has(refusal(one(tensor_entry("t", "F31", {1}, 0, 4), 4)), "unknown element type 'F31'"));
}

TEST_CASE("data that are not covered exactly once are refused") {
  const auto two = [](std::uint64_t begin, std::uint64_t end, std::size_t bytes) {
    return refusal(
        safetensors_file("{" + tensor_entry("a", "F32", {2}, 0, 8) + "," +
                             tensor_entry("b", "F32", {static_cast<std::int64_t>((end - begin) / 4)}, begin, end) + "}",
                         std::string(bytes, '\0')));
  };
  CHECK(two(8, 12, 12) == "no error");
  CHECK(has(two(4, 12, 12), "without gap or overlap"));
  CHECK(has(two(12, 16, 16), "without gap or overlap"));
  CHECK(has(two(0, 8, 8), "without gap or overlap"));
  CHECK(two(8, 12, 13) == "malformed: safetensors: 1 bytes follow the last tensor");
  CHECK(two(8, 12, 11) == "truncated: safetensors: size of the data, which were cut short: expected 12 bytes, got 11");
  CHECK(has(refusal(one(tensor_entry("a", "F32", {1}, 4, 8), 8)), "start of its data: expected 0, got 4"));
}

TEST_CASE("offsets that do not agree with type and shape are refused") {
  CHECK(has(refusal(one(tensor_entry("a", "F32", {2}, 0, 4), 4)),
            "data_offsets of F32 [2]: expected 8 bytes, got [0, 4]"));
  CHECK(refusal(one(tensor_entry("a", "F32", {1}, 4, 0), 4)).starts_with("malformed: "));
  CHECK(refusal(one(tensor_entry("a", "F4", {1}, 0, 1), 1)).starts_with("malformed: "));
  CHECK(refusal(one(tensor_entry("a", "F32", {281474976710655, 281474976710655}, 0, 4), 4))
            .starts_with("limit_exceeded: "));
  CHECK(has(refusal(one(tensor_entry("a", "F32", {1, 1, 1, 1, 1, 1, 1, 1, 1}, 0, 4), 4)), "expected at most 8, got 9"));
  CHECK(has(refusal(one(tensor_entry("a", "F32", {0}, 0, 0), 0)), "has no elements: [0]"));
}

TEST_CASE("entries that are not exactly dtype, shape and data_offsets are refused") {
  for (const std::string entry :
       {R"("a":1)", R"("a":{})", R"("a":{"dtype":"F32","shape":[1]})",
        R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})",
        R"("a":{"dtype":4,"shape":[1],"data_offsets":[0,4]})", R"("a":{"dtype":"F32","shape":1,"data_offsets":[0,4]})",
        R"("a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]})",
        R"("a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]})",
        R"("a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]})",
        R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]})",
        R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,1e0]})",
        R"("a":{"dtype":"F32","shape":[281474976710656],"data_offsets":[0,4]})",
        R"("":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})",
        R"("a\n":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})", R"("__metadata__":{"a":1})",
        R"("__metadata__":[])", R"("a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]})"}) {
    INFO(entry);
    CHECK(refusal(one(entry, 4)).starts_with("malformed: "));
  }
  const std::string a = tensor_entry("a", "F32", {1}, 0, 4);
  CHECK(has(refusal(one(a + "," + a, 4)), "key 'a' occurs twice"));
  CHECK(refusal(one(tensor_entry(std::string(1025, 'n'), "F32", {1}, 0, 4), 4)).starts_with("malformed: "));
}

TEST_CASE("headers that are no JSON object of the declared length are refused") {
  CHECK(refusal("") == "malformed: safetensors: does not start with the length of a JSON header");
  CHECK(refusal(safetensors_file("[]")).starts_with("malformed: "));
  CHECK(refusal(safetensors_file(" {}")).starts_with("malformed: "));
  CHECK(refusal(safetensors_file("{} x")).starts_with("malformed: safetensors header: JSON, line 1, column 4: "));
  CHECK(refusal(little_endian(100, 8) + "{}") ==
        "truncated: safetensors header: size, which was cut short: expected 100 bytes, got 2");
  CHECK(refusal(little_endian(100'000'001, 8) + "{}").starts_with("malformed: "));
  CHECK(refusal(safetensors_file(R"({"a":[[[[1]]]]})")).starts_with("limit_exceeded: "));
}

TEST_CASE("limits are checked before anything is allocated") {
  LoadOptions options;
  options.limits.header_bytes = 10;
  CHECK(has(refusal(safetensors_file("{          }"), options), "expected at most 10 bytes, got 12"));
  options = {};
  options.limits.tensors = 1;
  const std::string two = "{" + tensor_entry("a", "F32", {1}, 0, 4) + "," + tensor_entry("b", "F32", {1}, 4, 8) + "}";
  CHECK(refusal(safetensors_file(two, std::string(8, '\0')), options) ==
        "limit_exceeded: safetensors: more than 1 tensors");
  options = {};
  options.limits.weight_bytes = 7;  // two halves are eight bytes of float32
  CHECK(has(refusal(one(tensor_entry("a", "F16", {2}, 0, 4), 4), options), "expected at most 7 bytes, got 8"));
}

TEST_CASE("a float64 beyond float32 names its tensor") {
  const std::string file = safetensors_file("{" + tensor_entry("big", "F64", {1}, 0, 8) + "}",
                                            little_endian(std::bit_cast<std::uint64_t>(1e300), 8));
  CHECK(refusal(file).starts_with("dtype: tensor 'big': float64 value: is beyond the range of float32"));
}

TEST_CASE("a network comes back from its file to the bit, and the file is the same each time") {
  const Folder folder;
  const model::Network network = sample();
  format::write_safetensors(network, folder / "a.safetensors");
  format::write_safetensors(network, folder / "b.safetensors");
  const std::string file = content_of(folder / "a.safetensors");
  CHECK(file == content_of(folder / "b.safetensors"));
  std::uint64_t header = 0;
  std::memcpy(&header, file.data(), sizeof header);
  CHECK((8 + header) % 64 == 0);
  const format::Contents contents = read_safetensors(file);
  CHECK(contents.ordered);
  REQUIRE(contents.tensors.size() == 6);
  CHECK(contents.tensors[0].first == "fc\"1.weight");
  CHECK(contents.tensors[2].first == "net.10.weight");
  const model::Network back = format::read_network(base::ByteSource::over(as_bytes(file)), {});
  CHECK(back == network);
}

TEST_CASE("a network that lacks weights is not written, and an old file stays") {
  const Folder folder;
  folder.put("old", "old");
  model::Network network = sample();
  std::get<model::Linear>(network.layers[0].op).bias = Tensor();
  CHECK(has(failure([&] { format::write_safetensors(network, folder / "old"); }), "bias has no values"));
  CHECK(content_of(folder / "old") == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("every beginning of a file is an error, and every changed bit of its header an error or a valid file") {
  const std::string file =
      safetensors_file({{"0.weight", Tensor({2, 3}, {1, 2, 3, 4, 5, 6})}, {"0.bias", Tensor({2}, {7, 8})}},
                       R"x({"lamina.architecture":"nn.Sequential(nn.Linear(3, 2))"})x");
  const auto load = [](const std::string& bytes) {
    return failure([&] { (void)format::read_network(base::ByteSource::over(as_bytes(bytes)), {}); });
  };
  CHECK(load(file) == "no error");
  for (std::size_t size = 0; size < file.size(); ++size) CHECK(load(file.substr(0, size)) != "no error");
  std::size_t valid = 0;
  for (std::size_t bit = 0; bit < 8 * (file.size() - 32); ++bit) {
    std::string changed = file;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const std::string result = load(changed);
    if (result == "no error") ++valid;
    if (result.starts_with("internal")) FAIL("bit " << bit << ": " << result);
  }
  CHECK(valid < file.size());
}

TEST_CASE("fields set to their extremes give an error") {
  const std::string file = safetensors_file({{"w", Tensor({2}, {1, 2})}});
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x7F} << 56, ~std::uint64_t{0}, std::uint64_t{100'000'000},
        std::uint64_t{file.size()}, std::uint64_t{file.size() - 7}}) {
    std::string changed = file;
    changed.replace(0, 8, little_endian(length, 8));
    CHECK(refusal(changed) != "no error");
  }
}
