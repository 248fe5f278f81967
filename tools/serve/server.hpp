// Address, threads and signals -> a server of HTTP that ends gracefully.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/catalog.hpp"
#include "serve/metrics.hpp"
#include "serve/service.hpp"
#include "serve/session_limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace lamina::serve {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: one that is free
  std::size_t threads = 1;
  std::size_t connections = 1024;
  std::uint64_t body_memory = std::uint64_t{1} << 30;  // of all requests together
  SessionLimits limits;
  std::chrono::milliseconds drain_delay{0};         // not ready, but answering as before
  std::chrono::milliseconds drain_timeout{30'000};  // for what then is still under way
  bool log_requests = false;
};

class Server {
 public:
  /// Listens. Throws Error{io, invalid_argument}. What it is given outlives it.
  Server(Catalog& catalog, Service& service, ServerMetrics& metrics, const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Serves until SIGTERM or SIGINT and the end of what is then under way; a second one ends that too. SIGHUP loads the
  /// models again.
  void run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lamina::serve
