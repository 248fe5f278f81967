// What one client may ask of a server: bytes and time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace lamina::serve {

struct HttpLimits {
  std::uint32_t header_bytes = 16 << 10;
  std::uint64_t body_bytes = std::uint64_t{64} << 20;
};

struct SessionLimits {
  HttpLimits http;
  std::chrono::milliseconds header_time{10'000};  // from its first byte, or from the connection
  std::chrono::milliseconds body_time{30'000};    // from the end of the header
  std::chrono::milliseconds write_time{30'000};   // of one answer
  std::chrono::milliseconds idle_time{75'000};    // between requests
};

}  // namespace lamina::serve
