// Broken and hostile torch files: every one is an Error that says what is wrong, or a valid result; none harms.
// SPDX-License-Identifier: Apache-2.0
#include "format/torch_reading.hpp"
#include "format/torch_writer.hpp"
#include "model/infer.hpp"
#include "support/bit_flips.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

namespace {

using namespace lamina;
using namespace lamina::test;

TorchWriter one_weight(bool legacy = false) {
  TorchWriter writer(legacy);
  writer.ordered_dict().mark().text("w").floats({2}, {1, 2}).items();
  return writer;
}

/// The tensor "w" over a storage "s" of four floats, in both containers.
void refused_view(const std::function<void(TorchWriter&)>& tensor, std::string_view code, std::string_view part) {
  for (const bool legacy : {false, true}) {
    refused(dict_file(
                [&](TorchWriter& w) {
                  w.add("s", "FloatStorage", 4, float_bytes({1, 2, 3, 4})).text("w");
                  tensor(w);
                },
                legacy),
            code, part);
  }
}

/// Small files of every kind, by torch and by our writer.
std::vector<std::string> small_files() {
  std::vector<std::string> files = {golden("state_dict_legacy.pt"), one_weight(false).file(), one_weight(true).file()};
  for (const bool legacy : {false, true}) {
    TorchWriter module(legacy);
    module.sequential([](TorchWriter& w) {
      w.text("0").linear({1, 2}, {3}).text("1").plain_module("activation", "ELU", [](TorchWriter& a) {
        a.text("alpha").real(1);
      });
    });
    files.push_back(module.file());
  }
  return files;
}

/// Reading gives a result or an Error; anything else (another exception, a sanitizer's report) fails the test.
void survive(const std::string& file) {
  const auto start = std::chrono::steady_clock::now();
  try {
    const format::Contents contents = read(file);
    if (contents.network) (void)model::input_shape(*contents.network);
  } catch (const Error& error) {
    REQUIRE(std::string_view(error.what()).size() < 8192);
    REQUIRE(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

}  // namespace

TEST_CASE("torch files cut off at any length are errors") {
  for (const std::string& file : small_files()) {
    for (std::size_t length = 0; length < file.size(); ++length) {
      INFO("length " << length << " of " << file.size());
      const std::string error = error_of(file.substr(0, length));
      REQUIRE(error != "no error");
    }
  }
}

TEST_CASE("torch files with any one bit flipped give an error or a valid result") {
  for (const std::string& file : small_files()) each_bit_flip(file, 4096, survive);
}

TEST_CASE("pickles with any one bit flipped, under a right CRC, give an error or a valid result") {
  for (const auto& make : {one_weight(false), [] {
                             TorchWriter module;
                             module.sequential([](TorchWriter& w) { w.text("0").linear({1, 2}, {3}); });
                             return module;
                           }()}) {
    const auto members = make.members();
    for (std::size_t i = 0; i < members[0].second.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        auto flipped = members;
        flipped[0].second[i] = static_cast<char>(static_cast<unsigned char>(flipped[0].second[i]) ^ (1U << bit));
        survive(TorchWriter::zip_file(flipped));
      }
    }
  }
}

TEST_CASE("T-01: sizes whose products overflow are refused") {
  constexpr std::int64_t kBig = 2147483647;
  refused_view([](TorchWriter& w) { w.view("s", 0, {kBig, kBig, kBig}, {1, 1, 1}); }, "limit_exceeded", "overflows");
  refused_view([](TorchWriter& w) { w.view("s", 0, {kBig, kBig}, {0, 0}); }, "limit_exceeded", "2^40");
  refused_view([](TorchWriter& w) { w.view("s", 0, {kBig + 1}, {0}); }, "limit_exceeded", "2^31 - 1");
  refused_view([](TorchWriter& w) { w.view("s", 0, {4}, {std::numeric_limits<std::int64_t>::max()}); },
               "limit_exceeded", "overflows");
  refused_view([](TorchWriter& w) { w.view("s", std::numeric_limits<std::int64_t>::max(), {1}, {1}); }, "malformed",
               "beyond its storage");
  TorchWriter huge;
  huge.ordered_dict().text("w").add("s", "DoubleStorage", std::uint64_t{1} << 62, "").view("s", 0, {1}, {1}).op("s");
  refused(huge.file(), "limit_exceeded", "overflows");
}

TEST_CASE("T-02: a storage has exactly the bytes that it declares") {
  for (const std::size_t bytes : {0, 4, 7, 9, 12}) {
    TorchWriter writer;
    writer.ordered_dict().text("w").add("s", "FloatStorage", 2, std::string(bytes, 'x')).view("s", 0, {1}, {1}).op("s");
    refused(writer.file(), "malformed", "2 elements of float32");
  }
  TorchWriter legacy = one_weight(true);
  legacy.storages[0].bytes += 'x';
  refused(legacy.file(), "malformed", "1 bytes after the last storage");
  legacy.storages[0].bytes.resize(7);
  refused(legacy.file(), "truncated", "file ends within it");
}

TEST_CASE("T-03: expanded views are counted by what they become, before anything is allocated") {
  refused_view([](TorchWriter& w) { w.view("s", 0, {1 << 20, 1 << 10}, {0, 0}); }, "limit_exceeded", "bytes in all");
  LoadOptions options;
  options.limits.weight_bytes = 15;
  refused(dict_file([](TorchWriter& w) {
            w.text("w").floats({4}, {1, 2, 3, 4});
          }),
          "limit_exceeded", "at most 15", options);
  options.limits.weight_bytes = 16;
  CHECK(error_of(dict_file([](TorchWriter& w) { w.text("w").floats({4}, {1, 2, 3, 4}); }), options) == "no error");
  options.limits.tensors = 1;
  refused(dict_file([](TorchWriter& w) { w.text("a").floats({1}, {1}).text("b").floats({1}, {1}); }), "limit_exceeded",
          "more than 1 tensors", options);
}

TEST_CASE("T-05, T-11: every member of a torch zip has its place") {
  auto members = one_weight().members();
  members.emplace_back("extra", "?");
  refused(TorchWriter::zip_file(members), "malformed", "'archive/extra'");
  members.back() = {"data/7", "????"};
  refused(TorchWriter::zip_file(members), "malformed", "member that data.pkl does not refer to");
  members.back() = {".data/serialization_id", "42"};
  CHECK(error_of(TorchWriter::zip_file(members)) == "no error");
  members.pop_back();
  members.erase(members.begin() + 2);  // data/0
  refused(TorchWriter::zip_file(members), "truncated", "storage is missing");
  refused(stored_zip({{"archive/data.pkl", one_weight().done()}, {"other/version", "3"}}), "malformed", "version");
}

TEST_CASE("versions and byte orders other than the known ones are refused") {
  const auto with = [](const std::string& name, const std::string& content) {
    auto members = one_weight().members();
    for (auto& member : members) {
      if (member.first == name) member.second = content;
    }
    return TorchWriter::zip_file(members);
  };
  for (const std::string version : {"1", "11", "x", "", "3x", "-3", "99999999999"}) {
    refused(with("version", version), "unsupported_feature", "2 to 10");
  }
  CHECK(error_of(with("version", "2")) == "no error");
  refused(with("version", std::string(65, '3')), "limit_exceeded", "version");
  refused(with("byteorder", "big"), "unsupported_feature", "save it again");
  auto members = one_weight().members();
  members.pop_back();
  refused(TorchWriter::zip_file(members), "malformed", "without a member 'version'");
}

TEST_CASE("archives that torch.save did not write say what they are") {
  refused(stored_zip({{"data", "{}"}, {"policy.pth", "PK"}}), "unsupported_feature", "load 'policy.pth'");
  refused(stored_zip({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}, {"f", ""}}), "unsupported_feature",
          "'e', ...");
}

TEST_CASE("bare pickles are refused unread, whatever their protocol") {
  for (const std::string start : {"\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"}) {
    CHECK(format::recognises_pytorch(base::ByteSource::over(as_bytes(start + "N."))));
    refused(start + "N.", "unsafe_content", "state_dict");
  }
  CHECK_FALSE(format::recognises_pytorch(base::ByteSource::over(as_bytes("\x80\x01"))));
  CHECK_FALSE(format::recognises_pytorch(base::ByteSource::over(as_bytes("\x80"))));
  CHECK_FALSE(format::recognises_pytorch(base::ByteSource::over({})));
}

TEST_CASE("T-07: names outside the list are refused, and layers of torch.nn by what they are") {
  const auto global = [](std::string_view module, std::string_view name) {
    TorchWriter writer;
    writer.global(module, name).op(")R");
    return writer.file();
  };
  for (const auto& [module, name] :
       std::vector<std::pair<std::string, std::string>>{{"os", "system"},
                                                        {"builtins", "eval"},
                                                        {"posix", "system"},
                                                        {"torch", "load"},
                                                        {"__main__", "Net"},
                                                        {"torch.nn.modules.linear.Linear", "forward"},
                                                        {"collections", "Counter"},
                                                        {"numpy.core.multiarray", "scalar"},
                                                        {"torch._utils", "_rebuild_qtensor"},
                                                        {"torch.nn.modules.activation ", "ReLU"},
                                                        {"_codecs", "encode"}}) {
    INFO(module << " " << name);
    refused(global(module, name), module.starts_with("torch.nn.modules.") ? "unsupported_layer" : "unsafe_content",
            module + "." + name);
  }
  for (const auto& [module, name] : std::vector<std::pair<std::string, std::string>>{
           {"torch", "ComplexFloatStorage"}, {"torch", "QInt8Storage"}, {"torch.storage", "UntypedStorage"}}) {
    refused(global(module, name), "dtype", "element type of tensors: expected floats or integers of 8 to 64 bits, got");
    refused(global(module, name), "dtype", module + "." + name);
  }
  for (const auto& [file, name] : std::vector<std::pair<std::string, std::string>>{{"rnn", "LSTM"},
                                                                                   {"conv", "Conv2d"},
                                                                                   {"linear", "Bilinear"},
                                                                                   {"activation", "MultiheadAttention"},
                                                                                   {"batchnorm", "BatchNorm2d"},
                                                                                   {"normalization", "RMSNorm"},
                                                                                   {"container", "ModuleList"},
                                                                                   {"activation", "KerasReLU"},
                                                                                   {"activation", "Linear"},
                                                                                   {"linear", "ReLU"}}) {
    INFO(file << " " << name);
    refused(global("torch.nn.modules." + file, name), "unsupported_layer", name);
  }
  TorchWriter both;
  both.global("torch.nn.modules.rnn", "LSTM").global("__main__", "Net").op("\x86");
  refused(both.file(), "unsafe_content", "'torch.nn.modules.rnn.LSTM', '__main__.Net'");
}

TEST_CASE("T-08: a module of a million parts, of itself, or too deep is refused in time") {
  TorchWriter self;
  self.global("torch.nn.modules.container", "Sequential").op(")\x81").put(1).dict().mark();
  self.empty({"_parameters", "_buffers"}).text("_modules").ordered_dict().text("0").get(1).op("s").items().build();
  refused(self.file(), "limit_exceeded", "nested deeper than 16");

  TorchWriter towers;  // 12 levels, each the level below ten times
  towers.dict().text("model").sequential([&](TorchWriter& top) {
    top.text("a").plain_module("activation", "Tanh").put(100);
    for (std::uint32_t level = 1; level <= 12; ++level) {
      top.text("level" + std::to_string(level)).sequential([&](TorchWriter& w) {
        for (int i = 0; i < 10; ++i) w.text(std::to_string(i)).get(99 + level);
      });
      top.put(100 + level);
    }
  });
  towers.op("s");
  refused(towers.file(), "limit_exceeded", "more than 10000 layers");
}

TEST_CASE("T-09: views must lie within their storage") {
  refused_view([](TorchWriter& w) { w.view("s", 0, {5}, {1}); }, "malformed", "beyond its storage");
  refused_view([](TorchWriter& w) { w.view("s", 1, {4}, {1}); }, "malformed", "element 4");
  refused_view([](TorchWriter& w) { w.view("s", 0, {2, 2}, {3, 1}); }, "malformed", "at most 4 elements");
  refused_view([](TorchWriter& w) { w.view("s", -1, {1}, {1}); }, "malformed", "storage offset");
  refused_view([](TorchWriter& w) { w.view("s", 0, {-1}, {1}); }, "malformed", "size");
  refused_view([](TorchWriter& w) { w.view("s", 3, {2}, {-1}); }, "malformed", "stride");
  refused_view([](TorchWriter& w) { w.view("s", 0, {2, 2}, {1}); }, "malformed", "strides: expected 2, got 1");
  refused_view(
      [](TorchWriter& w) {
        w.view("s", 0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1});
      },
      "limit_exceeded", "8 dimensions");
  refused_view([](TorchWriter& w) { w.view("s", 0, {3, 2}, {1, 1}); }, "unsupported_feature", "share memory");
  refused_view([](TorchWriter& w) { w.view("s", 0, {2, 2}, {1, 1}); }, "unsupported_feature", "contiguous()");
}

