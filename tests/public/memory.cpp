// Loading and compiling a model of 200 MB -> peak resident memory within what is promised.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/folder.hpp"

#include <lamina/lamina.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

using namespace lamina;
using namespace lamina::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // shadow memory, and freed memory is kept back
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr std::int64_t kWidth = 1800;
constexpr int kLayers = 16;
constexpr double kTensorMib = static_cast<double>(kWidth * kWidth) * 4 / (1 << 20);
constexpr double kWeightsMib = kLayers * kTensorMib;  // 198: more than thrice the 64 MiB that are free to use

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// MiB that `work` adds to the peak of a process of its own; -1 where it failed.
template <class Work>
double added_peak(Work work) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    double added = -1;
    try {
      const double before = peak_mib();
      work();
      added = peak_mib() - before;
    } catch (const std::exception&) {
      added = -1;
    }
    _exit(write(ends[1], &added, sizeof added) == sizeof added ? 0 : 1);
  }
  close(ends[1]);
  double added = -1;
  const bool received = read(ends[0], &added, sizeof added) == sizeof added;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return received ? added : -1;
}

void save_sample(const std::filesystem::path& path) {
  std::string text;
  const std::string width = std::to_string(kWidth);
  for (int i = 0; i < kLayers; ++i) text += "nn.Linear(" + width + ", " + width + "), nn.ReLU(), ";
  Model model = parse_architecture("nn.Sequential(" + text + ")");
  model.randomize(1);
  save(model, path);
}

}  // namespace

TEST_CASE(
    "load peaks at the weights, one tensor and 64 MiB; compile of an rvalue adds one tensor, else the packed copy") {
  if (kSanitized) return;
  const Folder folder;
  const std::filesystem::path path = folder / "large.safetensors";
  // In a process of its own as well: what it leaves in the heap would hide what a child adds.
  REQUIRE(added_peak([&] { save_sample(path); }) > kWeightsMib);
  const double load_peak = added_peak([&] { (void)load(path); });
  CHECK(load_peak > kWeightsMib);  // else this does not measure
  CHECK(load_peak < kWeightsMib + kTensorMib + 64);
  CHECK(added_peak([&] { (void)load(path).compile(); }) < kWeightsMib + kTensorMib + 64);
  const double with_both = added_peak([&] {
    const Model model = load(path);
    (void)model.compile();
  });
  CHECK(with_both > 2 * kWeightsMib);
  CHECK(with_both < 2 * kWeightsMib + 2 * kTensorMib + 64);
}
