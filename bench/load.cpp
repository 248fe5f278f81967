// Model files -> time and peak memory of loading each, beside reading its bytes as cat does.
// SPDX-License-Identifier: Apache-2.0
#include <lamina/lamina.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr int kRounds = 5;  // the best counts: the page cache is warm from the second on

struct Cost {
  double milliseconds = 0;
  double peak_mib = 0;  // resident, beyond what the process had before
};

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// What `work` takes in a process of its own, so that no peak hides another.
template <class Work>
Cost measure(Work work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    try {
      const double before = peak_mib();
      const auto start = std::chrono::steady_clock::now();
      work();
      const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
      const Cost cost{time.count(), peak_mib() - before};
      const bool sent = write(ends[1], &cost, sizeof cost) == sizeof cost;
      _exit(sent ? 0 : 1);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "lamina_bench_load: %s\n", error.what());
      _exit(1);
    }
  }
  close(ends[1]);
  Cost cost;
  const bool received = read(ends[0], &cost, sizeof cost) == sizeof cost;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!received || status != 0) throw std::runtime_error("a measured process failed");
  return cost;
}

template <class Work>
Cost best(Work work) {
  Cost best = measure(work);
  for (int round = 1; round < kRounds; ++round) {
    const Cost cost = measure(work);
    if (cost.milliseconds < best.milliseconds) best = cost;
  }
  return best;
}

/// cat FILE >/dev/null, without starting it.
void read_all(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY);
  if (file < 0) throw std::runtime_error("cannot open " + path);
  std::vector<char> buffer(std::size_t{128} << 10);
  while (read(file, buffer.data(), buffer.size()) > 0) continue;
  close(file);
}

void show(const std::string& path, const lamina::LoadOptions& options) {
  const auto mib = static_cast<double>(std::filesystem::file_size(path)) / (1 << 20);
  const Cost cat = best([&] { read_all(path); });
  const Cost load = best([&] { (void)lamina::load(path, options); });
  const Cost compile = best([&] { (void)lamina::load(path, options).compile(); });
  std::printf("| %s | %.0f | %.0f | %.0f (%.1f) | %.0f | %.0f | %.0f |\n",
              std::filesystem::path(path).filename().c_str(), mib, cat.milliseconds, load.milliseconds,
              load.milliseconds / cat.milliseconds, load.peak_mib, compile.milliseconds, compile.peak_mib);
  std::fflush(stdout);
}

/// 400 MB in 25 layers, as lamina saves it.
void make_sample(const std::string& path) {
  constexpr std::int64_t kWidth = 2000;
  std::string text;
  for (int layer = 0; layer < 25; ++layer) {
    text += "nn.Linear(" + std::to_string(kWidth) + ", " + std::to_string(kWidth) + "), nn.ReLU(), ";
  }
  lamina::Model model = lamina::parse_architecture("nn.Sequential(" + text + ")");
  model.randomize(1);
  lamina::save(model, path);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int run(int argc, char** argv) {
  lamina::LoadOptions options;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--arch" && i + 1 < argc) {
      options.architecture = text_of(argv[++i]);
    } else {
      paths.push_back(argument);
    }
  }
  const std::filesystem::path sample =
      std::filesystem::temp_directory_path() / ("lamina-" + std::to_string(getpid()) + ".safetensors");
  const bool make = paths.empty();
  if (make) {
    paths.push_back(sample.string());
    make_sample(sample.string());
  }
  std::printf("| file | MiB | read, ms | load, ms (times read) | peak, MiB | load and compile, ms | peak, MiB |\n");
  std::printf("|---|---|---|---|---|---|---|\n");
  for (const std::string& path : paths) show(path, options);
  if (make) std::filesystem::remove(sample);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lamina_bench_load: %s\n", error.what());
    return 1;
  }
}
