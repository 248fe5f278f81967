// Arguments -> what the lamina program writes, how it ends and how much memory it takes.
// SPDX-License-Identifier: Apache-2.0
#include "tools/program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <stdexcept>

namespace lamina::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> with_own_environment(std::vector<std::string> environment) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name = std::string(*entry).substr(0, std::string(*entry).find('=') + 1);
    const bool replaced = std::any_of(environment.begin(), environment.end(),
                                      [&](const std::string& text) { return text.rfind(name, 0) == 0; });
    if (!replaced) environment.emplace_back(*entry);
  }
  return environment;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  void open(int number, const std::string& path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, number, path.c_str(), flags, 0600);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

Outcome launch(const Launch& launch) {
  const Folder folder;
  const std::string out = folder / "out", err = folder / "err";
  FileActions actions;
  actions.open(0, launch.input, O_RDONLY);
  actions.open(1, launch.output.empty() ? out : launch.output, O_WRONLY | O_CREAT);
  actions.open(2, err, O_WRONLY | O_CREAT);
  std::vector<std::string> arguments = {LAMINA_PROGRAM};
  arguments.insert(arguments.end(), launch.arguments.begin(), launch.arguments.end());
  std::vector<std::string> environment = with_own_environment(launch.environment);
  pid_t child = 0;
  if (posix_spawn(&child, LAMINA_PROGRAM, actions.get(), nullptr, pointers(arguments).data(),
                  pointers(environment).data()) != 0) {
    throw std::runtime_error("cannot start " LAMINA_PROGRAM);
  }
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) throw std::runtime_error("cannot wait for " LAMINA_PROGRAM);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, content_of(out), content_of(err), usage.ru_maxrss};
}

bool fails(const Outcome& outcome, int status, std::string_view part) {
  UNSCOPED_INFO("status " << outcome.status << ", out \"" << outcome.out << "\", err \"" << outcome.err << '"');
  const auto lines = std::count(outcome.err.begin(), outcome.err.end(), '\n');
  return outcome.status == status && lines == 1 && outcome.err.back() == '\n' && outcome.out.empty() &&
         outcome.err.rfind("lamina", 0) == 0 && outcome.err.find(part) != std::string::npos;
}

}  // namespace lamina::test
