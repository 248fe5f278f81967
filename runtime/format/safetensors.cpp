// A safetensors file -> its float tensors as float32, and the architecture text in its metadata.
// SPDX-License-Identifier: Apache-2.0
#include "format/safetensors.hpp"

#include "base/checked.hpp"
#include "base/half.hpp"
#include "format/safetensors/header.hpp"

#include <utility>

namespace lamina::format {
namespace {

using base::fail;

/// A counter of the training that PyTorch stores beside BatchNorm; no answer depends on it.
bool is_counter(std::string_view name) {
  constexpr std::string_view kCounter = "num_batches_tracked";
  return name == kCounter || name.ends_with(".num_batches_tracked");
}

Tensor* golden_place(GoldenVectors& golden, std::string_view name) {
  return name == kGoldenInput ? &golden.input : name == kGoldenOutput ? &golden.output : nullptr;
}

/// All that are no weights lamina reads, at once.
void check_types(const std::vector<SafetensorsEntry>& entries) {
  std::vector<std::string> problems;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.type || is_counter(entry.name)) continue;
    problems.push_back("tensor " + base::quoted(entry.name) + ": element type: expected F32, F16, BF16 or F64, got " +
                       entry.dtype);
  }
  if (problems.empty()) return;
  const std::string first = problems.front() + ": unused tensors can be allowed (--allow-unused)";
  throw Error(Errc::dtype, first, std::move(problems));
}

void check_sizes(const std::vector<SafetensorsEntry>& entries, const Limits& limits) {
  base::CheckedU64 bytes = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (is_counter(entry.name) || !entry.type) continue;
    if (entry.begin == entry.end) {
      fail(Errc::shape_mismatch, "tensor " + base::quoted(entry.name), "has no elements: " + to_string(entry.shape));
    }
    bytes = bytes + base::CheckedU64(element_count(entry.shape)) * sizeof(float);
  }
  if (bytes > limits.weight_bytes) {
    fail(Errc::limit_exceeded, "weights", "size in float32",
         "at most " + std::to_string(limits.weight_bytes) + " bytes", std::to_string(bytes.value()));
  }
}

Tensor read_tensor(const base::ByteSource& source, const SafetensorsEntry& entry) {
  Tensor tensor = Tensor::uninitialized(entry.shape);
  try {
    base::read_float32(source, entry.begin, *entry.type, tensor.mutable_values());
  } catch (const Error& error) {
    throw base::with_prefix(error, "tensor " + base::quoted(entry.name));
  }
  return tensor;
}

}  // namespace

bool recognises_safetensors(const base::ByteSource& source) { return safetensors_data_offset(source).has_value(); }

Contents read_safetensors(const base::ByteSource& source, const LoadOptions& options) {
  SafetensorsHeader header = read_safetensors_header(source, options.limits);
  if (!options.allow_unused) check_types(header.entries);
  check_sizes(header.entries, options.limits);
  Contents contents;
  contents.format = "safetensors";
  const auto metadata = [&](std::string_view key) {
    const auto found = header.metadata.find(key);
    return found == header.metadata.end() ? std::string() : found->second;
  };
  contents.architecture = metadata(kArchitectureKey);
  contents.ordered = metadata(kOrderKey) == kLayerOrder;
  GoldenVectors golden;
  for (const SafetensorsEntry& entry : header.entries) {
    if (is_counter(entry.name)) continue;
    if (!entry.type) {
      contents.notes.push_back("tensor " + base::quoted(entry.name) + " was left aside: its elements are " +
                               entry.dtype);
    } else if (Tensor* place = golden_place(golden, entry.name)) {
      *place = read_tensor(source, entry);
    } else {
      contents.tensors.emplace_back(entry.name, read_tensor(source, entry));
      contents.dtypes.push_back(entry.dtype);
    }
  }
  if (golden.input.empty() != golden.output.empty()) {
    fail(Errc::malformed, "golden vectors",
         "expected both " + std::string(kGoldenInput) + " and " + std::string(kGoldenOutput) + ", got one of them");
  }
  if (!golden.input.empty()) contents.golden = std::move(golden);
  return contents;
}

}  // namespace lamina::format
