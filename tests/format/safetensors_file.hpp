// A JSON header and data -> the bytes of a safetensors file; a file's bytes -> what lamina reads in them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/safetensors.hpp"
#include "support/failure.hpp"
#include "support/pickle_writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lamina::test {

inline std::string safetensors_file(const std::string& header, const std::string& data = {}) {
  return little_endian(header.size(), 8) + header + data;
}

/// "\"name\":{...}" of one tensor.
inline std::string tensor_entry(const std::string& name, const std::string& dtype, const Shape& shape,
                                std::uint64_t begin, std::uint64_t end) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + to_string(shape) + ",\"data_offsets\":[" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

/// F32 tensors one after another.
inline std::string safetensors_file(const std::vector<format::NamedTensor>& tensors, const std::string& metadata = {}) {
  std::string header = "{", data;
  if (!metadata.empty()) header += "\"__metadata__\":" + metadata;
  for (const auto& [name, tensor] : tensors) {
    const std::string bytes(reinterpret_cast<const char*>(tensor.data()), tensor.size() * sizeof(float));
    header += (header.size() > 1 ? "," : "") +
              tensor_entry(name, "F32", tensor.shape(), data.size(), data.size() + bytes.size());
    data += bytes;
  }
  return safetensors_file(header + "}", data);
}

inline format::Contents read_safetensors(const std::string& file, const LoadOptions& options = {}) {
  return format::read_safetensors(base::ByteSource::over(as_bytes(file)), options);
}

inline std::string refusal(const std::string& file, const LoadOptions& options = {}) {
  return failure([&] { (void)read_safetensors(file, options); });
}

}  // namespace lamina::test
