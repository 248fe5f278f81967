// Pipes and standard input -> rows, in memory that does not grow with them.
// SPDX-License-Identifier: Apache-2.0
#include "data/files.hpp"
#include "data/numpy_files.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace {

std::atomic<std::size_t> live_bytes{0};
std::atomic<std::size_t> peak_bytes{0};

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* memory = std::malloc(size);
  if (memory == nullptr) return nullptr;
  const std::size_t live = live_bytes += ::malloc_usable_size(memory);
  for (std::size_t peak = peak_bytes; live > peak && !peak_bytes.compare_exchange_weak(peak, live);) {
  }
  return memory;
}
void* operator new(std::size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) live_bytes -= ::malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace lamina::test {
namespace {

// Writes through a FIFO while the test reads, or until it gives up.
class Feed {
 public:
  Feed(const std::filesystem::path& pipe, const std::string& front, const std::string& piece, std::size_t times) {
    std::signal(SIGPIPE, SIG_IGN);
    ::unlink(pipe.c_str());
    if (::mkfifo(pipe.c_str(), 0600) != 0) throw std::bad_alloc();
    thread_ = std::thread([=] {
      const int file = ::open(pipe.c_str(), O_WRONLY);
      put(file, front);
      for (std::size_t i = 0; i < times; ++i) put(file, piece);
      ::close(file);
    });
  }
  ~Feed() { thread_.join(); }

 private:
  static void put(int file, std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::write(file, text.data(), text.size());
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  std::thread thread_;
};

// Reads everything in chunks of 256 rows and returns rows; `peak` becomes what was allocated meanwhile.
std::size_t drain(const std::filesystem::path& path, std::size_t& peak) {
  const std::size_t before = live_bytes;
  peak_bytes = before;
  data::Reader reader(path);
  std::vector<float> rows(256 * reader.row_size());
  std::size_t total = 0;
  while (const std::size_t count = reader.read(rows)) total += count;
  peak = peak_bytes - before;
  return total;
}

TEST_CASE("npy, csv and JSON lines stream through a pipe in bounded memory") {
  const Folder folder;
  std::size_t peak = 0;
  constexpr std::size_t kPieces = 1024;
  {
    const Feed feed(folder / "p", npy_file("{'descr': '<f8', 'fortran_order': False, 'shape': (1048576, 8)}", ""),
                    std::string(std::size_t{1} << 16, '\0'), kPieces);
    CHECK(drain(folder / "p", peak) == 1'048'576);
    CHECK(peak < (std::size_t{1} << 20));
  }
  for (const char* line : {"1,2.25,-3e3,4\n", "[1,2.25,-3e3,4]\n"}) {
    std::string piece;
    while (piece.size() < (std::size_t{1} << 15)) piece += line;
    const std::size_t expected = piece.size() / std::string_view(line).size() * kPieces;
    const Feed feed(folder / "p", "", piece, kPieces);
    CHECK(drain(folder / "p", peak) == expected);
    CHECK(peak < (std::size_t{1} << 20));
  }
}

TEST_CASE("a header may not make a pipe's reader allocate what never comes") {
  const Folder folder;
  const Feed feed(folder / "p", npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 64)}", ""),
                  "x", 1);
  const std::size_t before = live_bytes;
  peak_bytes = before;
  CHECK(holds(error_of([&] { (void)data::read_array(folder / "p"); }), "truncated: "));
  CHECK(peak_bytes - before < (std::size_t{4} << 20));
}

TEST_CASE("a pipe that ends early or goes on too long is an error") {
  const Folder folder;
  {
    const Feed feed(folder / "p", kNumpySave.substr(0, kNumpySave.size() - 1), "", 0);
    CHECK(holds(read_error(folder / "p"), "truncated: "));
  }
  {
    const Feed feed(folder / "p", kNumpySave, "x", 1);
    CHECK(holds(read_error(folder / "p"), "malformed: "));
  }
}

TEST_CASE("Fortran order arrives through a pipe where it is small enough to be held") {
  const Folder folder;
  const std::string file =
      npy_file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", float_bytes({1, 4, 2, 5, 3, 6}));
  {
    const Feed feed(folder / "p", file, "", 0);
    CHECK(data::read_array(folder / "p") == Tensor({2, 3}, {1, 2, 3, 4, 5, 6}));
  }
  {
    const Feed feed(folder / "p", file.substr(0, file.size() - 1), "", 0);
    CHECK(holds(read_error(folder / "p"), "truncated: "));
  }
  const Feed feed(folder / "p", npy_file("{'descr': '<f4', 'fortran_order': True, 'shape': (1000000, 64)}", ""),
                  std::string(std::size_t{1} << 16, '\0'), 2000);
  CHECK(holds(read_error(folder / "p"), "limit_exceeded: "));
}

TEST_CASE("standard input is read by the name -, from where it stands") {
  const Folder folder;
  const auto path = folder.put("x", "1,2\n3,4\n");
  const int kept = ::dup(STDIN_FILENO);
  const int file = ::open(path.c_str(), O_RDONLY);
  ::dup2(file, STDIN_FILENO);
  ::lseek(STDIN_FILENO, 4, SEEK_SET);
  std::vector<float> values;
  std::string error = error_of([&] {
    data::Reader reader("-");
    CHECK(reader.bytes_total() == std::uint64_t{4});
    values = all_rows(reader);
  });
  ::lseek(STDIN_FILENO, 0, SEEK_END);
  const std::string empty = read_error("-");
  ::dup2(kept, STDIN_FILENO);
  ::close(kept);
  ::close(file);
  CHECK(error == "nothing");
  CHECK(values == std::vector<float>{3, 4});
  CHECK(holds(empty, "truncated: standard input: "));
}

TEST_CASE("only regular files, pipes and standard input are read") {
  const Folder folder;
  CHECK(holds(read_error(folder / "missing.npy"), "io: "));
  CHECK(holds(read_error(folder / "."), "io: "));
  CHECK(holds(read_error("/dev/zero"), "io: "));
  CHECK(holds(read_error(""), "io: "));
}

TEST_CASE("the magic bytes win over the suffix, the suffix over the text") {
  const Folder folder;
  CHECK(all_rows(folder.put("x.csv", kNumpySave)).size() == 6);
  CHECK(holds(read_error(folder.put("x.npy", "1,2\n")), "is no npy file"));
  CHECK(holds(read_error(folder.put("x.json", "1,2\n")), "expected '['"));
  CHECK(all_rows(folder.put("x.CSV", "[a]\n1\n")) == std::vector<float>{1});
  CHECK(all_rows(folder.put("x.txt", "1,2\n")) == std::vector<float>{1, 2});
  CHECK(holds(read_error(folder.put("x.json", "[1]"), {{}, {}, "1"}), "only csv files have"));
  CHECK(holds(read_error(folder.put("x.json", "[1]"), {{}, "a"}), "only npz files have"));
  CHECK(data::format_of("a/b.NPY") == data::Format::npy);
  CHECK(data::format_of("a.npy/b") == std::nullopt);
}

}  // namespace
}  // namespace lamina::test
