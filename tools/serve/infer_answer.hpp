// The answers of a run -> what the client is sent, as JSON or binary.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/reply.hpp"
#include "serve/signature.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace lamina::serve {

struct Answer {
  const Signature& signature;
  std::optional<std::string> id;
  std::size_t rows = 0;
  std::span<const float> y;
  bool binary = false;
};

/// Throws Refused{400} where JSON is wanted and a number is not finite: JSON has none.
[[nodiscard]] Reply reply_of(const Answer& answer);

}  // namespace lamina::serve
