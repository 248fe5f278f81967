// The executable of a peer -> a process that answers requests, stopped while it is not asked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::bench {

struct Launch {
  std::filesystem::path executable;
  std::string argument;
  std::vector<int> cpus;                                         ///< affinity of the process
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to ours
};

/// One peer's process. It is stopped (SIGSTOP) between requests, so that threads that spin for more work take no time
/// from the peer that is being measured.
class Child {
 public:
  explicit Child(const Launch& launch);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// Sends fields, returns the text of the answer. Throws std::runtime_error: what the peer said, or that it died.
  std::string ask(const std::vector<std::string>& fields);

 private:
  std::string read_line();
  [[noreturn]] void died();

  int pid_ = -1;
  int to_ = -1, from_ = -1;
  std::string buffer_;
};

}  // namespace lamina::bench
