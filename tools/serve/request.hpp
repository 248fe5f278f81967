// What a client asks, whole, without the transport that brought it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

namespace lamina::serve {

/// The views last until the reply.
struct Request {
  std::string_view method, target;
  std::optional<std::string_view> json_length;  // Inference-Header-Content-Length
  std::optional<std::string_view> content_encoding;
  std::string_view body;
  std::stop_token gone = {};  // asks for an end where the client has left
};

}  // namespace lamina::serve
