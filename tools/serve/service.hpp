// Requests without a transport -> replies: routes, limits of time, batching, counting.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/catalog.hpp"
#include "serve/metrics.hpp"
#include "serve/reply.hpp"
#include "serve/request.hpp"
#include "serve/route.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

namespace lamina::serve {

/// What a transport calls. Any number of threads may.
class Service {
 public:
  using Respond = std::function<void(Reply&&)>;

  /// `default_timeout` 0: a request without a timeout of its own waits for as long as it takes.
  Service(Catalog& catalog, ServerMetrics& metrics, std::chrono::microseconds default_timeout)
      : catalog_(catalog), metrics_(metrics), default_timeout_(default_timeout) {}

  /// `respond` is called once, before this returns or later, from this or from another thread's call of handle() or
  /// expire(). It must not throw.
  void handle(const Request& request, Respond respond);

  /// Ends the requests whose time is over or whose client has left; for a timer.
  void expire();

  /// From now on the server is not ready, so that load balancers look elsewhere; requests are answered all the same.
  void set_draining() noexcept { draining_ = true; }
  [[nodiscard]] bool draining() const noexcept { return draining_; }

 private:
  struct Inference;

  [[nodiscard]] Reply answer(const Route& route) const;
  [[nodiscard]] Reply health(bool only_live) const;
  void infer(const Request& request, const Route& route, Respond& respond);

  Catalog& catalog_;
  ServerMetrics& metrics_;
  std::chrono::microseconds default_timeout_;
  std::atomic<bool> draining_{false};
};

}  // namespace lamina::serve
