// FileWriter: the old file or the whole new one, links and modes kept, pipes and devices written straight.
// SPDX-License-Identifier: Apache-2.0
#include "base/file_writer.hpp"

#include "support/catch.hpp"
#include "support/failure.hpp"
#include "support/folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <utility>

using namespace lamina;
using namespace lamina::test;
using base::FileWriter;

namespace {

void write_text(FileWriter& file, std::string_view text) { file.write(text.data(), text.size()); }

void write_file(const std::filesystem::path& path, std::string_view text) {
  FileWriter file(path);
  write_text(file, text);
  file.finish();
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a new file appears with finish and not before") {
  const Folder folder;
  FileWriter file(folder / "new");
  CHECK(file.seekable());
  write_text(file, "abc");
  CHECK_FALSE(std::filesystem::exists(folder / "new"));
  file.finish();
  CHECK(content_of(folder / "new") == "abc");
  CHECK(folder.files() == 1);
  file.finish();
  CHECK(failure([&] { write_text(file, "d"); }).starts_with("internal: "));
}

TEST_CASE("a file that is not finished leaves the old one and nothing else") {
  const Folder folder;
  folder.put("file", "old");
  {
    FileWriter file(folder / "file");
    write_text(file, std::string(200'000, 'x'));
  }
  CHECK(content_of(folder / "file") == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("writes of any size arrive in order") {
  const Folder folder;
  std::string expected;
  FileWriter file(folder / "file");
  for (const std::size_t size : {1, 65535, 65536, 65537, 0, 200'000, 3}) {
    const std::string text(size, static_cast<char>('a' + expected.size() % 26));
    write_text(file, text);
    expected += text;
  }
  file.finish();
  CHECK(content_of(folder / "file") == expected);
}

TEST_CASE("bytes written before can be written again, and no others") {
  const Folder folder;
  FileWriter file(folder / "file");
  write_text(file, "0123456789");
  file.rewrite(2, std::as_bytes(std::span("ab", 2)));
  write_text(file, "x");
  CHECK(failure([&] { file.rewrite(10, std::as_bytes(std::span("ab", 2))); }).starts_with("internal: "));
  file.finish();
  CHECK(content_of(folder / "file") == "01ab456789x");
}

TEST_CASE("a new file has the mode of the umask, an old one keeps its own") {
  const Folder folder;
  const mode_t before = ::umask(027);
  write_file(folder / "new", "a");
  ::umask(before);
  CHECK(mode_of(folder / "new") == 0640);
  REQUIRE(::chmod((folder / "new").c_str(), 0604) == 0);
  write_file(folder / "new", "b");
  CHECK(mode_of(folder / "new") == 0604);
}

TEST_CASE("a link stays a link and its target is replaced, also where it does not exist yet") {
  const Folder folder;
  std::filesystem::create_directory(folder / "sub");
  folder.put("sub/target", "old");
  std::filesystem::create_symlink("sub/target", folder / "link");
  std::filesystem::create_symlink("link", folder / "second");
  write_file(folder / "second", "new");
  CHECK(std::filesystem::is_symlink(folder / "second"));
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(content_of(folder / "sub/target") == "new");
  std::filesystem::create_symlink("sub/later", folder / "dangling");
  write_file(folder / "dangling", "made");
  CHECK(std::filesystem::is_symlink(folder / "dangling"));
  CHECK(content_of(folder / "sub/later") == "made");
  std::filesystem::create_symlink("loop", folder / "loop");
  CHECK(failure([&] { write_file(folder / "loop", "x"); }).starts_with("io: "));
}

TEST_CASE("a pipe is written straight") {
  const Folder folder;
  const std::string pipe = (folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = content_of(pipe); });
  {
    FileWriter file(pipe);
    CHECK_FALSE(file.seekable());
    CHECK(failure([&] { file.rewrite(0, {}); }).starts_with("internal: "));
    write_text(file, std::string(100'000, 'p'));
    file.finish();
  }
  reader.join();
  CHECK(read == std::string(100'000, 'p'));
  CHECK(folder.files() == 1);
}

TEST_CASE("a full device is reported with the file's name") {
  CHECK(failure([] { write_file("/dev/full", "x"); }) == "io: /dev/full: cannot write: No space left on device");
}

TEST_CASE("what cannot be written is refused before a byte is") {
  const Folder folder;
  CHECK(failure([&] { FileWriter file(folder / ""); }).ends_with(": is a directory"));
  CHECK(failure([&] { FileWriter file(folder / "none/"); }).ends_with(": is a directory"));
  CHECK(failure([&] { FileWriter file(folder / "none/file"); }).find("No such file or directory") != std::string::npos);
  CHECK(failure([&] { FileWriter file{std::filesystem::path()}; }) == "io: output file: has an empty name");
  CHECK(folder.files() == 0);
}

TEST_CASE("a read-only file is not replaced") {
  if (::geteuid() == 0) return;  // root may write to it
  const Folder folder;
  folder.put("file", "old");
  REQUIRE(::chmod((folder / "file").c_str(), 0444) == 0);
  CHECK(failure([&] { write_file(folder / "file", "new"); }).find("Permission denied") != std::string::npos);
  CHECK(content_of(folder / "file") == "old");
}

TEST_CASE("a name of the greatest length can be written") {
  const Folder folder;
  write_file(folder / std::string(255, 'n'), "long");
  CHECK(content_of(folder / std::string(255, 'n')) == "long");
}

TEST_CASE("a writer that was moved from does nothing") {
  const Folder folder;
  {
    FileWriter a(folder / "file");
    FileWriter b = std::move(a);
    write_text(b, "moved");
    b.finish();
  }
  CHECK(content_of(folder / "file") == "moved");
  CHECK(folder.files() == 1);
}
