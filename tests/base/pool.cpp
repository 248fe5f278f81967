// Pool: objects go from caller to caller, each to one at a time, no more are kept than slots.
// SPDX-License-Identifier: Apache-2.0
#include "base/pool.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

using lamina::base::Pool;

namespace {

/// Counts those alive, and notes two holders at once.
struct Counted {
  explicit Counted(std::atomic<int>& count) : alive(count) { ++alive; }
  ~Counted() { --alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  std::atomic<int>& alive;
  int uses = 0;  // not atomic: ThreadSanitizer would see two holders
  std::atomic<bool> held{false};
};

}  // namespace

TEST_CASE("a pool gives back what it was given, and null when nothing is idle") {
  std::atomic<int> alive{0};
  Pool<Counted> pool;
  CHECK(pool.take() == nullptr);
  auto object = std::make_unique<Counted>(alive);
  const Counted* address = object.get();
  pool.give(std::move(object));
  object = pool.take();
  CHECK(object.get() == address);
  CHECK(pool.take() == nullptr);
}

TEST_CASE("a pool keeps as many objects as it has slots, and frees those with itself") {
  std::atomic<int> alive{0};
  {
    Pool<Counted> pool;
    std::vector<std::unique_ptr<Counted>> all;
    for (std::size_t i = 0; i < Pool<Counted>::kSlots + 3; ++i) all.push_back(std::make_unique<Counted>(alive));
    for (auto& object : all) pool.give(std::move(object));
    CHECK(alive == static_cast<int>(Pool<Counted>::kSlots));
  }
  CHECK(alive == 0);
}

TEST_CASE("threads never hold the same object at once") {
  constexpr int kThreads = 4, kRounds = 5000;
  std::atomic<int> alive{0}, uses{0};
  std::atomic<bool> met{false};
  {
    Pool<Counted> pool;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          auto object = pool.take();
          if (!object) object = std::make_unique<Counted>(alive);
          if (object->held.exchange(true)) met = true;
          ++object->uses;
          object->held = false;
          pool.give(std::move(object));
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(alive <= kThreads);
    while (const auto object = pool.take()) uses += object->uses;
  }
  CHECK_FALSE(met);
  CHECK(uses == kThreads * kRounds);
  CHECK(alive == 0);
}
