// Reply -> the bytes of an HTTP/1.1 response in front of its body.
// SPDX-License-Identifier: Apache-2.0
#include "serve/http_text.hpp"

#include <cstdio>
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

/// "Tue, 24 Nov 2026 16:10:53 GMT", whatever the locale.
std::string date_text(std::time_t now) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm date = {};
  gmtime_r(&now, &date);
  char text[64];
  const int length =
      std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", kDays[date.tm_wday], date.tm_mday,
                    kMonths[date.tm_mon], 1900 + date.tm_year, date.tm_hour, date.tm_min, date.tm_sec);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace

std::string http_head(const Reply& reply, bool keep_alive, std::time_t now) {
  std::string head;
  head.reserve(256);
  head.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ").append(reason_of(reply.status));
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append("\r\n").append(name).append(": ").append(value);
  };
  add("Date", date_text(now));
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
