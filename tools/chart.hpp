// Curves y(x) -> an SVG line chart.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lamina::tools {

struct Curve {
  std::string name;
  std::vector<float> y;  // at Chart::x
};

struct Chart {
  std::string title;
  std::vector<float> x;  // ascending
  std::vector<Curve> curves;
};

/// Deterministic text: the same chart gives the same bytes. Values that are not finite break their line.
[[nodiscard]] std::string to_svg(const Chart& chart);

}  // namespace lamina::tools
