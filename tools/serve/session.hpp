// One connection: its requests one after the other -> their answers; limits of time for slow clients.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/http_reader.hpp"
#include "serve/metrics.hpp"
#include "serve/service.hpp"
#include "serve/session_limits.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace lamina::serve {

using Clock = std::chrono::steady_clock;

/// What all sessions of a server share; outlives them.
struct SessionContext {
  Service& service;
  ServerMetrics& metrics;
  BodyBudget& budget;
  SessionLimits limits;
  bool log_requests = false;
  std::atomic<bool> ending{false};  // each answer is the last of its connection
};

/// Lives while an operation of its own is under way. At most one is at a time, so that no lock and no strand is needed:
/// between a request and its answer none is, and whoever has the answer goes on. check() alone comes from outside: it
/// looks at atomics, and ends the connection by ending what the operation waits for.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, SessionContext& context);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start();
  /// Ends a client that is too slow, or idle while the server is ending; notices one that has left.
  void check(Clock::time_point now);
  /// Ends it, whatever it does.
  void end() noexcept;

 private:
  enum class Phase { idle, header, body, handling, writing, lingering, ended };

  /// False where check() has ended the connection meanwhile.
  [[nodiscard]] bool enter(Phase phase, std::chrono::milliseconds time);
  void read();
  void on_read(std::size_t bytes);
  void advance();
  void take_input();
  void go_on();
  void send_continue();
  void handle();
  void respond(Reply&& reply);
  void refuse(const Refused& refused);
  void write(Reply&& reply, bool keep_alive);
  void on_written();
  void linger();
  void count(const Reply& reply);
  template <class Action>
  auto guarded(Action action);

  boost::asio::ip::tcp::socket socket_;
  SessionContext& context_;
  HttpReader reader_;
  std::vector<char> inbox_;
  std::size_t filled_ = 0;
  std::string head_, body_;  // of the answer that is being written
  bool keep_alive_ = false;
  std::stop_source gone_;
  Clock::time_point received_{};
  std::atomic<Phase> phase_{Phase::idle};
  std::atomic<Clock::rep> until_;
};

}  // namespace lamina::serve
