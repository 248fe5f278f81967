// Batcher: what is joined, and what deadlines, stops, limits and shutdown do, as documented.
// SPDX-License-Identifier: Apache-2.0
#include "public/batcher_requests.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <lamina/lamina.hpp>

#include <chrono>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

using namespace lamina;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using lamina::test::failure;
using lamina::test::Gate;
using lamina::test::plan_of;
using lamina::test::Rows;
using lamina::test::wait_until_queued;

TEST_CASE("an idle batcher runs a request in its caller's thread, submitted ones too") {
  const Plan plan = plan_of();
  Batcher batcher(plan);
  Rows rows(plan, 3), submitted(plan, 2);
  batcher.run(rows.x, rows.y);
  CHECK(rows.right());
  std::thread::id thread;
  batcher.submit(submitted.x, submitted.y, [&](const Error* error) {
    CHECK(error == nullptr);
    thread = std::this_thread::get_id();
  });
  CHECK(thread == std::this_thread::get_id());
  CHECK(submitted.right());
  CHECK(batcher.stats().runs == 2);
}

TEST_CASE("what queues during a run is joined into the next one, oldest first, none split") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  std::vector<std::unique_ptr<Rows>> rows;
  for (const std::size_t count : {8u, 3u, 4u, 2u, 5u}) rows.push_back(std::make_unique<Rows>(gate.alone(), count));
  std::thread first([&] { batcher.run(rows[0]->x, rows[0]->y); });
  gate.wait_for_a_run();
  std::vector<int> order;
  for (int i = 1; i < 5; ++i) {
    batcher.submit(rows[static_cast<std::size_t>(i)]->x, rows[static_cast<std::size_t>(i)]->y,
                   [&order, i](const Error*) { order.push_back(i); });
  }
  CHECK(batcher.stats().queued_rows == 14);
  gate.open();
  first.join();
  batcher.stop();
  CHECK(order == std::vector<int>{1, 2, 3, 4});
  for (const auto& r : rows) CHECK(r->right());
  CHECK(batcher.stats().runs == 3);  // 8; 3 + 4; 2 + 5
}

TEST_CASE("a full queue refuses at once") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .max_queue_rows = 8, .concurrent_runs = 1});
  Rows a(gate.alone(), 8), b(gate.alone(), 6), c(gate.alone(), 3);
  std::thread first([&] { batcher.run(a.x, a.y); });
  gate.wait_for_a_run();
  batcher.submit(b.x, b.y, [](const Error*) {});
  CHECK(failure([&] { batcher.run(c.x, c.y); }) ==
        "unavailable: batcher: the queue is full: expected at most 8 rows, got 6 and 3 more");
  CHECK(c.untouched());
  gate.open();
  first.join();
  batcher.stop();
  CHECK(b.right());
  CHECK(batcher.stats().refused == 1);
}

TEST_CASE("deadlines and stops fire while another run is going on") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  Rows a(gate.alone(), 8), b(gate.alone(), 1), c(gate.alone(), 1), d(gate.alone(), 1);
  std::thread first([&] { batcher.run(a.x, a.y); });
  gate.wait_for_a_run();
  CHECK(failure([&] { batcher.run(b.x, b.y, {.deadline = Clock::now() + 5ms}); }) ==
        "deadline_exceeded: batcher: the deadline has passed");
  std::stop_source source;
  std::thread stopper([&] {
    wait_until_queued(batcher, 1);
    source.request_stop();
  });
  CHECK(failure([&] { batcher.run(c.x, c.y, {.stop_token = source.get_token()}); }) ==
        "cancelled: batcher: the stop token asked for it");
  stopper.join();
  Errc code{};
  batcher.submit(d.x, d.y, [&](const Error* error) { code = error->code(); }, {.deadline = Clock::now() + 2ms});
  while (code == Errc{}) batcher.expire();
  CHECK(code == Errc::deadline_exceeded);
  CHECK(batcher.stats().queued_rows == 0);
  gate.open();
  first.join();
  CHECK((b.untouched() && c.untouched() && d.untouched()));
  CHECK(batcher.stats().expired == 2);
  CHECK(batcher.stats().cancelled == 1);
}

TEST_CASE("max_delay waits for company, until a batch is full or half of a deadline's time is over") {
  const Plan plan = plan_of();
  Batcher batcher(plan, {.max_batch = 4, .max_delay = 10s, .concurrent_runs = 1});
  std::vector<std::unique_ptr<Rows>> rows;
  std::vector<std::thread> callers;
  for (unsigned i = 0; i < 4; ++i) {
    rows.push_back(std::make_unique<Rows>(plan, 1, i));
    callers.emplace_back([&batcher, r = rows.back().get()] { batcher.run(r->x, r->y); });
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& r : rows) CHECK(r->right());
  CHECK(batcher.stats().runs == 1);
  Rows alone(plan, 1);
  batcher.run(alone.x, alone.y, {.deadline = Clock::now() + 1s});
  CHECK(alone.right());
}

