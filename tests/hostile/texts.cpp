// Threats -> the architecture texts that carry them.
// SPDX-License-Identifier: Apache-2.0
#include "hostile/gallery.hpp"

namespace lamina::test {
namespace {

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

std::string nested(int depth) {
  return repeated("nn.Sequential(", depth) + "nn.ReLU()" + std::string(static_cast<std::size_t>(depth), ')');
}

std::string keras_json(const std::string& layer) {
  return R"({"class_name": "Sequential", "config": {"layers": [)" + layer + R"(]}, "keras_version": "3.4.1"})";
}

}  // namespace

std::vector<Hostile> hostile_texts() {
  const std::string file = "a.txt";
  return {
      {"T-07", "a call of os.system", file, "nn.Sequential(os.system('id'))", "unsupported_layer", "system"},
      {"T-07", "a call within an argument", file, "nn.Sequential(nn.Linear(__import__('os').getpid(), 1))", "malformed",
       ""},
      {"T-07", "Keras's Lambda", file,
       keras_json(R"({"class_name": "Lambda", "config": {"name": "l", "function": ["4wEAAA==", null, null]}})"),
       "unsupported_layer", "Lambda"},
      {"T-07", "a Keras class of another module", file,
       keras_json(R"({"module": "os", "class_name": "system", "config": {"name": "l"}})"), "unsupported_layer",
       "system"},
      {"T-10", "JSON with one key twice", file, R"({"class_name": "Sequential", "class_name": "Model"})", "malformed",
       "twice"},
      {"T-19", "no features", file, "nn.Sequential(nn.Linear(0, 1))", "invalid_argument", "in_features"},
      {"T-21", "JSON nested a hundred thousand deep", file, R"({"class_name": )" + std::string(100'000, '['),
       "limit_exceeded", "nested deeper"},
      {"T-21", "Sequential within Sequential, twenty deep", file, nested(20), "limit_exceeded", "at most 16 levels"},
      {"T-21", "Sequential within Sequential, ten thousand deep", file, nested(10'000), "limit_exceeded", "nested"},
      {"T-21", "parentheses, a hundred thousand deep", file,
       "nn.Sequential(nn.Linear(" + std::string(100'000, '(') + "1", "limit_exceeded", "nested"},
      {"T-25", "a thousand million features", file, "nn.Sequential(nn.Linear(1000000000, 1000000000))",
       "missing_weight", "'0.weight' [1000000000, 1000000000]"},
      {"T-25", "a probability of two", file, "nn.Sequential(nn.Dropout(2))", "invalid_argument", "p"},
      {"T-25", "an infinite slope", file, "nn.Sequential(nn.LeakyReLU(1e999))", "malformed", ""},
      {"T-25", "an epsilon below zero", file, "nn.Sequential(nn.BatchNorm1d(1, eps=-1))", "invalid_argument", "eps"},
  };
}

}  // namespace lamina::test
