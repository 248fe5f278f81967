// ByteSource over files and memory: the same bytes, the same bounds, errors that say which.
// SPDX-License-Identifier: Apache-2.0
#include "base/byte_source.hpp"

#include "support/catch.hpp"
#include "support/failure.hpp"
#include "support/folder.hpp"

#include <sys/stat.h>

#include <array>
#include <cstring>
#include <limits>
#include <utility>

using namespace lamina;
using namespace lamina::test;
using base::ByteSource;

namespace {

std::string text_of(const ByteSource& source, std::uint64_t offset, std::uint64_t count) {
  const std::vector<std::byte> bytes = source.read(offset, count);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("a file and memory give the same bytes within the same bounds") {
  const Folder folder;
  const std::string content = "0123456789";
  const ByteSource file = ByteSource::open(folder.put("digits", content));
  const ByteSource memory = ByteSource::over(std::as_bytes(std::span(content)));
  for (const ByteSource* source : {&file, &memory}) {
    CHECK(source->size() == 10);
    CHECK(text_of(*source, 0, 10) == content);
    CHECK(text_of(*source, 3, 4) == "3456");
    CHECK(text_of(*source, 10, 0).empty());
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    for (const auto& [offset, count] :
         {std::pair{std::uint64_t{9}, std::uint64_t{2}}, {11, 0}, {kMost, 2}, {1, kMost}}) {
      CHECK(failure([&] { (void)source->read(offset, count); }).starts_with("truncated: file: ends too early: "));
    }
    std::array<std::byte, 11> out;
    CHECK(failure([&] { source->read(0, out); }) ==
          "truncated: file: ends too early: expected 11 bytes at offset 0, got 10 bytes in all");
  }
}

TEST_CASE("an observer sees all bytes of each read of its part, in order, and those of no other part") {
  const Folder folder;
  std::string content(600'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 >> 3);
  const ByteSource file = ByteSource::open(folder.put("bytes", content));
  const ByteSource memory = ByteSource::over(std::as_bytes(std::span(content)));
  for (const ByteSource* source : {&file, &memory}) {
    std::string seen;
    std::uint64_t next = 0;
    ByteSource made = source->part(7, 599'990, [&](std::uint64_t offset, std::span<const std::byte> bytes) {
      CHECK(offset == next);
      next += bytes.size();
      seen.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    const ByteSource part = std::move(made);
    CHECK(text_of(part, 0, 599'990) == content.substr(7, 599'990));
    CHECK(seen == content.substr(7, 599'990));
    next = 5;
    CHECK(text_of(part, 5, 3) == content.substr(12, 3));
    CHECK(text_of(part, 599'990, 0).empty());
    (void)text_of(part.part(0, 10), 0, 10);
    CHECK(failure([&] { (void)part.read(1, 599'990); }).starts_with("truncated: "));
    CHECK(seen.size() == 599'993);
  }
}

TEST_CASE("a part is a source of its own within its bounds") {
  const Folder folder;
  const std::string content = "0123456789";
  const ByteSource file = ByteSource::open(folder.put("digits", content));
  const ByteSource memory = ByteSource::over(std::as_bytes(std::span(content)));
  for (const ByteSource* source : {&file, &memory}) {
    {
      const ByteSource part = source->part(2, 6);
      CHECK(part.size() == 6);
      CHECK(text_of(part, 0, 6) == "234567");
      CHECK(text_of(part.part(1, 3), 1, 2) == "45");
      CHECK(failure([&] { (void)part.read(5, 2); }) ==
            "truncated: file: ends too early: expected 2 bytes at offset 5, got 6 bytes in all");
      CHECK(source->part(10, 0).size() == 0);
      constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
      for (const auto& [offset, count] :
           {std::pair{std::uint64_t{5}, std::uint64_t{6}}, {11, 0}, {kMost, 2}, {1, kMost}}) {
        CHECK(failure([&] { (void)source->part(offset, count); }).starts_with("truncated: file: ends too early: "));
      }
    }
    CHECK(text_of(*source, 0, 10) == content);  // the end of a part closes nothing
  }
}

TEST_CASE("an empty file and empty memory have no bytes") {
  const Folder folder;
  CHECK(ByteSource::open(folder.put("empty", "")).read(0, 0).empty());
  CHECK(ByteSource::over({}).read(0, 0).empty());
  CHECK(failure([] { (void)ByteSource::over({}).read(0, 1); }).starts_with("truncated: "));
}

TEST_CASE("only regular files open, and the error names the file") {
  const Folder folder;
  CHECK(failure([&] { (void)ByteSource::open(folder / "none"); }) ==
        "io: " + (folder / "none").string() + ": cannot open: No such file or directory");
  CHECK(failure([&] { (void)ByteSource::open(folder / ""); }).ends_with(": is a directory: give the file in it"));
  CHECK(failure([&] { (void)ByteSource::open("/dev/null"); }) == "io: /dev/null: is not a regular file");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(failure([&] { (void)ByteSource::open(folder / "pipe"); }).find(": is a pipe, ") != std::string::npos);
}

TEST_CASE("a file that becomes shorter while it is read is truncated") {
  const Folder folder;
  const ByteSource source = ByteSource::open(folder.put("file", "0123456789"));
  std::filesystem::resize_file(folder / "file", 4);
  CHECK(text_of(source, 0, 4) == "0123");
  CHECK(failure([&] { (void)source.read(0, 10); }) == "truncated: file: became shorter while it was read");
}

TEST_CASE("a source moves with its file") {
  const Folder folder;
  ByteSource a = ByteSource::open(folder.put("a", "aaa"));
  ByteSource b = ByteSource::open(folder.put("b", "bb"));
  a = std::move(b);
  CHECK(text_of(a, 0, 2) == "bb");
  const ByteSource c = std::move(a);
  CHECK(text_of(c, 0, 2) == "bb");
  CHECK(a.size() == 0);  // NOLINT(bugprone-use-after-move): nothing can be read from it
}