TEST_CASE("a stop ends a request that waits for company") {
  const Plan plan = plan_of();
  Batcher batcher(plan, {.max_batch = 4, .max_delay = 60s, .concurrent_runs = 1});
  Rows rows(plan, 1);
  std::stop_source source;
  std::thread stopper([&] {
    wait_until_queued(batcher, 1);
    source.request_stop();
  });
  const Clock::time_point begin = Clock::now();
  const std::string reason = failure([&] { batcher.run(rows.x, rows.y, {.stop_token = source.get_token()}); });
  CHECK(reason.find("the stop token asked for it") != std::string::npos);
  stopper.join();
  CHECK(Clock::now() - begin < 30s);
  CHECK(rows.untouched());
}

TEST_CASE("a stop() beside another one returns only when the other's requests are answered") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  Rows rows(gate.alone(), 8);
  std::atomic<bool> answered{false}, first_saw{false}, second_saw{false};
  batcher.enqueue(rows.x, rows.y, [&](const Error*) { answered = true; });
  std::thread first([&] { batcher.stop(), first_saw = answered.load(); });
  gate.wait_for_a_run();
  std::thread second([&] { batcher.stop(), second_saw = answered.load(); });
  std::this_thread::sleep_for(50ms);  // for one that does not wait to come back
  gate.open();
  first.join();
  second.join();
  CHECK(first_saw);
  CHECK(second_saw);
}

TEST_CASE("a joined run is given up when the last of its deadlines has passed") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  Rows a(gate.alone(), 8), b(gate.alone(), 4), c(gate.alone(), 4);
  const Clock::time_point deadline = Clock::now() + 300ms;
  std::vector<Errc> codes;
  const auto note = [&](const Error* error) { codes.push_back(error == nullptr ? Errc{} : error->code()); };
  std::thread first([&] { batcher.run(a.x, a.y); });
  gate.wait_for_runs(1);
  batcher.submit(b.x, b.y, note, {.deadline = deadline});
  batcher.submit(c.x, c.y, note, {.deadline = deadline - 1ms});
  CHECK(batcher.next_deadline() == deadline - 1ms);
  gate.let_pass(1);
  gate.wait_for_runs(2);
  CHECK(batcher.next_deadline() == Clock::time_point::max());
  std::this_thread::sleep_until(deadline + 1ms);
  gate.let_pass(1000);
  first.join();
  CHECK(codes == std::vector{Errc::deadline_exceeded, Errc::deadline_exceeded});
  CHECK(batcher.stats().expired == 2);
}

// Nothing is known of when each fires: each ends once, for one of the reasons that it may have.
TEST_CASE("stop answers what is queued and refuses what comes") {
  Gate gate;
  Batcher batcher(gate.plan(), {.max_batch = 8, .concurrent_runs = 1});
  Rows a(gate.alone(), 8), b(gate.alone(), 2), c(gate.alone(), 2);
  std::thread first([&] { batcher.run(a.x, a.y); });
  gate.wait_for_a_run();
  std::thread second([&] { batcher.run(b.x, b.y); });
  wait_until_queued(batcher, 2);
  std::thread stopper([&] { batcher.stop(); });
  while (failure([&] { batcher.run(c.x, c.y, {.deadline = Clock::now() + 1ms}); }) !=
         "unavailable: batcher: it is being shut down") {
  }
  gate.open();
  for (std::thread* thread : {&first, &second, &stopper}) thread->join();
  CHECK((a.right() && b.right()));
}

TEST_CASE("arguments that cannot be served are refused") {
  const Plan plan = plan_of();
  CHECK(failure([&] { Batcher(plan, {.max_batch = 0}); }).starts_with("invalid_argument: batcher: max_batch"));
  CHECK(failure([&] { Batcher(plan, {.max_batch = 8, .max_queue_rows = 7}); }).starts_with("invalid_argument"));
  CHECK(failure([&] { Batcher(plan, {.max_delay = std::chrono::hours(2)}); }) ==
        "invalid_argument: batcher: max_delay: expected 0 us to an hour, got 7200000000 us");
  CHECK(failure([&] { Batcher(plan, {.max_delay = -1us}); }).starts_with("invalid_argument: batcher: max_delay"));
  Model coupled = Sequential{Softmax(0)};
  CHECK(failure([&] { Batcher(coupled.compile({.input_shape = Shape{3}})); }).starts_with("invalid_argument"));
  Batcher batcher(plan, {.max_batch = 4});
  std::vector<float> x(5 * 20), y(5 * 3);
  CHECK(failure([&] { batcher.run(x, y); }) ==
        "invalid_argument: batcher: rows of a request: expected at most max_batch = 4, got 5");
  CHECK(failure([&] { batcher.run(x, std::span(y).first(3)); }).starts_with("shape_mismatch: run: y"));
  CHECK(failure([&] { batcher.submit(x, y, nullptr); }).starts_with("invalid_argument: batcher: done"));
  CHECK(failure([&] { batcher.run({}, {}); }) == "no error");
  CHECK(batcher.stats().runs == 0);
}
