// SIGHUP -> the models loaded again, in a thread of its own, while requests run.
// SPDX-License-Identifier: Apache-2.0
#include "serve/reloader.hpp"

#include "serve/log.hpp"

#include <exception>

namespace lamina::serve {

void Reloader::start() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
    if (working_) return;
  }
  finish();
  const std::lock_guard lock(mutex_);
  thread_ = std::thread([this] { work(); });
  working_ = true;  // now that nothing can throw; work() waits for the lock
}

void Reloader::finish() {
  if (thread_.joinable()) thread_.join();
}

void Reloader::work() {
  const auto told = [this](const Catalog::Entry& entry, const std::exception* error) {
    add(error == nullptr ? metrics_.reloads : metrics_.reload_failures);
    const std::string name = entry.source().name;
    if (error == nullptr) {
      log(Level::info, "reloaded",
          {{"model", name}, {"version", entry.version()}, {"verified", entry.model()->verified ? "true" : "false"}});
    } else {
      log(Level::error, "reload_failed",
          {{"model", name}, {"version", entry.version()}, {"kept", "the old one"}, {"message", error->what()}});
    }
  };
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      working_ = wanted_;
      if (!working_) return;
      wanted_ = false;
    }
    catalog_.reload(told, stop_.get_token());
  }
}

}  // namespace lamina::serve
