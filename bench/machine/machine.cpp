// Times the roof kernels on each CPU at once: the peak and the bandwidth of every level.
// SPDX-License-Identifier: Apache-2.0
#include "machine/machine.hpp"

#include "machine/kernels.hpp"

#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <thread>

namespace lamina::bench {
namespace {

using Clock = std::chrono::steady_clock;

const RoofKernels& kernels_of(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::sse4) return kRoofSse4;
  return isa == Isa::avx2 ? kRoofAvx2 : kRoofAvx512;
#else
  static_cast<void>(isa);
  return kRoofNeon;
#endif
}

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

/// work() does the same amount of something on each CPU; the best rate of several rounds, amount per second in all.
double best_rate(const std::vector<int>& cpus, const std::function<double()>& work) {
  constexpr int kRounds = 15;
  std::vector<double> times(kRounds), amounts(kRounds);
  std::barrier turn(static_cast<std::ptrdiff_t>(cpus.size()));
  const auto helper = [&](std::size_t index) {
    pin(cpus[index]);
    work();
    for (std::size_t round = 0; round < kRounds; ++round) {
      turn.arrive_and_wait();
      const auto begin = Clock::now();
      const double amount = work();
      turn.arrive_and_wait();
      if (index != 0) continue;
      times[round] = std::chrono::duration<double>(Clock::now() - begin).count();
      amounts[round] = amount * static_cast<double>(cpus.size());
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < cpus.size(); ++i) threads.emplace_back(helper, i);
  threads.clear();  // joins
  double best = 0;
  for (std::size_t round = 0; round < kRounds; ++round) best = std::max(best, amounts[round] / times[round]);
  return best;
}

struct Release {
  void operator()(float* data) const { std::free(data); }
};
using Buffer = std::unique_ptr<float, Release>;

/// On 2 MiB pages where the kernel gives them, so that what is measured is not the walk of page tables.
Buffer make_buffer(std::size_t bytes) {
  constexpr std::size_t kPage = std::size_t{2} << 20;
  const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
  Buffer buffer(static_cast<float*>(std::aligned_alloc(kPage, whole)));
  if (!buffer) throw std::bad_alloc();
  ::madvise(buffer.get(), whole, MADV_HUGEPAGE);
  std::fill_n(buffer.get(), bytes / sizeof(float), 1.0f);
  return buffer;
}

/// Bytes per second, every thread from `bytes` of its own.
double read_rate(const RoofKernels& kernels, const std::vector<int>& cpus, std::size_t bytes) {
  const std::size_t turns = std::max<std::size_t>(1, (std::size_t{64} << 20) / bytes);
  return best_rate(cpus, [&kernels, bytes, turns] {
    thread_local Buffer mine;
    thread_local std::size_t size = 0;
    if (size != bytes) mine = make_buffer(bytes);
    size = bytes;
    for (std::size_t turn = 0; turn < turns; ++turn) kernels.read(mine.get(), bytes);
    return static_cast<double>(bytes * turns);
  });
}

/// What one CPU can use of a level: glibc's sysconf adds up the last caches of an EPYC's other dies. 0 where unknown.
std::size_t cache_bytes(int cpu, int level) {
  for (int index = 0; index < 8; ++index) {
    const std::string folder =
        "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cache/index" + std::to_string(index) + "/";
    int found = 0;
    std::string type;
    std::size_t kilobytes = 0;
    std::ifstream(folder + "level") >> found;
    std::ifstream(folder + "type") >> type;
    std::ifstream(folder + "size") >> kilobytes;  // "32768K"
    if (found == level && type != "Instruction") return kilobytes * 1024;
  }
  return 0;
}

}  // namespace

const Level& Machine::level_of(double bytes) const {
  for (const Level& level : levels) {
    if (bytes <= static_cast<double>(level.bytes)) return level;
  }
  return levels.back();
}

Machine measure_machine(const std::vector<int>& cpus) {
  const SystemInfo info = system_info();
  const RoofKernels& kernels = kernels_of(info.best);
  Machine machine{info.cpu, std::string(to_string(info.best)), static_cast<int>(cpus.size()), 0, {}};
  machine.gigaflops = 1e-9 * best_rate(cpus, [&] { return kernels.multiply_add(std::size_t{1} << 18); });
  const auto add = [&](const char* name, std::size_t size, std::size_t buffer) {
    if (size == 0) return;
    machine.levels.push_back({name, size, 1e-9 * read_rate(kernels, cpus, buffer / 4096 * 4096)});
  };
  const std::size_t l1 = cache_bytes(cpus[0], 1), l2 = cache_bytes(cpus[0], 2), l3 = cache_bytes(cpus[0], 3);
  // Well inside a level and well beyond the one before; the last cache is shared, with other machines too.
  add("L1", l1, l1 / 2);
  add("L2", l2, l2 / 4 * 3);
  add("L3", l3, std::max(2 * l2, l3 / 4 / cpus.size()));
  add("memory", std::numeric_limits<std::size_t>::max(), std::max<std::size_t>(8 * l3, 256u << 20));
  return machine;
}

}  // namespace lamina::bench
