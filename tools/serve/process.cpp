// This process -> its memory, descriptors and CPU time, as Linux counts them.
// SPDX-License-Identifier: Apache-2.0
#include "serve/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace lamina::serve {

ProcessUse process_use() {
  ProcessUse use;
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;  // the second number
  use.resident_bytes = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::error_code failure;
  const std::filesystem::directory_iterator files("/proc/self/fd", failure);
  if (!failure) use.open_files = static_cast<std::uint64_t>(std::distance(begin(files), end(files)));
  rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    use.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return use;
}

}  // namespace lamina::serve
