// PyTorch files: both containers, tensors of every stride and type, checkpoints, whole modules, golden files of torch.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch.hpp"

#include "base/half.hpp"
#include "format/torch_reading.hpp"
#include "format/torch_writer.hpp"
#include "model/infer.hpp"
#include "model/print.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <sstream>

namespace {

using namespace lamina;
using namespace lamina::test;
using format::Contents;

std::string names(const Contents& contents) {
  std::string text;
  for (const auto& [name, tensor] : contents.tensors) text += (text.empty() ? "" : " ") + name;
  return text;
}

/// "NAME SHAPE" per line and the elements, as make_pytorch.py wrote them.
void check_golden_tensors(const std::vector<format::NamedTensor>& tensors, std::istream& listing,
                          const std::string& data) {
  std::size_t at = 0;
  std::string line;
  for (const auto& [name, tensor] : tensors) {
    INFO(name);
    REQUIRE(std::getline(listing, line));
    CHECK(name + " " + to_string(tensor.shape()) == line);
    std::vector<float> expected(tensor.size());
    REQUIRE(at + 4 * expected.size() <= data.size());
    base::to_float32(base::FloatType::f32, as_bytes(data).subspan(at, 4 * expected.size()), expected);
    CHECK(values(tensor) == expected);
    at += 4 * expected.size();
  }
  CHECK_FALSE(std::getline(listing, line));
  CHECK(at == data.size());
}

}  // namespace

TEST_CASE("state_dicts that torch wrote are read in order and to the bit") {
  for (const std::string name : {"state_dict", "state_dict_legacy", "views", "checkpoint"}) {
    INFO(name);
    const Contents contents = read(golden(name + ".pt"));
    CHECK(contents.ordered);
    CHECK_FALSE(contents.network);
    std::istringstream listing(golden(name + ".txt"));
    check_golden_tensors(contents.tensors, listing, golden(name + ".f32"));
  }
}

TEST_CASE("a whole Sequential that torch wrote prints as in torch and has its weights") {
  const Contents contents = read(golden("module.pt"));
  REQUIRE(contents.network);
  std::istringstream listing(golden("module.txt"));
  const std::string printed = model::torch_repr(*contents.network);
  std::istringstream lines(printed);
  for (std::string line, expected; std::getline(lines, line);) {
    REQUIRE(std::getline(listing, expected));
    CHECK(line == expected);
  }
  std::vector<format::NamedTensor> tensors;
  for (const model::Layer& layer : model::flatten(*contents.network)) {
    for (const model::ConstSlot& slot : model::weight_slots(layer))
      tensors.emplace_back(layer.name + "." + slot.name, *slot.tensor);
  }
  check_golden_tensors(tensors, listing, golden("module.f32"));
  CHECK(contents.network->notes.empty());
}

TEST_CASE("a user class that torch wrote is refused by name, with what to do") {
  CHECK(error_of(golden("user_class.pt")).find("unsafe_content") == 0);
  CHECK(error_of(golden("user_class.pt")).find("'__main__.Net'") != std::string::npos);
  CHECK(error_of(golden("user_class.pt")).find("--arch") != std::string::npos);
}

