// Weights [out, in] -> panels [N / panel][K][panel] or padded rows [N][K].
// SPDX-License-Identifier: Apache-2.0
#include "plan/pack.hpp"

#include "base/checked.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lamina::plan {
namespace {

constexpr std::size_t kDotLanes = 16;  // kernel::kVirtualLanes

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

std::size_t checked_product(std::size_t a, std::size_t b) {
  return static_cast<std::size_t>((base::CheckedU64(a) * base::CheckedU64(b)).value());
}

void pack_panels(const float* w, PackedLinear& packed) {
  const std::size_t k = packed.k, n = packed.n, panel = packed.panel;
  for (std::size_t first = 0, index = 0; first < n; first += panel, ++index) {
    float* out = packed.weights.data() + index * packed.panel_stride;
    const std::size_t columns = std::min(panel, n - first);
    std::memset(out, 0, packed.panel_stride * sizeof(float));
    // 16 inputs at a time: each source row is read by whole cache lines while the destination lines stay in L1.
    for (std::size_t k0 = 0; k0 < k; k0 += 16) {
      const std::size_t k1 = std::min(k, k0 + 16);
      for (std::size_t c = 0; c < columns; ++c) {
        const float* row = w + (first + c) * k;
        for (std::size_t i = k0; i < k1; ++i) out[i * panel + c] = row[i];
      }
    }
  }
}

void pack_rows(const float* w, PackedLinear& packed) {
  for (std::size_t n = 0; n < packed.n; ++n) {
    float* out = packed.weights.data() + n * packed.panel_stride;
    std::copy_n(w + n * packed.k, packed.k, out);
    std::fill(out + packed.k, out + packed.panel_stride, 0.0f);
  }
}

}  // namespace

Reduction reduction_for(std::size_t, std::size_t n) noexcept {
  // A lone row of a narrow layer has too few independent additions to fill the fma latency (4 cycles): 16
  // outputs are one AVX-512 register, so 4 chains; 32 are two, so 2. Up to 4 outputs most lanes of a panel would idle.
  if (n <= 4) return {WeightLayout::dot, 1};
  if (n <= 16) return {WeightLayout::panel, 4};
  if (n <= 32) return {WeightLayout::panel, 2};
  return {WeightLayout::panel, 1};
}

PackedLinear pack(model::Linear& linear, const kernel::KernelTable& table) {
  PackedLinear packed;
  packed.k = static_cast<std::size_t>(linear.in_features);
  packed.n = static_cast<std::size_t>(linear.out_features);
  const Reduction reduction = reduction_for(packed.k, packed.n);
  packed.layout = reduction.layout;
  packed.chains = reduction.chains;

  std::size_t panels = packed.n;
  if (packed.layout == WeightLayout::dot) {
    packed.panel = 1;
    packed.panel_stride = round_up(packed.k, kDotLanes);
  } else {
    packed.panel = std::min(table.panel, round_up(packed.n, table.lanes));
    panels = (packed.n + packed.panel - 1) / packed.panel;
    packed.panel_stride = checked_product(packed.k, packed.panel);
    // Panels side by side must not start in the same cache set: one line of distance where they would.
    if (packed.panel_stride * sizeof(float) % 4096 == 0) packed.panel_stride += base::kCacheLine / sizeof(float);
  }
  packed.weights = base::AlignedFloats(checked_product(panels, packed.panel_stride));
  if (packed.layout == WeightLayout::dot) {
    pack_rows(linear.weight.data(), packed);
  } else {
    pack_panels(linear.weight.data(), packed);
  }
  linear.weight = Tensor();

  packed.bias = base::AlignedFloats(panels * packed.panel);
  std::fill(packed.bias.data(), packed.bias.data() + packed.bias.size(), 0.0f);
  if (linear.has_bias) std::copy_n(linear.bias.data(), packed.n, packed.bias.data());
  linear.bias = Tensor();
  return packed;
}

bool skipping_pays(const PackedLinear& packed, std::size_t model_weight_bytes) noexcept {
  constexpr std::size_t kL1 = std::size_t{32} << 10, kL3 = std::size_t{24} << 20;
  if (packed.layout != WeightLayout::panel || packed.chains != 1) return false;
  if (packed.weights.bytes() <= kL1 || model_weight_bytes > kL3) return false;
  const float* w = packed.weights.data();
  return std::all_of(w, w + packed.weights.size(), [](float v) { return std::isfinite(v); });
}

}  // namespace lamina::plan
