// Network -> a safetensors file: its architecture as text in the metadata, its weights in the order of the layers.
// SPDX-License-Identifier: Apache-2.0
#include "base/file_writer.hpp"
#include "base/little_endian.hpp"
#include "format/architecture/architecture.hpp"
#include "format/container/json.hpp"
#include "format/safetensors.hpp"
#include "format/safetensors/header.hpp"

#include <array>
#include <bit>
#include <span>
#include <utility>

namespace lamina::format {
namespace {

/// The data start on a cache line, so that a reader that maps the file has aligned tensors.
constexpr std::size_t kAlignment = 64;

std::string header_text(const model::Network& network, const std::vector<NamedTensor>& state) {
  const auto member = [](std::string_view key, std::string_view value) {
    return json_string(key) + ":" + json_string(value);
  };
  std::string text = "{" + json_string("__metadata__") + ":{" + member("format", "pt") + "," +
                     member(kArchitectureKey, write_architecture(network)) + "," + member(kOrderKey, kLayerOrder) + "}";
  std::uint64_t begin = 0;
  for (const auto& [name, tensor] : state) {
    const std::uint64_t end = begin + tensor.size() * sizeof(float);
    text += "," + json_string(name) + ":{" + member("dtype", "F32") + ",\"shape\":" + to_string(tensor.shape()) +
            ",\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
    begin = end;
  }
  text += "}";
  const std::size_t used = (sizeof(std::uint64_t) + text.size()) % kAlignment;
  return text + std::string((kAlignment - used) % kAlignment, ' ');
}

void write_values(base::FileWriter& file, std::span<const float> values) {
  if constexpr (std::endian::native == std::endian::little) {
    file.write(std::as_bytes(values));
  } else {
    std::array<std::byte, sizeof(float)> bytes;
    for (const float value : values) {
      base::store_le(std::bit_cast<std::uint32_t>(value), bytes.data());
      file.write(bytes);
    }
  }
}

}  // namespace

void write_safetensors(const model::Network& network, const std::filesystem::path& path) {
  std::vector<NamedTensor> state = state_of(network);
  if (network.golden) {
    state.emplace_back(kGoldenInput, network.golden->input);
    state.emplace_back(kGoldenOutput, network.golden->output);
  }
  const std::string header = header_text(network, state);
  std::array<std::byte, sizeof(std::uint64_t)> length;
  base::store_le(std::uint64_t{header.size()}, length.data());
  base::FileWriter file(path);
  file.write(length);
  file.write(header.data(), header.size());
  for (const auto& [name, tensor] : state) write_values(file, tensor.values());
  file.finish();
}

}  // namespace lamina::format
