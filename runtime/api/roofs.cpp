// An instruction set and a number of threads -> the peak of this machine and the bandwidth of each level of memory.
// SPDX-License-Identifier: Apache-2.0
#include "base/aligned.hpp"
#include "base/fail.hpp"
#include "kernel/kernels.hpp"
#include "plan/compile.hpp"

#include <lamina/system.hpp>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <string>
#include <thread>

namespace lamina {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 9;
constexpr std::size_t kChunk = 256;  // floats: what kernel::ReadFn takes a multiple of

/// work(thread) does the same amount of something on each thread and returns it; the best of several rounds, amount per
/// ns of all threads together.
template <class Work>
double best_rate(int threads, const Work& work) {
  std::barrier turn(threads);
  double best = 0;
  const auto take_part = [&](int thread) {
    work(thread);  // wakes the vector units, touches the memory
    for (int round = 0; round < kRounds; ++round) {
      turn.arrive_and_wait();
      const auto begin = Clock::now();
      const double amount = work(thread);
      turn.arrive_and_wait();
      const double ns = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
      if (thread == 0) best = std::max(best, amount * threads / ns);
    }
  };
  std::vector<std::jthread> others;
  try {
    for (int t = 1; t < threads; ++t) others.emplace_back(take_part, t);
  } catch (...) {  // no more threads to be had: those that have begun go on without them, and end
    for (int t = static_cast<int>(others.size()); t < threads; ++t) turn.arrive_and_drop();
    throw;
  }
  take_part(0);
  return best;
}

/// Gigabytes per second, each thread reading `bytes` of its own.
double read_rate(const kernel::KernelTable& table, int threads, std::size_t bytes) {
  const std::size_t floats = std::max(bytes / sizeof(float) / kChunk, std::size_t{1}) * kChunk;
  const std::size_t turns = std::max<std::size_t>(1, (std::size_t{8} << 20) / (floats * sizeof(float)));
  std::vector<base::AlignedFloats> memory;
  for (int t = 0; t < threads; ++t) {
    memory.emplace_back(floats);
    std::fill_n(memory.back().data(), floats, 1.0f);
  }
  return best_rate(threads, [&](int thread) {
    const float* data = memory[static_cast<std::size_t>(thread)].data();
    for (std::size_t turn = 0; turn < turns; ++turn) table.read_floats(data, floats);
    return static_cast<double>(turns * floats * sizeof(float));
  });
}

}  // namespace

const MemoryLevel& Roofs::level_of(std::size_t bytes) const {
  for (const MemoryLevel& level : levels) {
    if (level.bytes == 0 || bytes <= level.bytes) return level;
  }
  return levels.back();
}

Roofs measure_roofs(Isa isa, int threads) {
  if (threads < 1)
    base::fail(Errc::invalid_argument, "measure_roofs", "threads", "at least 1", std::to_string(threads));
  const kernel::KernelTable& table = plan::select_table(isa);
  const SystemInfo system = system_info();
  const auto count = static_cast<std::size_t>(threads);
  Roofs roofs{isa, threads, 0, {}};
  roofs.gigaflops = best_rate(threads, [&](int) { return table.multiply_add(std::size_t{1} << 16); });
  const auto add = [&](const char* name, std::size_t size, std::size_t read) {
    if (size != 0) roofs.levels.push_back({name, size, read_rate(table, threads, read)});
  };
  // Well inside a level and well beyond the one before. The last cache is shared, with other machines too.
  add("L1", system.l1d_bytes, system.l1d_bytes / 2);
  add("L2", system.l2_bytes, system.l2_bytes / 4 * 3);
  add("L3", system.l3_bytes, std::max(2 * system.l2_bytes, system.l3_bytes / 4 / count));
  const std::size_t beyond = std::max<std::size_t>(4 * system.l3_bytes, std::size_t{128} << 20);
  roofs.levels.push_back({"memory", 0, read_rate(table, threads, beyond / count)});
  return roofs;
}

}  // namespace lamina
