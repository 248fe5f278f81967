// Small networks whose answers are exact in float32, saved for the program to load.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"

#include <lamina/lamina.hpp>

#include <cstring>
#include <fstream>

namespace lamina::test {
namespace {

const Tensor kSumWeight({3, 2}, {1, 0, 0, 1, 1, 1});
const Tensor kSumBias({3}, {0.5f, 0, -1});

std::string save_model(const Model& model, const std::filesystem::path& path) {
  save(model, path);
  return path.string();
}

Model filled(Model model, const Tensor& weight, const Tensor& bias) {
  model.load_state_dict({{"0.weight", weight}, {"0.bias", bias}});
  return model;
}

}  // namespace

std::string save_sum(const std::filesystem::path& path) {
  return save_model(filled(Sequential{Linear(2, 3)}, kSumWeight, kSumBias), path);
}

std::string save_relu_sum(const std::filesystem::path& path) {
  return save_model(filled(Sequential{Linear(2, 3), ReLU()}, kSumWeight, kSumBias), path);
}

std::string save_double(const std::filesystem::path& path) {
  return save_model(filled(Sequential{Linear(1, 1)}, Tensor({1, 1}, {2}), Tensor({1}, {0})), path);
}

std::string save_coupled(const std::filesystem::path& path) {
  return save_model(filled(Sequential{Linear(2, 3), Softmax(0)}, kSumWeight, kSumBias), path);
}

std::string save_wide(const std::filesystem::path& path) {
  Model model = Sequential{Linear(64, 32), Tanh(), Linear(32, 1)};
  model.randomize(1);
  return save_model(model, path);
}

std::string save_tensors_only(const std::filesystem::path& path) {
  const std::string header = R"({"fc1.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},)"
                             R"("fc1.bias":{"dtype":"F32","shape":[3],"data_offsets":[24,36]}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  bytes += header;
  for (const Tensor* tensor : {&kSumWeight, &kSumBias}) {
    bytes.append(reinterpret_cast<const char*>(tensor->data()), tensor->size() * sizeof(float));
  }
  std::ofstream(path, std::ios::binary) << bytes;
  return path.string();
}

}  // namespace lamina::test
