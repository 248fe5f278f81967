// Reply -> the bytes of an HTTP/1.1 response in front of its body.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/reply.hpp"

#include <ctime>
#include <string>

namespace lamina::serve {

/// Status line and headers, Content-Length of the body among them.
[[nodiscard]] std::string http_head(const Reply& reply, bool keep_alive, std::time_t now = std::time(nullptr));

/// A whole response of an error, for a connection that ends with it.
[[nodiscard]] std::string http_refusal(const Refused& refused);

}  // namespace lamina::serve
