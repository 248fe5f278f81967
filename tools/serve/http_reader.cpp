// Bytes of a connection -> HTTP/1.1 requests, bounded; no socket here. The only file that compiles Boost.Beast.
// SPDX-License-Identifier: Apache-2.0
#include "serve/http_reader.hpp"

#include "serve/reply.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string>
#include <utility>

namespace lamina::serve {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

[[noreturn]] void refuse_http(const beast::error_code& failure, const HttpLimits& limits) {
  if (failure == http::error::header_limit) {
    throw Refused(431, "header: expected at most " + std::to_string(limits.header_bytes) + " bytes, got more");
  }
  if (failure == http::error::body_limit) {
    throw Refused(413, "body: expected at most " + std::to_string(limits.body_bytes) + " bytes, got more");
  }
  throw Refused(400, "HTTP request: " + failure.message());
}

}  // namespace

bool BodyBudget::take(std::uint64_t bytes) noexcept {
  const auto amount = static_cast<std::int64_t>(bytes);
  if (free_.fetch_sub(amount) >= amount) return true;
  free_.fetch_add(amount);
  return false;
}

struct HttpReader::Parser : http::request_parser<http::string_body> {
  explicit Parser(const HttpLimits& limits) {
    header_limit(limits.header_bytes);
    body_limit(limits.body_bytes);
    eager(false);
  }
};

HttpReader::HttpReader(const HttpLimits& limits, BodyBudget& budget)
    : limits_(limits), budget_(budget), parser_(std::make_unique<Parser>(limits)) {}

HttpReader::~HttpReader() { budget_.give(charged_); }

std::size_t HttpReader::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (stage() != Stage::done) {
    const bool in_header = !parser_->is_header_done();
    beast::error_code failure;
    const std::size_t more = parser_->put(boost::asio::buffer(bytes.substr(taken)), failure);
    taken += more;
    if (in_header && parser_->is_header_done() && (!failure || failure == http::error::need_more)) begin_body();
    if (!in_header) charge(parser_->get().body().size());
    if (failure == http::error::need_more) break;
    if (failure) refuse_http(failure, limits_);
    if (taken == bytes.size() && more == 0) break;
  }
  return taken;
}

/// What the header says about the body is known; nothing of it has been read.
void HttpReader::begin_body() {
  const auto& request = parser_->get();
  if (request.count(http::field::content_length) != 0 && request.count(http::field::transfer_encoding) != 0) {
    throw Refused(400, "header: expected Content-Length or Transfer-Encoding, got both");
  }
  const auto length = parser_->content_length();
  if (length && *length > limits_.body_bytes) refuse_http(http::error::body_limit, limits_);
  const auto coding = request.find(http::field::transfer_encoding);
  if (coding != request.end() &&
      (request.version() < 11 || !parser_->chunked() || !beast::iequals(coding->value(), "chunked"))) {
    // Beast takes others for no body at all, and what follows for the next request.
    throw Refused(501, "Transfer-Encoding: expected chunked, got " + in_quotes(view_of(coding->value())));
  }
  const auto expect = request.find(http::field::expect);
  if (expect != request.end()) {
    if (!beast::iequals(expect->value(), "100-continue")) {
      throw Refused(417, "Expect: expected 100-continue, got " + in_quotes(view_of(expect->value())));
    }
    expectation_ = !parser_->is_done();
  }
  parser_->eager(true);
}

/// So many bytes of the body have come.
void HttpReader::charge(std::uint64_t bytes) {
  if (bytes <= charged_) return;
  if (!budget_.take(bytes - charged_)) {
    throw Refused(503, "body: no memory left for requests of all clients together", {{"Retry-After", "1"}});
  }
  charged_ = bytes;
}

HttpReader::Stage HttpReader::stage() const noexcept {
  if (parser_->is_done()) return Stage::done;
  return parser_->is_header_done() ? Stage::body : Stage::header;
}

bool HttpReader::take_expectation() noexcept { return std::exchange(expectation_, false); }

Request HttpReader::request() const {
  const auto& request = parser_->get();
  const auto field = [&](const auto& name) {
    const auto found = request.find(name);
    return found == request.end() ? std::nullopt : std::optional(view_of(found->value()));
  };
  return {view_of(request.method_string()), view_of(request.target()), field("Inference-Header-Content-Length"),
          field(http::field::content_encoding), request.body()};
}

bool HttpReader::keep_alive() const { return parser_->keep_alive(); }

void HttpReader::next() {
  budget_.give(std::exchange(charged_, 0));
  expectation_ = false;
  parser_ = std::make_unique<Parser>(limits_);
}

}  // namespace lamina::serve
