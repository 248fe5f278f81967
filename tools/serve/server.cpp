// Address, threads and signals -> a server of HTTP that ends gracefully.
// SPDX-License-Identifier: Apache-2.0
#include "serve/server.hpp"

#include "serve/http_text.hpp"
#include "serve/log.hpp"
#include "serve/reloader.hpp"
#include "serve/sessions.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include <csignal>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

namespace lamina::serve {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using tcp = net::ip::tcp;

/// How soon a deadline in the queue, a slow client or one that has left is noticed.
constexpr std::chrono::milliseconds kTick{50};
/// After an accept that found no descriptor or no memory.
constexpr std::chrono::milliseconds kRest{100};

[[noreturn]] void cannot_listen(const ServerOptions& options, const std::string& reason) {
  throw Error(Errc::io, options.address + " port " + std::to_string(options.port) + ": cannot listen: " + reason);
}

tcp::endpoint endpoint_of(const ServerOptions& options) {
  error_code failure;
  const net::ip::address address = net::ip::make_address(options.address, failure);
  if (!failure) return {address, options.port};
  throw Error(Errc::invalid_argument,
              "--address: expected an IP address such as 127.0.0.1, 0.0.0.0 or ::, got '" + options.address + "'");
}

}  // namespace

/// Accepting, ticking and signals happen on a thread that computes nothing, so that deadlines and signals are noticed
/// whatever the others do; sessions on any of the others.
struct Server::State {
  State(Catalog& catalog, Service& served, ServerMetrics& counted, const ServerOptions& how);

  void listen();
  void accept();
  void on_accept(const error_code& failure, tcp::socket socket);
  void refuse(tcp::socket& socket);
  void open(tcp::socket socket);
  void accept_pending();
  void await_signal();
  void on_signal(int signal);
  void begin_drain();
  void stop_accepting();
  void tick();
  void on_tick();
  void work(net::io_context& handlers);

  const ServerOptions options;
  ServerMetrics& metrics;
  Service& service;
  BodyBudget budget;
  SessionContext context;
  Sessions sessions;
  Reloader reloader;
  net::io_context io;
  net::executor_work_guard<net::io_context::executor_type> open_end{net::make_work_guard(io)};
  net::io_context control{1};
  tcp::acceptor acceptor{control};
  net::signal_set signals{control, SIGTERM, SIGINT, SIGHUP};
  net::steady_timer ticker{control}, rest{control}, delay{control};
  bool ticking = false, accepting = true;
  Clock::time_point last_moment = Clock::time_point::max();  // of what is under way when the server ends
};

Server::State::State(Catalog& catalog, Service& served, ServerMetrics& counted, const ServerOptions& how)
    : options(how),
      metrics(counted),
      service(served),
      budget(how.body_memory),
      context{served, counted, budget, how.limits, how.log_requests},
      reloader(catalog, counted),
      io(static_cast<int>(how.threads)) {}

void Server::State::listen() {
  const tcp::endpoint endpoint = endpoint_of(options);
  error_code failure;
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(SOMAXCONN, failure);
  if (failure) cannot_listen(options, failure.message());
}

void Server::State::accept() {
  acceptor.async_accept(
      io, [this](const error_code& failure, tcp::socket socket) { on_accept(failure, std::move(socket)); });
}

void Server::State::on_accept(const error_code& failure, tcp::socket socket) {
  try {
    if (!failure) open(std::move(socket));
  } catch (const std::exception& error) {  // refused without an answer: memory is short
    log(Level::warning, "connection", {{"message", error.what()}});
  }
  if (!accepting) return;
  if (!failure) return accept();
  log(Level::warning, "accept", {{"message", failure.message()}});
  rest.expires_after(kRest);
  rest.async_wait([this](const error_code& stopped) {
    if (!stopped && accepting) accept();
  });
}

/// Told at once, a load balancer goes elsewhere.
void Server::State::refuse(tcp::socket& socket) {
  add(metrics.connections_refused);
  add(metrics.responses[5]);
  const std::string answer =
      http_refusal(Refused(503, "connections: expected at most " + std::to_string(options.connections) + ", got more",
                           {{"Retry-After", "1"}}));
  ::send(socket.native_handle(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Server::State::open(tcp::socket socket) {
  add(metrics.connections_accepted);
  if (value_of(metrics.connections) >= options.connections) return refuse(socket);
  try {
    const auto session = std::make_shared<Session>(std::move(socket), context);
    sessions.add(session);
    session->start();
  } catch (const std::exception& error) {  // the connection is broken already, or memory is short
    log(Level::warning, "connection", {{"message", error.what()}});
  }
  if (!ticking) tick();
}

void Server::State::await_signal() {
  signals.async_wait([this](const error_code& failure, int signal) {
    if (failure) return;
    await_signal();  // first: what follows may throw
    on_signal(signal);
  });
}

void Server::State::on_signal(int signal) {
  if (signal == SIGHUP) {
    if (!service.draining()) reloader.start();
    return;
  }
  if (!service.draining()) return begin_drain();
  stop_accepting();
  last_moment = Clock::now();
}

void Server::State::begin_drain() {
  service.set_draining();
  reloader.give_up();
  log(Level::info, "draining", {{"connections", std::to_string(value_of(metrics.connections))}});
  if (options.drain_delay.count() == 0) return stop_accepting();
  delay.expires_after(options.drain_delay);
  delay.async_wait([this](const error_code& stopped) {
    if (!stopped) stop_accepting();
  });
}

/// Who has connected before is answered still.
void Server::State::accept_pending() {
  error_code failure;
  acceptor.cancel(failure);
  acceptor.non_blocking(true, failure);
  while (!failure) {
    tcp::socket socket(io);
    acceptor.accept(socket, failure);
    if (!failure) open(std::move(socket));
  }
}

void Server::State::stop_accepting() {
  if (!std::exchange(accepting, false)) return;
  accept_pending();
  error_code ignored;
  acceptor.close(ignored);
  context.ending = true;
  last_moment = Clock::now() + options.drain_timeout;
  if (!ticking) tick();
}

void Server::State::tick() {
  ticking = true;
  ticker.expires_after(kTick);
  ticker.async_wait([this](const error_code& failure) {
    if (failure) return;
    tick();  // first: what follows may throw
    on_tick();
  });
}

void Server::State::on_tick() {
  const Clock::time_point now = Clock::now();
  const bool over = now >= last_moment;
  const std::size_t left = sessions.for_each([&](Session& session) { over ? session.end() : session.check(now); });
  service.expire();
  if (left != 0) return;
  ticker.cancel();
  ticking = false;
  if (accepting) return;
  io.stop();
  control.stop();
}

void Server::State::work(net::io_context& handlers) {
  while (!handlers.stopped()) {
    try {
      handlers.run();
    } catch (const std::exception& error) {  // memory is short: the handler's session has ended with it
      log(Level::error, "handler", {{"message", error.what()}});
    }
  }
}

Server::Server(Catalog& catalog, Service& service, ServerMetrics& metrics, const ServerOptions& options)
    : state_(std::make_unique<State>(catalog, service, metrics, options)) {
  state_->listen();
}

Server::~Server() = default;

std::uint16_t Server::port() const { return state_->acceptor.local_endpoint().port(); }

void Server::run() {
  state_->await_signal();
  state_->accept();
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 0; i < state_->options.threads; ++i) {
      others.emplace_back([this] { state_->work(state_->io); });
    }
    state_->work(state_->control);
  }
  state_->signals.clear();  // from here on a signal ends the process
  state_->reloader.finish();
}

}  // namespace lamina::serve