TEST_CASE("persistent ids that are not of a storage, or contradict each other, are refused") {
  const auto id = [](const std::function<void(TorchWriter&)>& write, bool legacy = false) {
    TorchWriter writer(legacy);
    writer.mark().text("storage");
    write(writer);
    writer.tuple().op("Q");
    return writer.file();
  };
  refused(id([](TorchWriter& w) { w.global("torch", "FloatStorage"); }), "malformed", "5 or 6 items");
  refused(id([](TorchWriter& w) { w.none().text("0").text("cpu").integer(1); }), "malformed", "a storage class");
  refused(id([](TorchWriter& w) { w.global("torch", "float32").text("0").text("cpu").integer(1); }), "dtype",
          "storage");
  for (const std::string key : {"", "../0", "a/b", "a.b"}) {
    refused(id([&](TorchWriter& w) { w.global("torch", "FloatStorage").text(key).text("cpu").integer(1); }),
            "malformed", "key");
  }
  refused(
      id([](TorchWriter& w) { w.global("torch", "FloatStorage").text(std::string(65, '1')).text("cpu").integer(1); }),
      "malformed", "key");
  refused(id([](TorchWriter& w) { w.global("torch", "FloatStorage").text("0").none().integer(1); }), "malformed",
          "location");
  refused(id([](TorchWriter& w) { w.global("torch", "FloatStorage").text("0").text("cpu").integer(-1); }), "malformed",
          "element count");
  refused(id([](TorchWriter& w) { w.global("torch", "FloatStorage").text("0").text("cpu").integer(1).integers({1}); },
             true),
          "unsupported_feature", "view of another storage");
  for (const bool legacy : {false, true}) {
    TorchWriter twice(legacy);
    twice.storage_id("FloatStorage", "0", 1).storage_id("FloatStorage", "0", 2).op("\x86");
    refused(twice.file(), "malformed", "named twice");
    TorchWriter types(legacy);
    types.storage_id("FloatStorage", "0", 1).storage_id("IntStorage", "0", 1).op("\x86");
    refused(types.file(), "malformed", "named twice");
  }
}

