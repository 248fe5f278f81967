// Batcher::submit -> callbacks: in which thread, what they may do, and who works for whom.
// SPDX-License-Identifier: Apache-2.0
#include "public/batcher_requests.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <lamina/lamina.hpp>

#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace lamina;
using lamina::test::failure;
using lamina::test::Gate;
using lamina::test::plan_of;
using lamina::test::Rows;

TEST_CASE("a callback may submit again, and what it throws stops nobody") {
  const Plan plan = plan_of();
  Batcher batcher(plan, {.max_batch = 4, .concurrent_runs = GENERATE(1u, 3u)});
  Rows rows(plan, 1);
  int left = 10000;  // deep enough to end a stack, did each run within the last one's callback
  Batcher::Done again = [&](const Error* error) {
    if (error == nullptr && --left > 0) batcher.submit(rows.x, rows.y, again);
  };
  batcher.submit(rows.x, rows.y, again);
  CHECK(left == 0);
  batcher.submit(rows.x, rows.y, [](const Error*) { throw 5; });
  batcher.run(rows.x, rows.y);
  CHECK(rows.right());
}

TEST_CASE("what would wait for itself in a callback is refused there") {
  const Plan plan = plan_of();
  Batcher batcher(plan, {.max_batch = 4, .concurrent_runs = 1});
  Rows rows(plan, 1);
  std::vector<std::string> failures;
  batcher.submit(rows.x, rows.y, [&](const Error*) {
    failures.push_back(failure([&] { batcher.run(rows.x, rows.y); }));
    failures.push_back(failure([&] { batcher.stop(); }));
  });
  CHECK(failures == std::vector<std::string>{"invalid_argument: batcher: run() in a callback would wait for itself",
                                             "invalid_argument: batcher: stop() in a callback would wait for itself"});
  batcher.run(rows.x, rows.y);
  CHECK(rows.right());
}

TEST_CASE("what a callback holds ends where the batcher can be called") {
  const Plan plan = plan_of();
  Batcher batcher(plan);
  Rows rows(plan, 1);
  struct CallsAtItsEnd {
    explicit CallsAtItsEnd(const Batcher& b) : batcher(b) {}
    CallsAtItsEnd(const CallsAtItsEnd&) = delete;
    CallsAtItsEnd& operator=(const CallsAtItsEnd&) = delete;
    ~CallsAtItsEnd() { (void)batcher.stats(); }  // would wait for itself under the lock
    const Batcher& batcher;
  };
  batcher.submit(rows.x, rows.y, [h = std::make_shared<CallsAtItsEnd>(batcher)](const Error*) {});
  CHECK(rows.right());
  batcher.stop();
  CHECK(failure([&] {
          batcher.submit(rows.x, rows.y, [h = std::make_shared<CallsAtItsEnd>(batcher)](const Error*) {});
        }) == "unavailable: batcher: it is being shut down");
}

TEST_CASE("what is enqueued waits for a flush, for another call's run or for the end, and is joined") {
  const Plan plan = plan_of();
  Batcher batcher(plan, {.max_batch = 8, .max_queue_rows = 9, .concurrent_runs = 1});
  Rows a(plan, 3), b(plan, 4), c(plan, 2), d(plan, 1);
  int answered = 0;
  const auto count = [&](const Error* error) { answered += error == nullptr ? 1 : 100; };
  batcher.enqueue(a.x, a.y, count);
  batcher.enqueue(b.x, b.y, count);
  batcher.enqueue(c.x, c.y, count);
  CHECK(failure([&] { batcher.enqueue(d.x, d.y, count); }).starts_with("unavailable: batcher: the queue is full"));
  CHECK(answered == 0);
  batcher.flush();
  batcher.flush();  // nothing is left
  CHECK(answered == 3);
  CHECK(batcher.stats().runs == 2);  // 3 + 4; 2
  for (const Rows* rows : {&a, &b, &c}) CHECK(rows->right());

  batcher.enqueue(c.x, c.y, [&](const Error*) { batcher.enqueue(a.x, a.y, count); });
  batcher.run(d.x, d.y);
  CHECK(d.right());
  CHECK(answered == 4);
  batcher.enqueue(b.x, b.y, count);
  batcher.stop();
  CHECK(answered == 5);
}

TEST_CASE("who works for others is relieved by the next who submits") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  Rows a(gate.alone(), 8), b(gate.alone(), 8), c(gate.alone(), 8), d(gate.alone(), 8);
  std::thread::id by_b, by_c, by_d;
  const auto note = [](std::thread::id& thread) {
    return [&thread](const Error*) { thread = std::this_thread::get_id(); };
  };
  std::thread first([&] { batcher.submit(a.x, a.y, [](const Error*) {}); });
  gate.wait_for_runs(1);
  batcher.submit(b.x, b.y, note(by_b));
  batcher.submit(c.x, c.y, note(by_c));
  CHECK(batcher.stats().queued_rows == 16);
  gate.let_pass(1);  // a has its answer; its thread goes on with b
  gate.wait_for_runs(2);
  const std::thread::id first_thread = first.get_id();
  std::thread second([&] { batcher.submit(d.x, d.y, note(by_d)); });
  gate.wait_for_runs(3);
  CHECK(batcher.stats().running == 2);
  const std::thread::id second_thread = second.get_id();
  gate.let_pass(1000);
  first.join();
  second.join();
  CHECK(by_b == first_thread);
  CHECK(by_c == second_thread);
  CHECK(by_d == second_thread);
  for (const Rows* rows : {&a, &b, &c, &d}) CHECK(rows->right());
  CHECK(batcher.stats().running == 0);
}
