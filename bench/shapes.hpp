// The networks that every benchmark and every peer runs: one list, as data.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace lamina::bench {

enum class Act : std::uint8_t { none, relu, sigmoid, tanh, softmax };

struct Layer {
  std::int64_t out;
  Act act;
};

/// A chain of Linear layers, each with its activation.
struct Network {
  std::string_view name;
  std::int64_t in;
  std::span<const Layer> layers;
};

namespace networks {
inline constexpr Layer kSeed784[] = {{128, Act::relu}, {10, Act::softmax}};
inline constexpr Layer kTab32[] = {{64, Act::relu}, {64, Act::relu}, {1, Act::sigmoid}};
inline constexpr Layer kRl64[] = {{256, Act::tanh}, {256, Act::tanh}, {8, Act::tanh}};
inline constexpr Layer kNerf64[] = {{64, Act::relu}, {64, Act::relu}, {64, Act::relu}, {64, Act::relu}, {64, Act::relu},
                                    {64, Act::relu}, {64, Act::relu}, {64, Act::relu}, {16, Act::none}};
inline constexpr Layer kRec479[] = {
    {1024, Act::relu}, {1024, Act::relu}, {512, Act::relu}, {256, Act::relu}, {1, Act::sigmoid}};
inline constexpr Layer kBig1024[] = {{4096, Act::relu}, {4096, Act::relu}, {1024, Act::softmax}};
inline constexpr Layer kSquare512[] = {{512, Act::relu}};
inline constexpr Layer kThree256[] = {{256, Act::relu}, {256, Act::relu}};
inline constexpr Layer kDot4096[] = {{1, Act::none}};
inline constexpr Layer kWide10[] = {{1000, Act::relu}};
inline constexpr Layer kOdd33[] = {{77, Act::relu}, {5, Act::none}};
}  // namespace networks

/// nerf64: "64x9-16", nine layers of 64 in and 64 out but the last, which has 16 out.
inline constexpr std::array<Network, 11> kNetworks = {{
    {"seed784", 784, networks::kSeed784},
    {"tab32", 32, networks::kTab32},
    {"rl64", 64, networks::kRl64},
    {"nerf64", 64, networks::kNerf64},
    {"rec479", 479, networks::kRec479},
    {"big1024", 1024, networks::kBig1024},
    {"512-512", 512, networks::kSquare512},
    {"256-256-256", 256, networks::kThree256},
    {"4096-1", 4096, networks::kDot4096},
    {"10-1000", 10, networks::kWide10},
    {"33-77-5", 33, networks::kOdd33},
}};

inline constexpr std::array<std::int64_t, 8> kBatches = {1, 2, 4, 8, 16, 64, 512, 4096};

/// Multiply-adds count as two.
[[nodiscard]] constexpr double flops_per_row(const Network& network) {
  double flops = 0;
  std::int64_t in = network.in;
  for (const Layer& layer : network.layers) {
    flops += 2.0 * static_cast<double>(in) * static_cast<double>(layer.out);
    in = layer.out;
  }
  return flops;
}

}  // namespace lamina::bench
