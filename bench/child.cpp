// fork, exec, two pipes: one peer's process and the lines exchanged with it.
// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace lamina::bench {
namespace {

/// In the child, after fork: becomes the peer, or ends.
[[noreturn]] void become(const Launch& launch, int in, int out) {
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a stopped process would outlive an interrupted benchmark
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : launch.cpus) CPU_SET(cpu, &set);
  ::sched_setaffinity(0, sizeof set, &set);
  for (const auto& [name, value] : launch.environment) ::setenv(name.c_str(), value.c_str(), 1);
  const char* argument = launch.argument.empty() ? nullptr : launch.argument.c_str();
  ::execl(launch.executable.c_str(), launch.executable.c_str(), argument, static_cast<char*>(nullptr));
  ::_exit(127);
}

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

Child::Child(const Launch& launch) {
  int requests[2], answers[2];
  require(::pipe2(requests, O_CLOEXEC) == 0 && ::pipe2(answers, O_CLOEXEC) == 0, "pipe");
  pid_ = ::fork();
  require(pid_ >= 0, "fork");
  if (pid_ == 0) become(launch, requests[0], answers[1]);
  ::close(requests[0]);
  ::close(answers[1]);
  to_ = requests[1];
  from_ = answers[0];
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), to_(other.to_), from_(other.from_), buffer_(std::move(other.buffer_)) {}

Child::~Child() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(to_);
  ::close(from_);
}

std::string Child::ask(const std::vector<std::string>& fields) {
  if (pid_ < 0) throw std::runtime_error("its process has ended");  // kill(-1, ...) would reach everybody
  std::string line;
  for (const std::string& field : fields) line += (line.empty() ? "" : "\t") + field;
  line += '\n';
  ::kill(pid_, SIGCONT);
  if (::write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) died();
  const std::string answer = read_line();
  ::kill(pid_, SIGSTOP);
  if (answer.starts_with("ok\t")) return answer.substr(3);
  if (answer.starts_with("error\t")) throw std::runtime_error(answer.substr(6));
  throw std::runtime_error("unexpected answer: " + answer);
}

std::string Child::read_line() {
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      const std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    char bytes[4096];
    const ssize_t count = ::read(from_, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) died();
    buffer_.append(bytes, static_cast<std::size_t>(count));
  }
}

void Child::died() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  if (WIFSIGNALED(status)) throw std::runtime_error("died of signal " + std::to_string(WTERMSIG(status)));
  throw std::runtime_error("ended with status " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace lamina::bench
