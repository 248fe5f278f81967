// lamina run, ended by a signal while it writes: no temporary file stays behind, and the caller sees the signal.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace lamina::test {
namespace {

constexpr auto kPause = std::chrono::milliseconds(5);
constexpr std::size_t kRows = 60'000;
constexpr int kPauses = 4000;  // 20 s, for a machine that is busy

/// The program with a pipe as its input, which the test keeps open.
class Waiting {
 public:
  explicit Waiting(std::vector<std::string> arguments, bool hangup_ignored = false) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    arguments.insert(arguments.begin(), LAMINA_PROGRAM);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      if (hangup_ignored) signal(SIGHUP, SIG_IGN);
      dup2(ends[0], STDIN_FILENO);
      close(ends[0]);
      close(ends[1]);
      execv(LAMINA_PROGRAM, pointers.data());
      _exit(127);
    }
    close(ends[0]);
    input_ = ends[1];
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    if (input_ >= 0) close(input_);
    if (child_ > 0) waitpid(child_, nullptr, 0);
  }

  /// Enough rows for the program to know the form of its input and to begin with the output.
  void give_rows() {
    std::string rows;
    for (std::size_t i = 0; i < kRows; ++i) rows += "1,2\n";
    REQUIRE(write(input_, rows.data(), rows.size()) == static_cast<ssize_t>(rows.size()));
  }
  void send(int signal) { REQUIRE(kill(child_, signal) == 0); }
  int end() {
    if (input_ >= 0) close(input_);
    input_ = -1;
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }
  int status() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }

 private:
  pid_t child_ = -1;
  int input_ = -1;
};

bool wait_for_files(const Folder& folder, std::size_t count) {
  for (int i = 0; i < kPauses && folder.files() != count; ++i) std::this_thread::sleep_for(kPause);
  return folder.files() == count;
}

}  // namespace

TEST_CASE("a signal takes the half-written output with it") {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const Folder models, folder;
    Waiting program({"run", save_sum(models / "sum.safetensors"), "-i", "-", "-o", folder / "y.npy"});
    program.give_rows();
    REQUIRE(wait_for_files(folder, 1));  // .y.npy.tmp-XXXXXX
    CHECK_FALSE(std::filesystem::exists(folder / "y.npy"));
    program.send(signal);
    const int status = program.status();
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(folder.files() == 0);
  }
}

TEST_CASE("a signal that the caller ignores, as nohup does, changes nothing") {
  const Folder models, folder;
  Waiting program({"run", save_sum(models / "sum.safetensors"), "-i", "-", "-o", folder / "y.csv"}, true);
  program.give_rows();
  REQUIRE(wait_for_files(folder, 1));
  program.send(SIGHUP);
  CHECK(program.end() == 0);
  CHECK(content_of(folder / "y.csv").size() == kRows * std::string_view("1.5,2,2\n").size());
}

}  // namespace lamina::test
