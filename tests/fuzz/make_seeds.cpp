// The tests' own writers -> seeds/<target>/<name>, the committed binary files that fuzzing starts from.
// SPDX-License-Identifier: Apache-2.0
#include "data/numpy_files.hpp"
#include "format/torch_writer.hpp"
#include "format/zip_writer.hpp"
#include "support/onnx_message.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace {

using namespace lamina::test;

class Seeds {
 public:
  explicit Seeds(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void put(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  }

 private:
  std::filesystem::path folder_;
};

/// Fits Sequential(Linear(3, 2), ReLU(), Linear(2, 1)).
void write_state(TorchWriter& writer) {
  writer.ordered_dict().mark();
  writer.text("0.weight").floats({2, 3}, {1, 2, 3, 4, 5, 6}).text("0.bias").floats({2}, {7, 8});
  writer.text("2.weight").floats({1, 2}, {9, 10}).text("2.bias").floats({1}, {11});
  writer.items();
}

void write_module(TorchWriter& writer) {
  writer.sequential([](TorchWriter& w) {
    w.text("0").linear({1, 2, 3, 4, 5, 6}, {7, 8});
    w.text("1").plain_module("activation", "ELU", [](TorchWriter& a) { a.text("alpha").real(1); });
    w.text("2").sequential([](TorchWriter& inner) {
      inner.text("0").plain_module("dropout", "Dropout", [](TorchWriter& a) { a.text("p").real(0.5); });
      inner.text("1").plain_module("activation", "Softmax", [](TorchWriter& a) { a.text("dim").integer(1); });
    });
  });
}

void write_checkpoint(TorchWriter& writer) {
  writer.dict().mark().text("epoch").integer(3).text("loss").real(0.25).text("done").boolean(true).text("state_dict");
  write_state(writer);
  writer.items();
}

void torch_seeds(const Seeds& seeds) {
  const std::pair<const char*, void (*)(TorchWriter&)> kinds[] = {
      {"state", write_state}, {"module", write_module}, {"checkpoint", write_checkpoint}};
  for (const auto& [name, write] : kinds) {
    TorchWriter zip, legacy(true);
    write(zip);
    write(legacy);
    seeds.put("pytorch/" + std::string(name) + ".pt", zip.file());
    seeds.put("pytorch/" + std::string(name) + "_legacy.pt", legacy.file());
    seeds.put("pickle/" + std::string(name) + ".pkl", zip.done());
  }
  seeds.put("pickle/opcodes.pkl", PickleWriter()
                                      .op("]q\x01(K\x01M\x02\x03J\x04\x05\x06\x07\x8a\x01\x7f")
                                      .real(0.5)
                                      .op("U\x02hi\x8f\x88\x89\x85\x86\x87)e")
                                      .done());
}

void onnx_seeds(const Seeds& seeds) {
  using namespace onnx;
  const std::string w = tensor("w", {2, 2}, float_bytes({1, 2, 3, 4})), b = tensor("b", {2}, float_bytes({5, 6}));
  const std::string one = tensor("one", {}, float_bytes({1})), half = tensor("half", {}, float_bytes({0.5F}));
  const auto put = [&](const std::string& name, const std::vector<std::string>& nodes, std::int64_t opset = 17) {
    seeds.put("onnx/" + name + ".onnx", model({.nodes = nodes, .initializers = {w, b, one, half}, .opset = opset}));
  };
  put("gemm", {node("Gemm", {"x", "w", "b"}, "g", {float_attribute("alpha", 0.5F), int_attribute("transB", 1)}),
               node("LeakyRelu", {"g"}, "r", {float_attribute("alpha", 0.1F)}),
               node("Softmax", {"r"}, "y", {int_attribute("axis", -1)})});
  put("matmul", {node("Sub", {"x", "b"}, "s"), node("MatMul", {"s", "w"}, "m"), node("Add", {"m", "b"}, "a"),
                 node("Identity", {"a"}, "i"), node("Dropout", {"i", "half"}, "y")});
  put("norms", {node("BatchNormalization", {"x", "b", "b", "b", "b"}, "n", {float_attribute("epsilon", 0.01F)}),
                node("LayerNormalization", {"n", "b", "b"}, "l"), node("Clip", {"l", "half", "one"}, "y")});
  put("silu", {node("Sigmoid", {"x"}, "s"), node("Mul", {"x", "s"}, "y")});
  put("gelu", {node("Div", {"x", "one"}, "d"), node("Erf", {"d"}, "e"), node("Add", {"e", "one"}, "a"),
               node("Mul", {"x", "a"}, "m"), node("Mul", {"m", "half"}, "y")});
  put("mish", {node("Softplus", {"x"}, "s"), node("Tanh", {"s"}, "t"), node("Mul", {"x", "t"}, "y")});
  put("shapes", {node("Flatten", {"x"}, "f", {int_attribute("axis", 1)}), node("Transpose", {"w"}, "t"),
                 node("MatMul", {"f", "t"}, "m"), node("Cast", {"m"}, "y", {int_attribute("to", 1)})});
  put("old",
      {node("PRelu", {"x", "b"}, "p"), node("LogSoftmax", {"p"}, "s", {int_attribute("axis", 1)}),
       node("Elu", {"s"}, "y")},
      9);
}

void zip_seeds(const Seeds& seeds) {
  const std::string text = "some text, some text, some text";
  const ZipMemberSpec stored = {.name = "a/b.json", .content = "{}"};
  const ZipMemberSpec deflated = {.name = "c", .content = text, .method = 8};
  seeds.put("zip/plain.zip", zip_of({{.name = "a/", .content = ""}, stored, deflated}, {.comment = "a comment"}));
  seeds.put("zip/wide.zip", zip_of({{.name = "w", .content = text, .zip64 = true}}, {.zip64 = true}));
  seeds.put("zip/descriptor.zip", zip_of({{.name = "d", .content = text, .method = 8, .descriptor = 16},
                                          {.name = "e", .content = text, .descriptor = 24, .extra = "FB\x02\x01ZZ"}}));
  seeds.put("zip/empty.zip", zip_of({}));
}

void array_seeds(const Seeds& seeds) {
  const std::string x = "\x93NUMPY";
  seeds.put("npy/float32.npy", kNumpySave);
  seeds.put("npz/two.npz", kNumpySavez);
  seeds.put("npz/deflated.npz", zip_of({{.name = "x.npy", .content = kNumpySave, .method = 8}}));
  int number = 0;
  for (const NumpyFile& file : numpy_files()) {
    if (file.version > 1 || file.shape.size() != 2 || file.shape[0] == 3) {  // one of each kind of header
      std::string header = file.dictionary;
      header.append(file.padded - header.size() - 1, ' ') += '\n';
      const int length_bytes = file.version == 1 ? 2 : 4;
      seeds.put(
          "npy/" + std::to_string(number) + ".npy",
          x + static_cast<char>(file.version) + '\0' + little_endian(header.size(), length_bytes) + header + file.data);
    }
    ++number;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::puts("usage: fuzz_make_seeds FOLDER");
    return 2;
  }
  const Seeds seeds(arguments[1]);
  torch_seeds(seeds);
  zip_seeds(seeds);
  onnx_seeds(seeds);
  array_seeds(seeds);
}