TEST_CASE("both containers give the same tensors") {
  const auto write = [](TorchWriter& w) {
    w.text("fc.weight").floats({2, 3}, {1, 2, 3, 4, 5, 6});
    w.text("fc.bias").floats({2}, {-1, 0.5F});
  };
  const Contents zip = read(dict_file(write)), legacy = read(dict_file(write, true));
  CHECK(zip.tensors == legacy.tensors);
  CHECK(names(zip) == "fc.weight fc.bias");
  CHECK(values(zip.tensors[0].second) == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(zip.tensors[0].second.shape() == Shape{2, 3});
  CHECK(zip.ordered);
  CHECK(legacy.ordered);
}

TEST_CASE("a plain dict keeps its order in a zip, where Python 3 wrote it, and not in the old container") {
  for (const bool legacy : {false, true}) {
    TorchWriter writer(legacy);
    writer.dict().text("a").floats({1}, {1}).op("s");
    CHECK(read(writer.file()).ordered == !legacy);
  }
}

TEST_CASE("views with any strides become contiguous tensors") {
  const std::string file = dict_file([](TorchWriter& w) {
    w.add("s", "FloatStorage", 12, float_bytes({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
    w.text("transposed").view("s", 0, {4, 3}, {1, 4});
    w.text("offset").view("s", 10, {2}, {1});
    w.text("column").view("s", 1, {3, 1}, {4, 77});
    w.text("reordered").view("s", 0, {2, 3, 2}, {1, 4, 2});
    w.text("expanded").view("s", 3, {2, 3, 2}, {0, 0, 1});
    w.text("row_expanded").view("s", 3, {2, 2}, {4, 0});
    w.text("scalar").view("s", 7, {}, {});
    w.text("none").view("s", 12, {0, 5}, {5, 1});
  });
  const Contents contents = read(file);
  const auto value = [&](std::size_t i) { return values(contents.tensors.at(i).second); };
  CHECK(value(0) == std::vector<float>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
  CHECK(value(1) == std::vector<float>{10, 11});
  CHECK(value(2) == std::vector<float>{1, 5, 9});
  CHECK(value(3) == std::vector<float>{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11});
  CHECK(value(4) == std::vector<float>{3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4});
  CHECK(value(5) == std::vector<float>{3, 3, 7, 7});
  CHECK(value(6) == std::vector<float>{7});
  CHECK(contents.tensors[6].second.shape().empty());
  CHECK(contents.tensors[7].second.shape() == Shape{0, 5});
}

TEST_CASE("a damaged storage is found, read as a whole or by a part") {
  const std::string content = float_bytes({0, 1, 2, 3, 4, 5});
  for (const std::int64_t rows : {3, 2}) {  // all of it, or a part without the last row
    std::string file = dict_file([&](TorchWriter& w) {
      w.add("s", "FloatStorage", 6, content);
      w.text("x").view("s", 0, {rows, 2}, {2, 1});
    });
    CHECK(error_of(file) == "no error");
    file[file.find(content) + content.size() - 1] ^= 1;
    refused(file, "malformed", "is damaged: its CRC does not match");
  }
}

TEST_CASE("a large transposed weight, read in pieces, equals the transposition of the plain one") {
  constexpr std::int64_t kRows = 700, kColumns = 900;  // 2.5 MB: more than one piece
  std::string content;
  for (std::int64_t i = 0; i < kRows * kColumns; ++i) {
    content += little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(i)), 4);
  }
  const Contents contents = read(dict_file([&](TorchWriter& w) {
    w.add("s", "FloatStorage", kRows * kColumns, content);
    w.text("plain").view("s", 0, {kRows, kColumns}, {kColumns, 1});
    w.text("transposed").view("s", 0, {kColumns, kRows}, {1, kColumns});
    w.text("far").view("s", 5, {kRows, 2}, {kColumns, 450});
    w.text("near").view("s", 0, {kRows * kColumns / 2}, {2});
  }));
  const auto plain = contents.tensors[0].second.values(), transposed = contents.tensors[1].second.values();
  const auto far = contents.tensors[2].second.values(), near = contents.tensors[3].second.values();
  std::size_t wrong = 0;
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      const auto expected = static_cast<float>(r * kColumns + c);
      wrong += plain[r * kColumns + c] != expected;
      wrong += transposed[c * kRows + r] != expected;
    }
    wrong += far[2 * r] != static_cast<float>(r * kColumns + 5);
    wrong += far[2 * r + 1] != static_cast<float>(r * kColumns + 455);
  }
  for (std::size_t i = 0; i < near.size(); ++i) wrong += near[i] != static_cast<float>(2 * i);
  CHECK(wrong == 0);
}

TEST_CASE("float16, bfloat16 and float64 become float32") {
  const Contents contents = read(dict_file(
      [](TorchWriter& w) {
        w.add("h", "HalfStorage", 3, little_endian(0x3c00, 2) + little_endian(0xfbff, 2) + little_endian(0x0001, 2));
        w.add("b", "BFloat16Storage", 2, little_endian(0x3f80, 2) + little_endian(0x7f80, 2));
        w.add("d", "DoubleStorage", 2, little_endian(std::bit_cast<std::uint64_t>(0.1), 8) + little_endian(0, 8));
        w.text("h").view("h", 0, {3}, {1}).text("b").view("b", 0, {2}, {1}).text("d").view("d", 0, {2}, {1});
      },
      true));
  CHECK(values(contents.tensors[0].second) == std::vector<float>{1, -65504, std::ldexp(1.0F, -24)});
  CHECK(values(contents.tensors[1].second) == std::vector<float>{1, std::numeric_limits<float>::infinity()});
  CHECK(values(contents.tensors[2].second) == std::vector<float>{0.1F, 0});
}

TEST_CASE("integers are left aside with a note, num_batches_tracked without one") {
  const Contents contents = read(dict_file([](TorchWriter& w) {
    w.add("i", "LongStorage", 1, little_endian(5, 8));
    w.text("0.weight").floats({1}, {1}).text("0.num_batches_tracked").view("i", 0, {}, {});
    w.text("index").view("i", 0, {1}, {1});
  }));
  CHECK(names(contents) == "0.weight");
  CHECK(notes_contain(contents.notes, "'index' was left aside: its elements are int64"));
  CHECK_FALSE(notes_contain(contents.notes, "num_batches_tracked"));
}

TEST_CASE("parameters of every age are tensors") {
  const Contents contents = read(dict_file([](TorchWriter& w) {
    w.text("new").global("torch._utils", "_rebuild_parameter").mark().floats({1}, {1}).boolean(true).ordered_dict();
    w.tuple().reduce();
    w.text("state").global("torch._utils", "_rebuild_parameter_with_state").mark().floats({1}, {2}).boolean(true);
    w.ordered_dict().dict().tuple().reduce();
    w.add("o", "FloatStorage", 1, float_bytes({3}));
    w.text("old").global("torch.nn.parameter", "Parameter").global("torch._utils", "_rebuild_tensor").mark();
    w.storage_id("FloatStorage", "o", 1).integer(0).integers({1}).integers({1}).tuple().reduce().op("\x85").reduce();
    w.boolean(true).boolean(false).none().op("\x87").build();
  }));
  REQUIRE(contents.tensors.size() == 3);
  CHECK(values(contents.tensors[0].second) == std::vector<float>{1});
  CHECK(values(contents.tensors[1].second) == std::vector<float>{2});
  CHECK(values(contents.tensors[2].second) == std::vector<float>{3});
}

TEST_CASE("the state_dict is found in what people save around it, and the notes say where") {
  for (const std::string key : {"state_dict", "model_state_dict", "model", "anything"}) {
    const Contents contents = read(dict_file([&](TorchWriter& w) {
      w.text("epoch").integer(7).text("optimizer").dict().text("state").dict().op("s");
      w.text(key).ordered_dict().text("module.w").floats({1}, {1}).op("s");
    }));
    CHECK(names(contents) == "w");
    CHECK(notes_contain(contents.notes, "'" + key + "'"));
    CHECK(notes_contain(contents.notes, "took 'module.' off every name"));
  }
}

TEST_CASE("a wrapper wins over tensors beside it") {
  const Contents contents = read(dict_file([](TorchWriter& w) {
    w.text("best_loss").floats({1}, {0.5F});
    w.text("state_dict").ordered_dict().text("w").floats({1}, {1}).op("s");
  }));
  CHECK(names(contents) == "w");
}

TEST_CASE("several networks in one checkpoint are listed, and a prefix picks one") {
  const std::string file = dict_file([](TorchWriter& w) {
    w.text("actor").ordered_dict().text("w").floats({1}, {1}).op("s");
    w.text("critic").ordered_dict().text("w").floats({1}, {2}).op("s");
  });
  CHECK(error_of(file).find("unsupported_feature: the checkpoint holds more than one network: 'actor', 'critic'") == 0);
  CHECK(error_of(file).find("(--prefix), for instance actor.") != std::string::npos);
  LoadOptions options;
  options.prefix = "critic.";
  const Contents contents = read(file, options);
  CHECK(names(contents) == "critic.w");
  CHECK(values(contents.tensors[0].second) == std::vector<float>{2});
}

TEST_CASE("two of the usual keys, or a network beside tensors, are no clear choice") {
  CHECK(error_of(dict_file([](TorchWriter& w) {
          w.text("model").ordered_dict().text("w").floats({1}, {1}).op("s");
          w.text("state_dict").ordered_dict().text("w").floats({1}, {1}).op("s");
        })).find("more than one network: 'model', 'state_dict'") != std::string::npos);
  CHECK(error_of(dict_file([](TorchWriter& w) {
          w.text("w").floats({1}, {1});
          w.text("ema").ordered_dict().text("w").floats({1}, {1}).op("s");
        })).find("beside tensors of its own") != std::string::npos);
}

TEST_CASE("module. stays where not every name has it, or where the prefix asks for it") {
  const auto write = [](bool all) {
    return dict_file(
        [=](TorchWriter& w) { w.text("module.a").floats({1}, {1}).text(all ? "module.b" : "b").floats({1}, {1}); });
  };
  CHECK(names(read(write(true))) == "a b");
  CHECK(names(read(write(false))) == "module.a b");
  LoadOptions options;
  options.prefix = "module.";
  CHECK(names(read(write(true), options)) == "module.a module.b");
}

TEST_CASE("what holds no network is refused by what it is") {
  const auto refused = [](const std::function<void(TorchWriter&)>& write) { return error_of(torch_file(write)); };
  CHECK(refused([](TorchWriter& w) { w.none(); }).find("the file holds None") != std::string::npos);
  CHECK(refused([](TorchWriter& w) { w.op("]"); }).find("a list of 0 items") != std::string::npos);
  CHECK(refused([](TorchWriter& w) { w.floats({1}, {1}); }).find("a single tensor") != std::string::npos);
  CHECK(refused([](TorchWriter& w) { w.dict().text("epoch").integer(1).op("s"); }).find("no tensors in") !=
        std::string::npos);
  CHECK(refused([](TorchWriter& w) {
          w.dict().integer(1).floats({1}, {1}).op("s");
        }).find("name of a tensor: expected a string, got 1") != std::string::npos);
  CHECK(refused([](TorchWriter& w) { w.dict().text("a\n").floats({1}, {1}).op("s"); }).find("control character") !=
        std::string::npos);
  CHECK(refused([](TorchWriter& w) {
          w.dict().text(std::string(1025, 'a')).floats({1}, {1}).op("s");
        }).find("limit_exceeded: name of a tensor") == 0);
}
