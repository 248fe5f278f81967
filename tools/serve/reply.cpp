// What a client is told: an answer, or why there is none.
// SPDX-License-Identifier: Apache-2.0
#include "serve/reply.hpp"

#include "serve/json_text.hpp"

namespace lamina::serve {
namespace {

constexpr std::size_t kMostQuoted = 100;

Reply error_reply(unsigned status, std::string_view message, const std::vector<Header>& headers) {
  Reply reply;
  reply.status = status;
  reply.headers = headers;
  reply.body = "{\"error\":";
  append_json_string(reply.body, message);
  reply.body += '}';
  return reply;
}

unsigned status_of(Errc code) {
  switch (code) {
    case Errc::unavailable:
    case Errc::deadline_exceeded:
    case Errc::out_of_memory:
      return 503;
    case Errc::cancelled:
      return 499;  // the client is gone: for the metrics alone
    case Errc::invalid_argument:
    case Errc::shape_mismatch:
      return 400;
    default:
      return 500;
  }
}

}  // namespace

void refuse(const std::string& what, const std::string& expected, const std::string& got) {
  throw Refused(400, what + ": expected " + expected + ", got " + got);
}

std::string in_quotes(std::string_view text) {
  std::string result = "'" + std::string(text.substr(0, kMostQuoted));
  if (text.size() > kMostQuoted) result += "...";
  return result + "'";
}

Reply reply_of(const Refused& refused) { return error_reply(refused.status(), refused.what(), refused.headers()); }

Reply reply_of(const Error& error) {
  const unsigned status = status_of(error.code());
  return error_reply(status, error.what(),
                     status == 503 ? std::vector<Header>{{"Retry-After", "1"}} : std::vector<Header>{});
}

}  // namespace lamina::serve
