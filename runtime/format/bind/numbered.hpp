// Names with numbers in them -> what is left without the numbers, and the numbers: for natural order (fc2 before fc10).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

/// "blocks.#.fc#" and {1, 2} of "blocks.1.fc2".
struct Numbered {
  std::string skeleton;
  std::vector<std::uint64_t> numbers;
};

[[nodiscard]] Numbered numbered(std::string_view name);

}  // namespace lamina::format
