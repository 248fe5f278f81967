// A file or a span of memory -> bytes by offset, bounds checked.
// SPDX-License-Identifier: Apache-2.0
#include "base/byte_source.hpp"

#include "base/fail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace lamina::base {
namespace {

constexpr std::size_t kObservedPiece = std::size_t{1} << 18;  // half of a usual L2 at most
constexpr std::size_t kLargestRead = std::size_t{1} << 30;    // Linux moves at most 2 GiB - 4 KiB per call

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "is a directory: give the file in it";
  if (S_ISFIFO(mode)) return "is a pipe, and a model is read at random offsets: copy it to a file first";
  return "is not a regular file";
}

[[noreturn]] void fail_truncated(std::uint64_t offset, std::uint64_t count, std::uint64_t size) {
  fail(Errc::truncated, "file", "ends too early", std::to_string(count) + " bytes at offset " + std::to_string(offset),
       std::to_string(size) + " bytes in all");
}

}  // namespace

ByteSource ByteSource::open(const std::filesystem::path& path) {
  ByteSource source;
  // O_NONBLOCK: opening a pipe must not wait for a writer. It means nothing for a regular file.
  source.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  source.owns_file_ = source.file_ >= 0;
  struct stat status = {};
  if (source.file_ < 0 || ::fstat(source.file_, &status) != 0) {
    fail(Errc::io, path.string(), "cannot open: " + std::generic_category().message(errno));
  }
  if (!S_ISREG(status.st_mode)) fail(Errc::io, path.string(), kind_of(status.st_mode));
  source.folder_ = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  source.size_ = static_cast<std::uint64_t>(status.st_size);
  return source;
}

ByteSource ByteSource::over(std::span<const std::byte> bytes) noexcept {
  ByteSource source;
  source.memory_ = bytes.data();
  source.size_ = bytes.size();
  return source;
}

ByteSource ByteSource::part(std::uint64_t offset, std::uint64_t count) const {
  if (offset > size_ || count > size_ - offset) fail_truncated(offset, count, size_);
  ByteSource part;
  part.file_ = file_;
  part.memory_ = memory_ == nullptr ? nullptr : memory_ + offset;
  part.begin_ = begin_ + offset;
  part.size_ = count;
  return part;
}

ByteSource ByteSource::part(std::uint64_t offset, std::uint64_t count, Observer observer) const {
  ByteSource result = part(offset, count);
  result.observer_ = std::move(observer);
  return result;
}

ByteSource::ByteSource(ByteSource&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      owns_file_(std::exchange(other.owns_file_, false)),
      memory_(std::exchange(other.memory_, nullptr)),
      begin_(std::exchange(other.begin_, 0)),
      size_(std::exchange(other.size_, 0)),
      folder_(std::move(other.folder_)),
      observer_(std::move(other.observer_)) {}

ByteSource& ByteSource::operator=(ByteSource&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(owns_file_, other.owns_file_);
  std::swap(memory_, other.memory_);
  std::swap(begin_, other.begin_);
  std::swap(size_, other.size_);
  std::swap(folder_, other.folder_);
  std::swap(observer_, other.observer_);
  return *this;
}

ByteSource::~ByteSource() {
  if (owns_file_) ::close(file_);
}

void ByteSource::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > size_ || out.size() > size_ - offset) fail_truncated(offset, out.size(), size_);
  if (!observer_) return read_unobserved(offset, out);
  while (!out.empty()) {
    const std::span<std::byte> piece = out.first(std::min(out.size(), kObservedPiece));
    read_unobserved(offset, piece);
    observer_(offset, piece);
    offset += piece.size();
    out = out.subspan(piece.size());
  }
}

void ByteSource::read_unobserved(std::uint64_t offset, std::span<std::byte> out) const {
  if (out.empty()) return;
  if (file_ < 0) {
    std::memcpy(out.data(), memory_ + offset, out.size());
    return;
  }
  offset += begin_;
  while (!out.empty()) {
    const ssize_t got = ::pread(file_, out.data(), std::min(out.size(), kLargestRead), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(Errc::io, "file", "cannot read: " + std::generic_category().message(errno));
    if (got == 0) fail(Errc::truncated, "file", "became shorter while it was read");
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

std::vector<std::byte> ByteSource::read(std::uint64_t offset, std::uint64_t count) const {
  if (offset > size_ || count > size_ - offset) fail_truncated(offset, count, size_);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count));
  read(offset, bytes);
  return bytes;
}

}  // namespace lamina::base
