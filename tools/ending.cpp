// SIGINT, SIGTERM, SIGHUP -> the temporary file of an output that is not finished is removed, and the process ends.
// SPDX-License-Identifier: Apache-2.0
#include "ending.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <string_view>

namespace lamina::tools {
namespace {

/// ".NAME.tmp-XXXXXX": how an output is called until it is whole.
bool is_temporary(std::string_view path) {
  constexpr std::string_view kMark = ".tmp-";
  constexpr std::size_t kLetters = 6;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.size() > kMark.size() + kLetters && name.front() == '.' &&
         name.substr(name.size() - kLetters - kMark.size(), kMark.size()) == kMark;
}

/// What this process writes is found by its open files, so that nothing needs to keep a list. Only calls that a signal
/// handler may make.
void remove_temporaries() {
  constexpr std::string_view kFolder = "/proc/self/fd/";
  constexpr int kMostFiles = 256;
  char link[32] = {};
  char path[4096];
  kFolder.copy(link, kFolder.size());
  for (int file = STDERR_FILENO + 1; file < kMostFiles; ++file) {
    const int flags = fcntl(file, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) != O_WRONLY) continue;
    *std::to_chars(link + kFolder.size(), link + sizeof link - 1, file).ptr = '\0';
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) continue;
    path[length] = '\0';
    if (is_temporary({path, static_cast<std::size_t>(length)})) unlink(path);
  }
}

/// SA_RESETHAND has put the default action back: raised again, the signal ends the process as the caller expects.
void end(int signal) {
  remove_temporaries();
  raise(signal);
}

}  // namespace

void remove_temporaries_when_ended() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    action = {};
    action.sa_handler = end;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace lamina::tools
