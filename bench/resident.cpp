// Networks or model files -> the resident memory that each step of using them adds.
// SPDX-License-Identifier: Apache-2.0
//
// usage: lamina_bench_resident [MODEL...]; without arguments the networks of shapes.hpp that servers have. A process
// per model. Anonymous pages are the model's; pages of files are the code of lamina, libstdc++ and oneTBB as far as it
// ran, and are shared between the processes of a machine.
#include "build_model.hpp"

#include <lamina/lamina.hpp>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace lamina::bench {
namespace {

struct Resident {
  double anonymous = 0, file = 0;  // KiB
};

Resident resident() {
  malloc_trim(0);
  Resident now;
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "RssAnon:") status >> now.anonymous;
    if (word == "RssFile:") status >> now.file;
  }
  return now;
}

void report(const std::string& name, const std::function<Model()>& load) {
  const Resident start = resident();
  Model model = load();
  const Resident loaded = resident();
  const Plan plan = std::move(model).compile();
  const Resident compiled = resident();
  Workspace workspace = plan.workspace();
  std::vector<float> x(64 * plan.input_size(), 0.5f), y(64 * plan.output_size());
  const Resident before = resident();
  plan.run(x, y, workspace);
  const Resident ran = resident();
  std::printf("| %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |\n", name.c_str(),
              static_cast<double>(plan.weight_bytes()) / 1024, loaded.anonymous - start.anonymous,
              compiled.anonymous - start.anonymous, static_cast<double>(workspace.bytes()) / 1024,
              ran.anonymous - before.anonymous, ran.file - start.file);
  std::fflush(stdout);
}

void in_process_of_its_own(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      body();
      _exit(0);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "lamina_bench_resident: %s\n", error.what());
      _exit(1);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
}

int run(int argc, char** argv) {
  std::printf(
      "KiB resident; the run is of 64 rows\n\n"
      "| model | packed weights | Model | Plan | Workspace | touched by a run | code, of files |\n"
      "|---|---|---|---|---|---|---|\n");
  std::fflush(stdout);
  for (int i = 1; i < argc; ++i) {
    in_process_of_its_own([&] { report(argv[i], [&] { return lamina::load(argv[i]); }); });
  }
  for (const Network& network : kNetworks) {
    const bool server = network.name == "seed784" || network.name == "tab32" || network.name == "rec479";
    if (argc > 1 || !server) continue;
    in_process_of_its_own([&] { report(std::string(network.name), [&] { return build_model(draw_chain(network)); }); });
  }
  return 0;
}

}  // namespace
}  // namespace lamina::bench

int main(int argc, char** argv) { return lamina::bench::run(argc, argv); }
