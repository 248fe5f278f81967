// Callers that each ask for one row again and again -> requests per second and latencies, lamina's and a peer's.
// SPDX-License-Identifier: Apache-2.0
//
// usage: lamina_bench_callers [SECONDS], a second per cell by default. Closed loop: a caller asks as soon as it has its
// answer. The first three contenders have a thread per caller, as a server with blocking handlers has; the last has two
// threads and as many requests under way as the others have callers, as an event loop has.
#include "aligned.hpp"
#include "build_model.hpp"
#include "peers/peer.hpp"

#include <lamina/lamina.hpp>

#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace lamina::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Counts of times, in steps of 6 %.
class Latencies {
 public:
  void add(std::uint64_t ns) { ++counts_[bucket(ns)]; }
  void add(const Latencies& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }
  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }
  /// Microseconds that a share of all calls did not exceed.
  [[nodiscard]] double percentile(double share) const {
    const auto limit = static_cast<std::uint64_t>(share * static_cast<double>(count()));
    std::uint64_t sum = 0;
    std::size_t i = 0;
    for (; i + 1 < counts_.size() && (sum += counts_[i]) <= limit; ++i) continue;
    return static_cast<double>((16 + i % 16 + 1) << (i / 16)) / 16e3;
  }

 private:
  /// The highest five bits of 16 ns.
  static std::size_t bucket(std::uint64_t ns) {
    const std::uint64_t value = std::max<std::uint64_t>(16, ns * 16);
    const auto exponent = static_cast<std::size_t>(std::bit_width(value)) - 5;
    return std::min(kBuckets - 1, exponent * 16 + (value >> exponent) % 16);
  }
  static constexpr std::size_t kBuckets = std::size_t{16} * 48;
  std::array<std::uint64_t, kBuckets> counts_ = {};
};

struct Result {
  double per_second = 0, p50 = 0, p99 = 0;
};

Result result_of(const Latencies& all, double seconds) {
  return {static_cast<double>(all.count()) / seconds, all.percentile(0.5), all.percentile(0.99)};
}

/// What one caller calls, with its own x and y.
using MakeRun = std::function<Run(const float* x, float* y)>;

struct Rows {
  Rows(const Chain& chain, std::size_t caller) : x(chain.inputs()), y(chain.outputs()) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i + caller) * 37 % 256) / 64 - 2;
  }
  Floats x, y;
};

/// The calling thread to one of the CPUs that this process has, in turns: threads that never sleep are else left where
/// they began, two on one CPU and none on another, for a second and more.
void pin(std::size_t index) {
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof all, &all) != 0) return;
  index %= static_cast<std::size_t>(CPU_COUNT(&all));
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &all) || index-- != 0) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

/// Each caller in a thread of its own. A tenth of the time passes before it counts.
Result measure_threads(const Chain& chain, std::size_t callers, double seconds, const MakeRun& make_run) {
  std::atomic<int> phase{0};  // 0: wait, 1: unmeasured, 2: measured, 3: over
  std::vector<Latencies> latencies(callers);
  std::vector<std::thread> threads;
  for (std::size_t caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      Rows rows(chain, caller);
      const Run run = make_run(rows.x.data(), rows.y.data());
      pin(caller);
      phase.wait(0);
      for (Clock::time_point before = Clock::now(); phase < 3;) {
        run();
        const Clock::time_point now = Clock::now();
        if (phase == 2) latencies[caller].add(static_cast<std::uint64_t>((now - before).count()));
        before = now;
      }
    });
  }
  const std::chrono::duration<double> unmeasured(seconds / 10), measured(seconds);
  phase = 1;
  phase.notify_all();
  std::this_thread::sleep_for(unmeasured);
  const Clock::time_point begin = Clock::now();
  phase = 2;
  std::this_thread::sleep_for(measured);
  phase = 3;
  const std::chrono::duration<double> time = Clock::now() - begin;
  Latencies all;
  for (std::size_t caller = 0; caller < callers; ++caller) {
    threads[caller].join();
    all.add(latencies[caller]);
  }
  return result_of(all, time.count());
}

