// Many callers of one Batcher at once -> each request ends once, with the bits that it gets alone or with its reason.
// SPDX-License-Identifier: Apache-2.0
#include "public/batcher_requests.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <lamina/lamina.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

using namespace lamina;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using lamina::test::failure;
using lamina::test::plan_of;
using lamina::test::Rows;

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kRounds = 100;
#else
constexpr int kRounds = 400;
#endif

/// Callers of both kinds with requests of 1 to 8 rows, each answer compared with the one alone.
void check_under_load(const BatcherOptions& options) {
  constexpr unsigned kCallers = 6;
  const Plan plan = plan_of();
  Batcher batcher(plan, options);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (unsigned caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < kRounds; ++round) {
        Rows rows(plan, 1 + (caller + static_cast<unsigned>(round)) % 8, caller * 1000 + static_cast<unsigned>(round));
        if (caller % 3 == 2) {
          std::promise<bool> answered;
          const auto done = [&](const Error* error) { answered.set_value(error == nullptr); };
          if (round % 2 == 0) {
            batcher.submit(rows.x, rows.y, done);
          } else {
            batcher.enqueue(rows.x, rows.y, done);
            batcher.flush();
          }
          if (!answered.get_future().get()) ++wrong;
        } else {
          batcher.run(rows.x, rows.y);
        }
        if (!rows.right()) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
  const BatcherStats stats = batcher.stats();
  CHECK(stats.answered == kCallers * kRounds);
  CHECK(stats.runs <= stats.answered);
  CHECK(stats.queued_rows == 0);
  CHECK(stats.running == 0);
}

}  // namespace

TEST_CASE("joining requests never changes an answer") {
  check_under_load({.max_batch = 8, .concurrent_runs = 1});
  check_under_load({.max_batch = 64, .concurrent_runs = 1});
  check_under_load({.max_batch = 16, .concurrent_runs = 3});
  check_under_load({.max_batch = 16, .max_delay = 50us, .concurrent_runs = 1});
  check_under_load({.max_batch = 12, .max_delay = 50us, .concurrent_runs = 2});
}

TEST_CASE("under load with deadlines, stops and refusals each request ends once, right or with its reason") {
  const Plan plan = plan_of();
  for (const auto delay : {0us, 30us}) {
    Batcher batcher(plan, {.max_batch = 8, .max_delay = delay, .max_queue_rows = 12, .concurrent_runs = 2});
    std::atomic<std::uint64_t> wrong{0}, ended{0}, asked{0};
    const auto note = [&](const Rows& rows, const Errc code) {
      const bool known = code == Errc::cancelled || code == Errc::deadline_exceeded || code == Errc::unavailable;
      if (code == Errc{} ? !rows.right() : !known) ++wrong;
      ++ended;
    };
    std::vector<std::thread> callers;
    for (unsigned caller = 0; caller < 6; ++caller) {
      callers.emplace_back([&, caller] {
        for (unsigned round = 0; round < kRounds; ++round) {
          const auto rows = std::make_shared<Rows>(plan, 1 + (caller + round) % 8, caller * 1000 + round);
          const auto source = std::make_shared<std::stop_source>();
          RunOptions options;
          if (round % 3 == 0) options.deadline = Clock::now() + std::chrono::microseconds(20 * (round % 7));
          if (round % 4 == 1) options.stop_token = source->get_token();
          ++asked;
          std::jthread stopper;
          if (round % 8 == 1) stopper = std::jthread([source] { source->request_stop(); });
          try {
            if (caller % 2 == 0) {
              batcher.run(rows->x, rows->y, options);
              note(*rows, Errc{});
            } else {
              batcher.submit(
                  rows->x, rows->y, [&note, rows](const Error* error) { note(*rows, error ? error->code() : Errc{}); },
                  options);
            }
          } catch (const Error& error) {
            note(*rows, error.code());
          }
          if (round % 16 == 0) batcher.expire();
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    batcher.stop();
    CHECK(wrong == 0);
    CHECK(ended == asked);
    const BatcherStats stats = batcher.stats();
    CHECK(stats.answered + stats.refused + stats.cancelled + stats.expired + stats.failed == asked);
    CHECK(stats.failed == 0);
    CHECK(stats.queued_rows == 0);
  }
}

TEST_CASE("stop ends although callers do not cease to come") {
  const Plan plan = plan_of();
  Batcher batcher(plan, {.max_batch = 4, .concurrent_runs = 1});
  std::atomic<bool> over{false};
  std::vector<std::thread> callers;
  for (unsigned caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&] {
      Rows rows(plan, 1);
      while (!over) (void)failure([&] { batcher.run(rows.x, rows.y); });
    });
  }
  while (batcher.stats().answered < 10) std::this_thread::yield();
  batcher.stop();
  CHECK(batcher.stats().running == 0);
  while (batcher.stats().refused < 10) std::this_thread::yield();
  over = true;
  for (std::thread& caller : callers) caller.join();
}
