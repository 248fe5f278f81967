// What a client is told: an answer, or why there is none.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::serve {

using Header = std::pair<std::string, std::string>;

struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::vector<Header> headers;  // beside Content-Type, Content-Length and Connection
  std::string body;
};

/// Thrown where a request cannot be answered: an HTTP status and one sentence for the client.
class Refused : public std::runtime_error {
 public:
  Refused(unsigned status, const std::string& message, std::vector<Header> headers = {})
      : std::runtime_error(message), status_(status), headers_(std::move(headers)) {}

  [[nodiscard]] unsigned status() const noexcept { return status_; }
  [[nodiscard]] const std::vector<Header>& headers() const noexcept { return headers_; }

 private:
  unsigned status_;
  std::vector<Header> headers_;
};

/// Refused{400, "WHAT: expected E, got G"}.
[[noreturn]] void refuse(const std::string& what, const std::string& expected, const std::string& got);

/// 'text', cut to what a message can hold.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// {"error": message}: the only form in which the protocol's clients look for a reason.
[[nodiscard]] Reply reply_of(const Refused& refused);
/// With the status that tells a load balancer whether to try elsewhere: 503 for a full queue or a late answer.
[[nodiscard]] Reply reply_of(const Error& error);

}  // namespace lamina::serve
