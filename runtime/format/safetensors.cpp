// A safetensors file -> its float tensors as float32, and the architecture text in its metadata.
// SPDX-License-Identifier: Apache-2.0
#include "format/safetensors.hpp"

#include "base/checked.hpp"
#include "base/half.hpp"
#include "format/safetensors/header.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::size_t kPieceElements = std::size_t{1} << 16;

/// A counter of the training that PyTorch stores beside BatchNorm; no answer depends on it.
bool is_counter(std::string_view name) {
  constexpr std::string_view kCounter = "num_batches_tracked";
  return name == kCounter || name.ends_with(".num_batches_tracked");
}

void check_weights(const std::vector<SafetensorsEntry>& entries, const Limits& limits) {
  base::CheckedU64 bytes = 0;
  for (const SafetensorsEntry& entry : entries) {
    const std::string place = "tensor " + base::quoted(entry.name);
    if (is_counter(entry.name)) continue;
    if (!entry.type) fail(Errc::dtype, place, "element type", "F32, F16, BF16 or F64", entry.dtype);
    if (entry.begin == entry.end) fail(Errc::shape_mismatch, place, "has no elements: " + to_string(entry.shape));
    bytes = bytes + base::CheckedU64(element_count(entry.shape)) * sizeof(float);
  }
  if (bytes > limits.weight_bytes) {
    fail(Errc::limit_exceeded, "weights", "size in float32",
         "at most " + std::to_string(limits.weight_bytes) + " bytes", std::to_string(bytes.value()));
  }
}

/// Straight into the tensor where the bytes are the floats, else piece by piece.
Tensor read_tensor(const base::ByteSource& source, const SafetensorsEntry& entry) {
  Tensor tensor(entry.shape);
  const std::span<float> values = tensor.mutable_values();
  if (*entry.type == base::FloatType::f32 && std::endian::native == std::endian::little) {
    source.read(entry.begin, std::as_writable_bytes(values));
    return tensor;
  }
  const std::size_t width = base::size_of(*entry.type);
  std::vector<std::byte> piece(std::min(kPieceElements, values.size()) * width);
  for (std::size_t done = 0; done < values.size(); done += kPieceElements) {
    const std::size_t count = std::min(kPieceElements, values.size() - done);
    const std::span<std::byte> bytes = std::span(piece).first(count * width);
    source.read(entry.begin + done * width, bytes);
    try {
      base::to_float32(*entry.type, bytes, values.subspan(done, count));
    } catch (const Error& error) {
      throw base::with_prefix(error, "tensor " + base::quoted(entry.name));
    }
  }
  return tensor;
}

}  // namespace

bool recognises_safetensors(const base::ByteSource& source) { return safetensors_data_offset(source).has_value(); }

Contents read_safetensors(const base::ByteSource& source, const LoadOptions& options) {
  SafetensorsHeader header = read_safetensors_header(source, options.limits);
  check_weights(header.entries, options.limits);
  Contents contents;
  contents.format = "safetensors";
  const auto metadata = [&](std::string_view key) {
    const auto found = header.metadata.find(key);
    return found == header.metadata.end() ? std::string() : found->second;
  };
  contents.architecture = metadata(kArchitectureKey);
  contents.ordered = metadata(kOrderKey) == kLayerOrder;
  for (const SafetensorsEntry& entry : header.entries) {
    if (!is_counter(entry.name)) contents.tensors.emplace_back(entry.name, read_tensor(source, entry));
  }
  return contents;
}

}  // namespace lamina::format
