// The header of a safetensors file -> checked entries that cover its data exactly, and its metadata.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "base/half.hpp"

#include <lamina/model.hpp>
#include <lamina/tensor.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

inline constexpr std::string_view kArchitectureKey = "lamina.architecture";
/// Value kLayerOrder: the tensors are in the order of the layers. Only lamina writes it; a file from elsewhere that
/// carries an architecture has its tensors sorted by name, as the reference writer does.
inline constexpr std::string_view kOrderKey = "lamina.order";
inline constexpr std::string_view kLayerOrder = "layers";

/// Tensors that are no weights but rows and their answers.
inline constexpr std::string_view kGoldenInput = "lamina.golden.input";
inline constexpr std::string_view kGoldenOutput = "lamina.golden.output";

struct SafetensorsEntry {
  std::string name;
  std::string dtype;                    // as written: "F32"
  std::optional<base::FloatType> type;  // absent where the elements are no floats that lamina reads
  Shape shape;
  std::uint64_t begin = 0, end = 0;  // within the source
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the order of their data
  std::map<std::string, std::string, std::less<>> metadata;
};

/// Offset of the data, or nullopt where the first bytes are those of no safetensors file.
[[nodiscard]] std::optional<std::uint64_t> safetensors_data_offset(const base::ByteSource& source);

/// Throws Error{truncated, malformed, limit_exceeded, dtype}.
[[nodiscard]] SafetensorsHeader read_safetensors_header(const base::ByteSource& source, const Limits& limits);

}  // namespace lamina::format
