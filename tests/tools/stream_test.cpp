// lamina run on inputs that are larger than the memory it takes.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

namespace lamina::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr std::size_t kRows = std::size_t{3} << 18, kColumns = 64;  // 192 MiB of float32
constexpr long kMostKib = 96 * 1024;

void feed(const std::string& pipe) {
  const int file = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
  const std::string shape = "(" + std::to_string(kRows) + ", " + std::to_string(kColumns) + ")";
  const std::string header = npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", "");
  bool open = ::write(file, header.data(), header.size()) == static_cast<ssize_t>(header.size());
  const std::vector<float> block(std::size_t{1} << 18, 0.5f);
  for (std::size_t sent = 0; open && sent < kRows * kColumns; sent += block.size()) {
    std::size_t done = 0;
    while (open && done < block.size() * sizeof(float)) {
      const ssize_t count =
          ::write(file, reinterpret_cast<const char*>(block.data()) + done, block.size() * sizeof(float) - done);
      open = count > 0;
      if (open) done += static_cast<std::size_t>(count);
    }
  }
  ::close(file);
}

TEST_CASE("an npy stream runs through in memory that does not grow with it") {
  const Folder folder;
  const std::string model = save_wide(folder / "wide.safetensors"), pipe = folder / "x.npy", y = folder / "y.npy";
  std::signal(SIGPIPE, SIG_IGN);  // the feeder's, where the program gives up
  for (const std::string input : {"-", "file"}) {
    std::filesystem::remove(pipe);
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::thread feeder(feed, pipe);
    const bool by_stdin = input == "-";
    const Outcome outcome =
        launch({{"run", model, "-i", by_stdin ? "-" : pipe, "-o", y}, by_stdin ? pipe : std::string("/dev/null")});
    ::close(
        ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));  // frees a feeder that the program never read from
    feeder.join();
    CHECK(outcome.status == 0);
    CHECK(outcome.err.empty());
    const std::string answers = content_of(y);
    REQUIRE(answers.size() == 128 + kRows * sizeof(float));
    const std::string first = answers.substr(128, sizeof(float));
    bool equal = true;
    for (std::size_t row = 0; row < kRows; ++row) equal &= answers.compare(128 + row * 4, 4, first) == 0;
    CHECK(equal);
    if (!kSanitized) CHECK(outcome.peak_kib < kMostKib);
  }
}

}  // namespace
}  // namespace lamina::test
