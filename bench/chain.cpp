// Chains of dense layers: drawn from a seed, written to and read from a file.
// SPDX-License-Identifier: Apache-2.0
#include "chain.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <stdexcept>

namespace lamina::bench {
namespace {

template <typename T>
void put(std::ostream& file, const T& value) {
  file.write(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T get(std::istream& file) {
  T value{};
  file.read(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

void put_floats(std::ostream& file, const std::vector<float>& values) {
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
}

std::vector<float> get_floats(std::istream& file, std::size_t count) {
  std::vector<float> values(count);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(float)));
  return values;
}

}  // namespace

std::size_t Chain::widest_hidden() const {
  std::size_t widest = 0;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) widest = std::max(widest, layers[l].out);
  return widest;
}

double Chain::flops_per_row() const {
  double flops = 0;
  for (const Dense& layer : layers) flops += 2.0 * static_cast<double>(layer.weight.size());
  return flops;
}

double Chain::weight_bytes() const {
  double count = 0;
  for (const Dense& layer : layers) count += static_cast<double>(layer.weight.size() + layer.bias.size());
  return count * sizeof(float);
}

Chain draw_chain(const Network& network) {
  Chain chain{std::string(network.name), {}};
  std::mt19937 engine(1);
  auto in = static_cast<std::size_t>(network.in);
  for (const Layer& layer : network.layers) {
    const float bound = 1.0f / std::sqrt(static_cast<float>(in));
    std::uniform_real_distribution<float> uniform(-bound, bound);
    Dense dense{in, static_cast<std::size_t>(layer.out), layer.act, {}, {}};
    dense.weight.resize(dense.in * dense.out);
    dense.bias.resize(dense.out);
    for (float& v : dense.weight) v = uniform(engine);
    for (float& v : dense.bias) v = uniform(engine);
    in = dense.out;
    chain.layers.push_back(std::move(dense));
  }
  return chain;
}

void write_chain(const Chain& chain, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  put(file, chain.layers.size());
  for (const Dense& layer : chain.layers) {
    put(file, layer.in);
    put(file, layer.out);
    put(file, layer.act);
    put_floats(file, layer.weight);
    put_floats(file, layer.bias);
  }
  if (!file.flush()) throw std::runtime_error(path.string() + ": could not be written");
}

Chain read_chain(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Chain chain;
  const auto layers = get<std::size_t>(file);
  for (std::size_t l = 0; file && l < layers; ++l) {
    Dense dense;
    dense.in = get<std::size_t>(file);
    dense.out = get<std::size_t>(file);
    dense.act = get<Act>(file);
    dense.weight = get_floats(file, dense.in * dense.out);
    dense.bias = get_floats(file, dense.out);
    chain.layers.push_back(std::move(dense));
  }
  if (!file) throw std::runtime_error(path.string() + ": could not be read");
  return chain;
}

}  // namespace lamina::bench
