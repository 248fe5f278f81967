// Threats -> the files of torch.save that carry them.
// SPDX-License-Identifier: Apache-2.0
#include "format/torch_writer.hpp"
#include "hostile/gallery.hpp"

#include <limits>

namespace lamina::test {
namespace {

/// The tensor "w" over a storage of four floats.
std::string with_view(std::int64_t offset, std::initializer_list<std::int64_t> sizes,
                      std::initializer_list<std::int64_t> strides) {
  return dict_file([&](TorchWriter& w) {
    w.add("s", "FloatStorage", 4, float_bytes({1, 2, 3, 4})).text("w").view("s", offset, sizes, strides);
  });
}

std::string calling(std::string_view module, std::string_view name) {
  return torch_file([&](TorchWriter& w) { w.global(module, name).text("id").op("\x85R"); });
}

std::string sequential_of_itself() {
  return torch_file([](TorchWriter& w) {
    w.global("torch.nn.modules.container", "Sequential").op(")\x81").put(1).dict().mark();
    w.empty({"_parameters", "_buffers"}).text("_modules").ordered_dict().text("0").get(1).op("s").items().build();
  });
}

/// Twelve levels, each the level below ten times: 10^12 layers in two KiB.
std::string billion_laughs() {
  return torch_file([](TorchWriter& w) {
    w.sequential([](TorchWriter& top) {
      top.text("a").plain_module("activation", "Tanh").put(100);
      for (std::uint32_t level = 1; level <= 12; ++level) {
        top.text("level" + std::to_string(level)).sequential([&](TorchWriter& inner) {
          for (int i = 0; i < 10; ++i) inner.text(std::to_string(i)).get(99 + level);
        });
        top.put(100 + level);
      }
    });
  });
}

std::string elu_with(double alpha) {
  return sequential_file([&](TorchWriter& w) {
    w.text("0").plain_module("activation", "ELU", [&](TorchWriter& a) { a.text("alpha").real(alpha); });
  });
}

}  // namespace

std::vector<Hostile> hostile_torch_files() {
  constexpr std::int64_t kBig = 2147483647;
  const std::string file = "a.pt";
  const auto state = [](const std::string& code) {
    return torch_file([&](TorchWriter& w) { w.ordered_dict().op(code); });
  };
  return {
      {"T-01", "sizes whose product overflows", file, with_view(0, {kBig, kBig, kBig}, {1, 1, 1}), "limit_exceeded",
       "overflows"},
      {"T-01", "an offset that overflows", file, with_view(std::numeric_limits<std::int64_t>::max(), {1}, {1}),
       "malformed", "beyond its storage"},
      {"T-02", "a storage of fewer bytes than declared", file,
       dict_file([](TorchWriter& w) { w.text("w").add("s", "FloatStorage", 2, "xxxx").view("s", 0, {1}, {1}); }),
       "malformed", "2 elements of float32"},
      {"T-03", "four GiB by strides of zero", file, with_view(0, {1 << 20, 1 << 10}, {0, 0}), "limit_exceeded",
       "bytes in all"},
      {"T-07", "os.system", file, calling("os", "system"), "unsafe_content", "os.system"},
      {"T-07", "builtins.eval in the older container", file,
       torch_file([](TorchWriter& w) { w.global("builtins", "eval").text("1").op("\x85R"); }, true), "unsafe_content",
       "builtins.eval"},
      {"T-07", "a class of the user", file, calling("__main__", "Net"), "unsafe_content", "__main__.Net"},
      {"T-08", "SETITEM on a tuple", file, state(")NNs"), "malformed", ""},
      {"T-08", "a memo entry that was never put", file, state("h\x07"), "malformed", ""},
      {"T-08", "a stack that is empty", file, state("00000"), "unsafe_content", ""},
      {"T-08", "REDUCE without a callee", file, state(")NR"), "malformed", ""},
      {"T-08", "a module within itself", file, sequential_of_itself(), "limit_exceeded", "nested deeper than 16"},
      {"T-08", "a billion laughs", file, billion_laughs(), "limit_exceeded", "more than 10000 layers"},
      {"T-09", "a view beyond its storage", file, with_view(1, {4}, {1}), "malformed", "beyond its storage"},
      {"T-09", "a negative stride", file, with_view(3, {2}, {-1}), "malformed", "stride"},
      {"T-25", "a slope that is NaN", file, elu_with(std::numeric_limits<double>::quiet_NaN()), "invalid_argument",
       "alpha"},
      {"T-25", "a slope that is infinite", file, elu_with(std::numeric_limits<double>::infinity()), "invalid_argument",
       "alpha"},
  };
}

}  // namespace lamina::test