TEST_CASE("the old container: every part in its order, every storage listed once") {
  const TorchWriter good = one_weight(true);
  const std::string head = TorchWriter::legacy_head(), magic = head.substr(0, 15);
  const std::string protocol = PickleWriter().integer(1001).done();
  const auto system = [](bool little) {
    return PickleWriter().dict().text("little_endian").boolean(little).op("s").done();
  };
  const auto keys = [](std::initializer_list<std::string> names) {
    PickleWriter list;
    list.op("](");
    for (const std::string& name : names) list.text(name);
    return list.op("e").done();
  };
  const std::string storage = little_endian(2, 8) + float_bytes({1, 2});
  CHECK(error_of(magic + protocol + system(true) + good.done() + keys({"0"}) + storage) == "no error");
  refused(magic, "truncated", "protocol");
  refused(magic + PickleWriter().integer(1000).done() + system(true), "unsupported_feature", "1001");
  refused(magic + protocol + system(false), "unsupported_feature", "big-endian");
  refused(magic + protocol + PickleWriter().dict().done(), "malformed", "little_endian");
  refused(head + good.done() + PickleWriter().none().done(), "malformed", "expected a list");
  refused(head + good.done() + PickleWriter().op("]").none().op("a").done(), "malformed", "expected strings");
  refused(head + good.done() + keys({}), "truncated", "storage is missing");
  refused(head + good.done() + keys({"0", "0"}) + storage + storage, "malformed", "listed twice");
  refused(head + good.done() + keys({"1"}) + storage, "malformed", "no tensor refers to it");
  refused(head + good.done() + keys({"0"}) + little_endian(3, 8) + float_bytes({1, 2, 3}), "malformed",
          "element count");
  refused(head + good.done() + keys({"0"}) + little_endian(2, 7), "truncated", "");
  refused(head + good.done() + keys({"0"}) + storage + "x", "malformed", "1 bytes after");
}

