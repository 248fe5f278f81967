// Bytes -> HTTP requests, in one piece and in two: the same ones.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/survive.hpp"
#include "serve/http_reader.hpp"
#include "serve/reply.hpp"

#include <algorithm>

namespace {

using namespace lamina;

constexpr serve::HttpLimits kLimits = {.header_bytes = 1024, .body_bytes = 4096};

/// What a server would see of a connection that sends `bytes` in pieces of `piece`.
std::string seen(std::string_view bytes, std::size_t piece) {
  serve::BodyBudget budget(1 << 20);
  serve::HttpReader reader(kLimits, budget);
  std::string inbox, log;
  try {
    for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
      inbox += bytes.substr(begin, piece);
      for (std::size_t taken = 1; taken != 0;) {
        taken = reader.feed(inbox);
        inbox.erase(0, taken);
        if (reader.stage() != serve::HttpReader::Stage::done) continue;
        const serve::Request request = reader.request();
        if (request.body.size() > kLimits.body_bytes) throw std::logic_error("a body beyond its limit");
        log.append(request.method).append(" ").append(request.target).append(" ").append(request.body);
        log += reader.keep_alive() ? '+' : '-';
        reader.next();
      }
    }
  } catch (const serve::Refused& refused) {
    if (refused.status() < 400 || refused.status() > 503) throw std::logic_error("not a refusal for a client");
    // How soon a broken header is refused may depend on the pieces: no request follows it either way.
  }
  return log;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text(data, size);
  const std::string whole = seen(bytes, std::max<std::size_t>(1, size));
  if (whole != seen(bytes, std::max<std::size_t>(1, size / 2))) throw std::logic_error("pieces change what is read");
  return 0;
}
