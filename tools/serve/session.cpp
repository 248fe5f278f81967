// One connection: its requests one after the other -> their answers; limits of time for slow clients.
// SPDX-License-Identifier: Apache-2.0
#include "serve/session.hpp"

#include "serve/http_text.hpp"
#include "serve/log.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace lamina::serve {
namespace {

namespace net = boost::asio;

constexpr std::chrono::milliseconds kLingerTime{2000};
constexpr std::chrono::milliseconds kOwnLimit = std::chrono::hours(24);  // of what is computed: it has its deadline
constexpr std::size_t kInboxBeyondHeader = 4096;

/// The session whose request this thread is handling: its answer, where it comes at once, needs no other thread.
thread_local const Session* handled_here = nullptr;

Clock::rep later(std::chrono::milliseconds time) { return (Clock::now() + time).time_since_epoch().count(); }

bool has_bytes(int socket) {
  char byte;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/// The client has closed its side, or the connection is broken.
bool is_gone(int socket) {
  char byte;
  const ssize_t got = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace

Session::Session(net::ip::tcp::socket socket, SessionContext& context)
    : socket_(std::move(socket)),
      context_(context),
      reader_(context.limits.http, context.budget),
      inbox_(context.limits.http.header_bytes + kInboxBeyondHeader),
      until_(later(context.limits.header_time)) {
  add(context_.metrics.connections);
}

Session::~Session() { context_.metrics.connections.fetch_sub(1, std::memory_order_relaxed); }

/// Completion handlers: an operation that failed, or a lack of memory, ends the session with its last handler.
template <class Action>
auto Session::guarded(Action action) {
  return [self = shared_from_this(), action](const boost::system::error_code& failure, std::size_t bytes) {
    if (failure) return;
    try {
      action(*self, bytes);
    } catch (const std::exception& error) {
      log(Level::error, "session", {{"message", error.what()}});
    }
  };
}

bool Session::enter(Phase phase, std::chrono::milliseconds time) {
  until_ = later(time);
  Phase old = phase_.load();
  while (old != Phase::ended && !phase_.compare_exchange_weak(old, phase)) continue;
  return old != Phase::ended;
}

void Session::start() {
  socket_.set_option(net::ip::tcp::no_delay(true));
  read();
}

void Session::read() {
  socket_.async_read_some(net::buffer(inbox_.data() + filled_, inbox_.size() - filled_),
                          guarded([](Session& session, std::size_t bytes) { session.on_read(bytes); }));
}

void Session::on_read(std::size_t bytes) {
  if (phase_ == Phase::ended) return;
  if (phase_ == Phase::lingering) return read();  // what comes now is read and left aside
  filled_ += bytes;
  advance();
}

/// As far as the bytes that are here go.
void Session::advance() {
  if (phase_ == Phase::idle && !enter(Phase::header, context_.limits.header_time)) return;
  try {
    take_input();
  } catch (const Refused& refused) {
    return refuse(refused);
  }
  go_on();
}

void Session::take_input() {
  const std::size_t taken = reader_.feed({inbox_.data(), filled_});
  std::memmove(inbox_.data(), inbox_.data() + taken, filled_ - taken);
  filled_ -= taken;
  // Beast bounds neither the line of a chunk's size nor trailers: it waits for the end of what does not fit.
  if (taken == 0 && filled_ == inbox_.size()) {
    throw Refused(431, "chunk or trailer: expected at most " + std::to_string(inbox_.size()) + " bytes, got more");
  }
}

void Session::go_on() {
  switch (reader_.stage()) {
    case HttpReader::Stage::header:
      return read();
    case HttpReader::Stage::body:
      if (phase_ == Phase::header && !enter(Phase::body, context_.limits.body_time)) return;
      return reader_.take_expectation() ? send_continue() : read();
    case HttpReader::Stage::done:
      return handle();
  }
}

void Session::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  net::async_write(socket_, net::buffer(kContinue.data(), kContinue.size()),
                   guarded([](Session& session, std::size_t) { session.read(); }));
}

/// After handle() of the service the session may belong to another thread: it is not touched again.
void Session::handle() {
  if (!enter(Phase::handling, kOwnLimit)) return;
  received_ = Clock::now();
  Request request = reader_.request();
  request.gone = gone_.get_token();
  handled_here = this;
  context_.service.handle(request, [self = shared_from_this()](Reply&& reply) { self->respond(std::move(reply)); });
  handled_here = nullptr;
}

/// A thread that has run a batch for many leaves their answers to others, and goes on with the next batch.
void Session::respond(Reply&& reply) {
  if (handled_here == this) return write(std::move(reply), reader_.keep_alive());
  net::post(socket_.get_executor(), [self = shared_from_this(), answer = std::move(reply)]() mutable {
    self->write(std::move(answer), self->reader_.keep_alive());
  });
}

/// The rest of what the client sends cannot be told from a next request: the connection ends.
void Session::refuse(const Refused& refused) { write(reply_of(refused), false); }

void Session::write(Reply&& reply, bool keep_alive) {
  if (!enter(Phase::writing, context_.limits.write_time)) return;
  keep_alive_ = keep_alive && !context_.ending;
  count(reply);
  head_ = http_head(reply, keep_alive_);
  body_ = std::move(reply.body);
  const bool only_head = reader_.stage() == HttpReader::Stage::done && reader_.request().method == "HEAD";
  const std::array<net::const_buffer, 2> buffers = {
      net::buffer(head_), only_head ? net::const_buffer() : net::const_buffer(net::buffer(body_))};
  net::async_write(socket_, buffers, guarded([](Session& session, std::size_t) { session.on_written(); }));
}

void Session::count(const Reply& reply) {
  add(context_.metrics.responses[std::min<std::size_t>(reply.status / 100, 5)]);
  if (!context_.log_requests || reader_.stage() != HttpReader::Stage::done) return;
  const Request request = reader_.request();
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - received_);
  log(Level::info, "request",
      {{"method", std::string(request.method)},
       {"target", std::string(request.target)},
       {"status", std::to_string(reply.status)},
       {"microseconds", std::to_string(time.count())},
       {"bytes", std::to_string(reply.body.size())}});
}

void Session::on_written() {
  body_ = {};  // an idle client shall hold no memory
  if (!keep_alive_) return linger();
  reader_.next();
  if (!enter(Phase::idle, context_.limits.idle_time)) return;
  return filled_ == 0 ? read() : advance();
}

/// The client may still be sending: closed now, it would lose the answer.
void Session::linger() {
  if (!enter(Phase::lingering, kLingerTime)) return;
  boost::system::error_code ignored;
  socket_.shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  filled_ = 0;
  read();
}

void Session::check(Clock::time_point now) {
  const int socket = socket_.native_handle();
  Phase phase = phase_.load();
  if (phase == Phase::handling) {
    if (is_gone(socket)) gone_.request_stop();
    return;
  }
  const bool leave = phase == Phase::idle && context_.ending && !has_bytes(socket);
  const bool late = now.time_since_epoch().count() >= until_.load();
  if (phase == Phase::ended || !(leave || late) || !phase_.compare_exchange_strong(phase, Phase::ended)) return;
  if (phase == Phase::header || phase == Phase::body) {
    add(context_.metrics.responses[4]);
    const std::string answer = http_refusal(
        Refused(408, phase == Phase::header ? "header: it took too long to come" : "body: it took too long to come"));
    ::send(socket, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (phase == Phase::header || phase == Phase::body || phase == Phase::writing) add(context_.metrics.timeouts);
  ::shutdown(socket, SHUT_RDWR);
}

void Session::end() noexcept {
  gone_.request_stop();
  ::shutdown(socket_.native_handle(), SHUT_RDWR);
}

}  // namespace lamina::serve
