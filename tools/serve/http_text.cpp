// Reply -> the bytes of an HTTP/1.1 response in front of its body.
// SPDX-License-Identifier: Apache-2.0
#include "serve/http_text.hpp"

#include <string_view>

namespace lamina::serve {
namespace {

struct Reason {
  unsigned status;
  std::string_view text;
};

constexpr Reason kReasons[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

std::string_view reason_of(unsigned status) {
  for (const Reason& reason : kReasons) {
    if (reason.status == status) return reason.text;
  }
  return "Unknown";
}

}  // namespace

std::string http_head(const Reply& reply, bool keep_alive) {
  std::string head;
  head.reserve(256);
  head.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ").append(reason_of(reply.status));
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append("\r\n").append(name).append(": ").append(value);
  };
  add("Content-Type", reply.content_type);
  add("Content-Length", std::to_string(reply.body.size()));
  for (const auto& [name, value] : reply.headers) add(name, value);
  add("Connection", keep_alive ? "keep-alive" : "close");
  head.append("\r\n\r\n");
  return head;
}

std::string http_refusal(const Refused& refused) {
  const Reply reply = reply_of(refused);
  return http_head(reply, false) + reply.body;
}

}  // namespace lamina::serve