/// Two event loops with as many requests under way as there are callers: each takes what is ready, and hands it over at
/// once.
class Loops {
 public:
  Loops(Batcher& batcher, const Chain& chain, std::size_t requests, double seconds)
      : batcher_(batcher), begin_(Clock::now() + duration(seconds / 10)), end_(begin_ + duration(seconds)) {
    for (std::size_t i = 0; i < requests; ++i) requests_.push_back(std::make_unique<Request>(chain, i));
    for (const auto& request : requests_) ready_.push_back(request.get());
  }
  Result run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) threads.emplace_back([this] { loop(); });
    for (std::thread& thread : threads) thread.join();
    batcher_.stop();
    Latencies all;
    for (const auto& request : requests_) all.add(request->latencies);
    return result_of(all, std::chrono::duration<double>(end_ - begin_).count());
  }

 private:
  struct Request {
    Request(const Chain& chain, std::size_t index) : rows(chain, index) {}
    Rows rows;
    Clock::time_point since = Clock::now();
    Latencies latencies;
  };
  static Clock::duration duration(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }
  void loop() {
    std::vector<Request*> taken;
    while (Clock::now() < end_) {
      {
        const std::lock_guard lock(mutex_);
        taken.swap(ready_);
      }
      for (Request* request : taken) {
        batcher_.enqueue(request->rows.x, request->rows.y, [this, request](const Error*) { answered(*request); });
      }
      if (taken.empty()) std::this_thread::yield();
      taken.clear();
      batcher_.flush();
    }
  }
  void answered(Request& request) {
    const Clock::time_point now = Clock::now();
    if (now >= begin_ && now < end_) {
      request.latencies.add(static_cast<std::uint64_t>((now - request.since).count()));
    }
    request.since = now;
    const std::lock_guard lock(mutex_);
    ready_.push_back(&request);
  }

  Batcher& batcher_;
  const Clock::time_point begin_, end_;
  std::vector<std::unique_ptr<Request>> requests_;
  std::mutex mutex_;
  std::vector<Request*> ready_;
};

void print_row(const std::string& network, const std::string& contender, std::size_t callers, const Result& result,
               double mean_batch) {
  std::printf("| %s | %s | %zu | %.0f | %.1f | %.1f | %.1f |\n", network.c_str(), contender.c_str(), callers,
              result.per_second, result.p50, result.p99, mean_batch);
  std::fflush(stdout);
}

double mean_batch(const Batcher& batcher) {
  const BatcherStats stats = batcher.stats();
  return static_cast<double>(stats.rows) / static_cast<double>(std::max<std::uint64_t>(1, stats.runs));
}

MakeRun plan_run(const Plan& plan) {
  return [plan](const float* x, float* y) -> Run {
    const std::span<const float> in(x, plan.input_size());
    const std::span<float> out(y, plan.output_size());
    return [plan, in, out] { plan.run(in, out); };
  };
}

MakeRun batcher_run(Batcher& batcher) {
  return [&batcher](const float* x, float* y) -> Run {
    const std::span<const float> in(x, batcher.plan().input_size());
    const std::span<float> out(y, batcher.plan().output_size());
    return [&batcher, in, out] { batcher.run(in, out); };
  };
}

void compare(const Chain& chain, double seconds) {
  const Plan plan = build_model(chain).compile();
  const std::vector<Way> peers = peer_ways({chain, "", 1, 1}, "");
  for (const std::size_t callers : {8u, 64u, 512u}) {
    print_row(chain.name, "Plan::run", callers, measure_threads(chain, callers, seconds, plan_run(plan)), 1);
    Batcher blocking(plan), submitting(plan);
    const Result blocked = measure_threads(chain, callers, seconds, batcher_run(blocking));
    print_row(chain.name, "Batcher::run", callers, blocked, mean_batch(blocking));
    const Result submitted = Loops(submitting, chain, callers, seconds).run();
    print_row(chain.name, "Batcher::enqueue", callers, submitted, mean_batch(submitting));
    for (const Way& way : peers) {
      print_row(chain.name, "ONNX Runtime " + peer_version(), callers,
                measure_threads(chain, callers, seconds, way.caller), 1);
    }
  }
}

void scale(const Chain& chain, double seconds) {
  const Plan plan = build_model(chain).compile();
  double one = 0;
  for (std::size_t callers = 1; callers <= 8; ++callers) {
    const Result result = measure_threads(chain, callers, seconds, plan_run(plan));
    if (callers == 1) one = result.per_second;
    std::printf("| %s | %zu | %.0f | %.2f |\n", chain.name.c_str(), callers, result.per_second,
                result.per_second / one);
    std::fflush(stdout);
  }
}

int run(double seconds) {
  const auto networks = [](const Network& network) { return network.name == "seed784" || network.name == "rec479"; };
  std::printf("%d effective CPUs\n\n", system_info().effective_cpus);
  std::printf("| network | contender | callers | requests/s | p50, us | p99, us | mean batch |\n");
  std::printf("|---|---|---|---|---|---|---|\n");
  for (const Network& network : kNetworks) {
    if (networks(network)) compare(draw_chain(network), seconds);
  }
  std::printf(
      "\nOne Plan, its callers each in a thread\n\n| network | callers | requests/s | times one "
      "|\n|---|---|---|---|\n");
  for (const Network& network : kNetworks) {
    if (networks(network)) scale(draw_chain(network), seconds);
  }
  return 0;
}

}  // namespace
}  // namespace lamina::bench

int main(int argc, char** argv) {
  try {
    return lamina::bench::run(argc > 1 ? std::atof(argv[1]) : 1.0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lamina_bench_callers: %s\n", error.what());
    return 1;
  }
}
