// Bytes and a reader -> a result or a lamina::Error; anything else ends the process, which is what a fuzzer looks for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"

#include <lamina/error.hpp>
#include <lamina/model.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

// libFuzzer's two entry points, which the replay program calls too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace lamina::fuzz {

/// Small, so that a declared size beyond them is seen as an error or, where a check is missing, as memory.
inline Limits limits() {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  return {.file_bytes = kMiB, .weight_bytes = 8 * kMiB, .header_bytes = kMiB, .text_bytes = kMiB};
}

inline std::span<const std::byte> bytes(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}
inline base::ByteSource source(const std::uint8_t* data, std::size_t size) {
  return base::ByteSource::over(bytes(data, size));
}
inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// An Error is one line of bounded length, and never lamina's own defect.
inline void check(const Error& error) {
  const std::string_view what = error.what();
  const bool blames_input = error.code() != Errc::internal && error.code() != Errc::out_of_memory;
  if (blames_input && !what.empty() && what.size() < 8192 && what.find('\n') == what.npos) return;
  throw std::logic_error("not an error for a user: " + std::string(to_string(error.code())) + ": " + error.what());
}

template <class Read>
int survive(Read read) {
  try {
    read();
  } catch (const Error& error) {
    check(error);
  }
  return 0;
}

}  // namespace lamina::fuzz
