// SIGHUP -> the models loaded again, in a thread of its own, while requests run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/catalog.hpp"
#include "serve/metrics.hpp"

#include <mutex>
#include <stop_token>
#include <thread>

namespace lamina::serve {

class Reloader {
 public:
  /// What it is given outlives it.
  Reloader(Catalog& catalog, ServerMetrics& metrics) : catalog_(catalog), metrics_(metrics) {}
  ~Reloader() { finish(); }
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// Does not wait. Asked for while one is going on, another follows it. One caller at a time.
  void start();
  /// What is going on ends with the model that it is loading; nothing begins after that.
  void give_up() noexcept { stop_.request_stop(); }
  /// Waits for what is going on.
  void finish();

 private:
  void work();

  Catalog& catalog_;
  ServerMetrics& metrics_;
  std::mutex mutex_;
  bool wanted_ = false, working_ = false;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace lamina::serve