TEST_CASE("calls that rebuild tensors are checked argument by argument") {
  const auto call = [](std::string_view name, const std::function<void(TorchWriter&)>& arguments) {
    return dict_file([&](TorchWriter& w) {
      w.add("s", "FloatStorage", 1, float_bytes({1})).text("w").global("torch._utils", name).mark();
      arguments(w);
      w.tuple().reduce();
    });
  };
  const auto storage = [](TorchWriter& w) -> TorchWriter& { return w.storage_id("FloatStorage", "s", 1); };
  refused(call("_rebuild_tensor_v2", [&](TorchWriter& w) { storage(w); }), "malformed", "6 or 7");
  refused(call("_rebuild_tensor", [&](TorchWriter& w) { storage(w).integer(0); }), "malformed", "expected 4");
  refused(call("_rebuild_tensor", [&](TorchWriter& w) { storage(w).none().integers({1}).integers({1}); }), "malformed",
          "storage offset");
  refused(call("_rebuild_tensor", [&](TorchWriter& w) { storage(w).integer(0).none().integers({1}); }), "malformed",
          "a tuple");
  refused(call("_rebuild_tensor", [&](TorchWriter& w) { storage(w).integer(0).integers({1}).text("x").op("\x85"); }),
          "malformed", "stride");
  refused(call("_rebuild_tensor_v2",
               [&](TorchWriter& w) {
                 storage(w)
                     .integer(0)
                     .integers({1})
                     .integers({1})
                     .boolean(false)
                     .none()
                     .dict()
                     .text("conj")
                     .boolean(true)
                     .op("s");
               }),
          "unsupported_feature", "further state");
  refused(call("_rebuild_parameter", [&](TorchWriter& w) { w.view("s", 0, {1}, {1}); }), "malformed", "expected 3");
  refused(call("_rebuild_parameter_with_state",
               [&](TorchWriter& w) { w.view("s", 0, {1}, {1}).none().none().integers({1}); }),
          "unsupported_feature", "further state");
  TorchWriter swapped;
  swapped.ordered_dict()
      .text("w")
      .global("torch._utils", "_rebuild_tensor")
      .mark()
      .none()
      .integer(0)
      .integers({1})
      .integers({1});
  swapped.tuple().reduce().op("s");
  refused(swapped.file(), "malformed", "a storage");
  TorchWriter parameter;
  parameter.ordered_dict().text("w").global("torch._utils", "_rebuild_parameter").op("NNN\x87R").op("s");
  refused(parameter.file(), "malformed", "got None");
}

TEST_CASE("a million references to one dict are no million look-ups") {
  TorchWriter writer;
  writer.dict().mark().text("shared").dict().put(1).mark();
  for (int i = 0; i < 20000; ++i) writer.integer(i).none();
  writer.items();
  for (int i = 0; i < 20000; ++i) writer.text("k" + std::to_string(i)).get(1);
  writer.items();
  const auto start = std::chrono::steady_clock::now();
  refused(writer.file(), "missing_weight", "no tensors in a dict of 20001 items");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}
