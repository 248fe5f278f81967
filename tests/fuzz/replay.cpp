// Files and folders of them -> a fuzz target meets each, with every cut and flipped bit (none of those after --whole).
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/heap.hpp"
#include "fuzz/survive.hpp"
#include "fuzz/variants.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// Of the sanitizers' runtime, where there is one.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// load() promises its weights, the largest tensor and 64 MiB: here twice limits().weight_bytes, and 64 MiB.
constexpr std::size_t kMostHeap = std::size_t{80} << 20;
constexpr std::chrono::seconds kMostTime(10);
constexpr int kMostFailures = 10;

std::string current;  // what the target is at, for the report of a sanitizer

void print_current() { std::fprintf(stderr, "at %s\n", current.c_str()); }

struct Tally {
  std::size_t inputs = 0, heap = 0;
  Clock::duration time{};
  int failures = 0;
};

std::string failure_of(std::string_view input, Tally& tally) {
  // A copy of exactly its size, so that a byte too far is not within a larger string.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  const Clock::time_point start = Clock::now();
  lamina::fuzz::start_heap_peak();
  try {
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  } catch (const std::exception& exception) {
    return exception.what();
  }
  const std::size_t heap = lamina::fuzz::heap_peak();
  const Clock::duration time = Clock::now() - start;
  tally.heap = std::max(tally.heap, heap);
  tally.time = std::max(tally.time, time);
  if (heap > kMostHeap) return "held " + std::to_string(heap) + " bytes at once";
  if (time > kMostTime) return "took more than 10 s";
  return {};
}

void meet(std::string_view input, const std::string& name, Tally& tally) {
  if (tally.failures >= kMostFailures) return;
  current = name;
  ++tally.inputs;
  const std::string failure = failure_of(input, tally);
  if (failure.empty()) return;
  ++tally.failures;
  std::printf("BAD  %s: %s\n", name.c_str(), failure.c_str());
}

void meet_file(const fs::path& path, bool whole, Tally& tally) {
  std::ifstream stream(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(stream), {}};
  const auto visit = [&](std::string_view bytes, const std::string& change) {
    meet(bytes, path.string() + ", " + change, tally);
  };
  meet(file, path.string(), tally);
  if (whole) return;
  lamina::fuzz::each_beginning(file, visit);
  lamina::fuzz::each_flipped_bit(file, visit);
  lamina::fuzz::each_flipped_bit_of_members(file, visit);
}

std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int count, char** arguments) {
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(print_current);
  Tally tally;
  std::size_t files = 0;
  bool whole = false;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(arguments[i]) == "--whole") {
      whole = true;
      continue;
    }
    for (const fs::path& path : files_of(arguments[i])) {
      ++files;
      meet_file(path, whole, tally);
    }
  }
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(tally.time).count();
  std::printf("%zu files, %zu inputs, %d bad; at most %zu bytes of heap and %lld ms for one\n", files, tally.inputs,
              tally.failures, tally.heap, static_cast<long long>(milliseconds));
  return tally.failures == 0 && files > 0 ? 0 : 1;
}
