// The sessions that are open, for those who look after all of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/session.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace lamina::serve {

/// A session belongs to its own operations: here it is only known. Any thread may call.
class Sessions {
 public:
  void add(const std::shared_ptr<Session>& session) {
    const std::lock_guard lock(mutex_);
    known_.push_back(session);
  }

  /// Forgets those that are over; how many are left.
  template <class Action>
  std::size_t for_each(Action action) {
    std::vector<std::shared_ptr<Session>> open;
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(known_, [&](const std::weak_ptr<Session>& each) {
        if (std::shared_ptr<Session> session = each.lock()) open.push_back(std::move(session));
        return each.expired();
      });
    }
    for (const std::shared_ptr<Session>& session : open) action(*session);
    return open.size();
  }

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Session>> known_;
};

}  // namespace lamina::serve
