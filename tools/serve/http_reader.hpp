// Bytes of a connection -> HTTP/1.1 requests, bounded; no socket here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/request.hpp"
#include "serve/session_limits.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace lamina::serve {

/// Memory that the bodies of all connections may take together.
class BodyBudget {
 public:
  explicit BodyBudget(std::uint64_t bytes) : free_(static_cast<std::int64_t>(bytes)) {}
  [[nodiscard]] bool take(std::uint64_t bytes) noexcept;
  void give(std::uint64_t bytes) noexcept { free_.fetch_add(static_cast<std::int64_t>(bytes)); }

 private:
  std::atomic<std::int64_t> free_;
};

/// Reads one request after the other. Bytes behind a request are left for the next.
class HttpReader {
 public:
  enum class Stage { header, body, done };

  /// `budget` outlives it.
  HttpReader(const HttpLimits& limits, BodyBudget& budget);
  ~HttpReader();
  HttpReader(const HttpReader&) = delete;
  HttpReader& operator=(const HttpReader&) = delete;

  /// Takes what it can of `bytes`, and says how many those are: the others must be given again, with more behind them.
  /// Throws Refused{400, 413, 417, 431, 503}; the connection is then of no more use.
  std::size_t feed(std::string_view bytes);
  [[nodiscard]] Stage stage() const noexcept;
  /// The client waits for "100 Continue" before it sends the body. True once per request.
  [[nodiscard]] bool take_expectation() noexcept;

  /// Once the stage is done; valid until next().
  [[nodiscard]] Request request() const;
  [[nodiscard]] bool keep_alive() const;
  void next();

 private:
  struct Parser;
  void begin_body();
  void charge(std::uint64_t bytes);

  HttpLimits limits_;
  BodyBudget& budget_;
  std::uint64_t charged_ = 0;
  bool expectation_ = false;
  std::unique_ptr<Parser> parser_;
};

}  // namespace lamina::serve
