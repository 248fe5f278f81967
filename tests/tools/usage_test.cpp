// Command lines, good and bad -> help, one line on stderr, and the exit status that belongs to it.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <lamina/version.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

namespace lamina::test {
namespace {

TEST_CASE("every command explains itself on stdout") {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                    {"run", "--help"},
                                                    {"inspect", "--help"},
                                                    {"verify", "-h"},
                                                    {"convert", "--help"},
                                                    {"serve", "--help"},
                                                    {"plot", "--help"},
                                                    {"info", "--help"}}) {
    const Outcome outcome = run_lamina(arguments);
    INFO(arguments.front());
    CHECK(outcome.status == 0);
    CHECK(outcome.err.empty());
    CHECK(holds(outcome.out, "Usage: lamina " + (arguments.size() > 1 ? arguments.front() : "[OPTIONS] COMMAND")));
  }
  for (const std::string command : {"run", "inspect", "verify", "convert", "serve", "plot", "info"}) {
    CHECK(holds(run_lamina({"--help"}).out, "\n  " + command + " "));
  }
}

TEST_CASE("the version is the library's") {
  const Outcome outcome = run_lamina({"--version"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "lamina " + std::string(version()) + "\n");
}

TEST_CASE("bad usage ends with status 2 and says where help is") {
  const Folder folder;
  const std::string model = save_sum(folder / "sum.safetensors");
  const std::string x = folder.put("x.csv", "1,2\n");
  const auto refused = [](std::vector<std::string> arguments, std::string_view part) {
    const Outcome outcome = run_lamina(std::move(arguments));
    return fails(outcome, 2, part) && holds(outcome.err, "--help");
  };
  CHECK(refused({}, "a command is needed"));
  CHECK(refused({"walk"}, "unknown command 'walk': expected one of run, inspect"));
  CHECK(refused({"run"}, "MODEL is required"));
  CHECK(refused({"run", model, "--speed"}, "--speed"));
  CHECK(refused({"run", model, "--batch", "0"}, "--batch: expected a whole number from 1 on, got '0'"));
  CHECK(refused({"run", model, "-i", x, "--batch", "1000000000000"}, "--batch: expected at most"));
  CHECK(refused({"run", model, "--threads", "-1"}, "--threads"));
  CHECK(refused({"run", model, "--threads", "two"}, "--threads"));
  CHECK(refused({"run", model, "--format", "xml"}, "--format"));
  CHECK(refused({"run", model, "--format", "csv", "--json"}, "--json"));
  CHECK(refused({"run", model, "--labels", "names"}, "--top"));
  CHECK(refused({"run", model, "--separator", "ab"}, "--separator: expected one character"));
  CHECK(refused({"run", model, "--map", "0"}, "--map: expected LAYER=TENSOR, got '0'"));
  CHECK(refused({"run", model, "--map", "0=a,"}, "--map: expected LAYER=TENSOR, got '0=a,'"));
  CHECK(refused({"run", model, "--map", "0\\=a"}, "--map: expected LAYER=TENSOR, got '0\\=a'"));
  CHECK(refused({"run", model, "--keras", "4"}, "--keras"));
  CHECK(refused({"run", model, "--input-shape", "2y3"}, "--input-shape"));
  CHECK(refused({"inspect"}, "MODEL or --arch is needed"));
  CHECK(refused({"inspect", "--arch", kSumText, "--map", "0=fc1"}, "MODEL"));
  CHECK(refused({"inspect", model, "--seed", "1"}, "--seed"));
  CHECK(refused({"verify", model, "-i", "x.npy"}, "one of -e and --classes is needed"));
  CHECK(refused({"convert", model}, "OUT"));
  CHECK(refused({"convert", model, "out.npz"}, ".safetensors"));
  CHECK(refused({"plot"}, "NAMES"));
  CHECK(refused({"info", "now"}, "now"));
}

TEST_CASE("work that fails ends with status 1") {
  const Folder folder;
  const std::string model = save_sum(folder / "sum.safetensors");
  const std::string x = folder.put("x.csv", "1,2\n");
  CHECK(fails(run_lamina({"run", folder / "none.safetensors", "-i", x}), 1, "none.safetensors"));
  CHECK(fails(run_lamina({"run", model, "-i", folder / "none.npy"}), 1, "none.npy"));
  CHECK(fails(run_lamina({"run", model, "-i", x, "-o", folder / "none/y.csv"}), 1, "none"));
  CHECK(fails(run_lamina({"run", model, "-i", folder.put("bad.csv", "1,2\n1,x\n")}), 1, "bad.csv: line 2"));
  CHECK(fails(run_lamina({"run", folder.put("junk", "junk"), "-i", x}), 1, "junk"));
  CHECK(fails(run_lamina({"inspect", "--arch", "nn.Sequential(nn.Linear(2, 3), nn.Lineal(3, 1))"}), 1, "Lineal"));
  CHECK(fails(run_lamina({"inspect", "--arch", "@" + (folder / "none.py").string()}), 1, "none.py"));
}

TEST_CASE("a name with a line break stays within one line") {
  const Folder folder;
  CHECK(fails(run_lamina({"run", (folder / "a\nb").string(), "-i", "x"}), 1, "a b"));
}

TEST_CASE("a full device is an error, not silence") {
  CHECK(launch({{"info"}, "/dev/null", "/dev/full"}).status == 1);
  CHECK(launch({{"--help"}, "/dev/null", "/dev/full"}).status == 1);
}

TEST_CASE("a reader that goes away ends the program without a trace") {
  const Folder folder;
  const std::string model = save_double(folder / "double.safetensors");
  std::string numbers;
  while (numbers.size() < (std::size_t{1} << 20)) numbers += "1\n";
  const std::string x = folder.put("x.csv", numbers), pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);  // the program's own open needs one
  std::atomic<bool> ended = false;
  std::thread closer([&] {
    char byte = 0;
    while (::read(reader, &byte, 1) != 1 && !ended) ::usleep(1000);
    ::close(reader);
  });
  const Outcome outcome = launch({{"run", model, "-i", x}, "/dev/null", pipe});
  ended = true;
  closer.join();
  CHECK((outcome.status == 1 || outcome.status == 128 + SIGPIPE));
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') <= 1);
}

}  // namespace
}  // namespace lamina::test
