// HTTP framing without a socket: pieces, pipelines, limits, and what must not be believed.
// SPDX-License-Identifier: Apache-2.0
#include "serve/http_reader.hpp"
#include "serve/http_text.hpp"
#include "serve/serving.hpp"

namespace lamina::test {
namespace {

using serve::HttpReader;
using Stage = HttpReader::Stage;

const std::string kPost =
    "POST /v2/models/m/infer HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
    "inference-header-content-length: 3\r\nContent-Encoding: gzip\r\n\r\nhello";

struct Reading {
  explicit Reading(std::uint64_t memory = 1000) : budget(memory) {}

  /// In pieces of `size`, as a socket may give them; the bytes that are left.
  std::string feed(const std::string& bytes, std::size_t size) {
    std::string inbox;
    for (std::size_t i = 0; i < bytes.size(); i += size) {
      inbox += bytes.substr(i, size);
      inbox.erase(0, reader.feed(inbox));
    }
    return inbox;
  }

  serve::BodyBudget budget;
  HttpReader reader{{.header_bytes = 300, .body_bytes = 100}, budget};
};

std::string refused(const std::string& bytes) {
  Reading reading;
  return refusal([&] { reading.feed(bytes, bytes.size()); });
}

TEST_CASE("a request is the same in whatever pieces it comes") {
  for (std::size_t size = 1; size <= kPost.size(); ++size) {
    INFO(size);
    Reading reading;
    CHECK(reading.feed(kPost, size).empty());
    REQUIRE(reading.reader.stage() == Stage::done);
    const serve::Request request = reading.reader.request();
    CHECK(request.method == "POST");
    CHECK(request.target == "/v2/models/m/infer");
    CHECK(request.json_length == "3");
    CHECK(request.content_encoding == "gzip");
    CHECK(request.body == "hello");
    CHECK(reading.reader.keep_alive());
  }
}

TEST_CASE("requests that come in one piece are read one after the other") {
  Reading reading;
  std::string rest = reading.feed(kPost + "GET /v2 HTTP/1.1\r\nConnection: close\r\n\r\n", 1000);
  CHECK(reading.reader.request().body == "hello");
  CHECK(rest.starts_with("GET /v2"));
  reading.reader.next();
  CHECK(reading.reader.stage() == Stage::header);
  rest = reading.feed(rest, rest.size());
  CHECK(rest.empty());
  CHECK(reading.reader.stage() == Stage::done);
  CHECK(reading.reader.request().target == "/v2");
  CHECK_FALSE(reading.reader.request().json_length);
  CHECK_FALSE(reading.reader.keep_alive());
}

TEST_CASE("a body in chunks is joined") {
  Reading reading;
  const std::string chunked =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n";
  for (const std::size_t size : {std::size_t{1}, chunked.size()}) {
    CHECK(reading.feed(chunked, size).empty());
    REQUIRE(reading.reader.stage() == Stage::done);
    CHECK(reading.reader.request().body == "hello");
    reading.reader.next();
  }
}

TEST_CASE("a client that waits before its body is noticed once") {
  Reading reading;
  reading.feed("POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n", 1000);
  CHECK(reading.reader.stage() == Stage::body);
  CHECK(reading.reader.take_expectation());
  CHECK_FALSE(reading.reader.take_expectation());
  reading.feed("hello", 5);
  CHECK(reading.reader.stage() == Stage::done);
  CHECK(refused("POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: x\r\n\r\n") ==
        "417 Expect: expected 100-continue, got 'x'");
}

TEST_CASE("header and body are bounded before they are read") {
  CHECK(refused("GET / HTTP/1.1\r\nX: " + std::string(400, 'x')) == "431 header: expected at most 300 bytes, got more");
  const std::string large = "413 body: expected at most 100 bytes, got more";
  CHECK(refused("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n") == large);
  CHECK(refused("POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n") == large);
  CHECK(refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'x')) == large);
  CHECK(refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n").starts_with("4"));
}

TEST_CASE("framing that two readers could read in two ways is refused") {
  for (const char* bad : {"nonsense\r\n\r\n", "GET / HTTP/3.0\r\n\r\n", "GET /\r\n\r\n",
                          "GET / HTTP/1.1\r\nA B: c\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                          "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                          "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
                          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"}) {
    INFO(bad);
    CHECK(refused(bad).starts_with("400 "));
  }
}

TEST_CASE("all bodies together are bounded, and give back what they took") {
  Reading reading(8);
  reading.feed(kPost, 1000);
  {
    HttpReader second({.header_bytes = 300, .body_bytes = 100}, reading.budget);
    CHECK(refusal([&] { second.feed(kPost); }).starts_with("503 body: no memory left"));
    HttpReader chunked({.header_bytes = 300, .body_bytes = 100}, reading.budget);
    CHECK(refusal([&] {
            chunked.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
          }).starts_with("503 body: no memory left"));
  }
  reading.reader.next();
  HttpReader third({.header_bytes = 300, .body_bytes = 100}, reading.budget);
  third.feed(kPost);
  CHECK(third.stage() == Stage::done);
}

TEST_CASE("a response has its headers once, and says whether the connection goes on") {
  const serve::Reply reply = {405, "application/json", {{"Allow", "POST"}}, "{}"};
  CHECK(serve::http_head(reply, true, 1'000'000'000) ==
        "HTTP/1.1 405 Method Not Allowed\r\nDate: Sun, 09 Sep 2001 01:46:40 GMT\r\nContent-Type: "
        "application/json\r\nContent-Length: 2\r\nAllow: POST\r\n"
        "Connection: keep-alive\r\n\r\n");
  CHECK(serve::http_refusal(serve::Refused(408, "slow \"\xFF"))
            .ends_with("Connection: close\r\n\r\n{\"error\":\"slow \\\"\xEF\xBF\xBD\"}"));
}

}  // namespace
}  // namespace lamina::test
