// A file, a part of one, a pipe or standard input -> its bytes in order, through a buffer of bounded size.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/byte_stream.hpp"

#include "base/fail.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace lamina::format {
namespace {

// Large enough that a system call costs nothing beside the copy, small enough to stay in the L2 cache.
constexpr std::size_t kBufferBytes = std::size_t{1} << 18;
constexpr std::size_t kLargestRead = std::size_t{1} << 30;

[[noreturn]] void fail_errno(const std::string& name, std::string_view action) {
  base::fail(Errc::io, name, std::string(action) + ": " + std::generic_category().message(errno));
}

int open_fifo(const std::filesystem::path& path) {
  int file = -1;
  do {
    file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (file < 0 && errno == EINTR);
  return file;
}

}  // namespace

ByteStream::Descriptor::Descriptor(Descriptor&& other) noexcept
    : file(std::exchange(other.file, -1)), owned(std::exchange(other.owned, false)) {}

ByteStream::Descriptor::~Descriptor() {
  if (owned) ::close(file);
}

ByteStream::ByteStream(std::string name, std::shared_ptr<const base::ByteSource> source, std::uint64_t offset,
                       std::uint64_t size)
    : name_(std::move(name)), source_(std::move(source)), offset_(offset), end_(offset + size), size_(size) {}

ByteStream::ByteStream(std::string name, Descriptor descriptor)
    : name_(std::move(name)), descriptor_(std::move(descriptor)) {
  struct stat status = {};
  if (::fstat(descriptor_.file, &status) != 0) fail_errno(name_, "cannot open");
  if (S_ISDIR(status.st_mode)) base::fail(Errc::io, name_, "is a directory");
  if (!S_ISREG(status.st_mode)) return;
  const off_t at = ::lseek(descriptor_.file, 0, SEEK_CUR);
  if (at >= 0 && at <= status.st_size) size_ = static_cast<std::uint64_t>(status.st_size - at);
}

ByteStream ByteStream::open(const std::filesystem::path& path) {
  if (path == "-") return {"standard input", Descriptor(STDIN_FILENO, false)};
  std::error_code unknown;  // what cannot be examined cannot be opened either: ByteSource says why
  if (std::filesystem::is_fifo(path, unknown)) {
    Descriptor descriptor(open_fifo(path), true);
    if (descriptor.file < 0) {
      descriptor.owned = false;
      fail_errno(path.string(), "cannot open");
    }
    return {path.string(), std::move(descriptor)};
  }
  auto source = std::make_shared<const base::ByteSource>(base::ByteSource::open(path));
  const std::uint64_t size = source->size();
  return {path.string(), std::move(source), 0, size};
}

std::string_view ByteStream::buffered() const noexcept {
  if (begin_ == filled_) return {};
  return {reinterpret_cast<const char*>(buffer_.data()) + begin_, filled_ - begin_};
}

bool ByteStream::fill() {
  if (begin_ > 0) {
    const std::size_t left = filled_ - begin_;
    if (left > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, left);
    begin_ = 0;
    filled_ = left;
  }
  if (filled_ == buffer_.size()) buffer_.resize(std::max(kBufferBytes, 2 * buffer_.size()));
  const std::size_t got = read_some(std::span(buffer_).subspan(filled_));
  filled_ += got;
  return got > 0;
}

std::string_view ByteStream::peek(std::size_t count) {
  while (filled_ - begin_ < count && fill()) {
  }
  return buffered();
}

void ByteStream::skip(std::size_t count) noexcept {
  begin_ += count;
  position_ += count;
}

std::size_t ByteStream::read(std::span<std::byte> out) {
  std::size_t done = std::min(out.size(), filled_ - begin_);
  if (done > 0) std::memcpy(out.data(), buffer_.data() + begin_, done);
  begin_ += done;
  while (done < out.size()) {
    const std::size_t got = read_some(out.subspan(done));
    if (got == 0) break;
    done += got;
  }
  position_ += done;
  return done;
}

std::size_t ByteStream::read_some(std::span<std::byte> out) {
  if (!source_) return read_descriptor(out);
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), end_ - offset_));
  source_->read(offset_, out.first(count));
  offset_ += count;
  return count;
}

std::size_t ByteStream::read_descriptor(std::span<std::byte> out) const {
  while (true) {
    const ssize_t got = ::read(descriptor_.file, out.data(), std::min(out.size(), kLargestRead));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN) {  // standard input may be non-blocking: another program's choice
      pollfd entry = {descriptor_.file, POLLIN, 0};
      ::poll(&entry, 1, -1);
    } else if (errno != EINTR) {
      fail_errno(name_, "cannot read");
    }
  }
}

ByteStream::Held ByteStream::hold() {
  if (source_) return {source_, offset_ - (filled_ - begin_), *size_ - position_};
  auto source = hold_bytes(rest());
  const std::uint64_t size = source->size();
  return {std::move(source), 0, size};
}

std::vector<std::byte> ByteStream::rest() {
  const auto check = [this](std::uint64_t bytes) {
    if (bytes > kHeldBytes) {
      base::fail(Errc::limit_exceeded, name_, "must be held in memory as a whole", "at most 64 MiB",
                 size_ ? std::to_string(*size_) + " bytes" : "more through a pipe");
    }
  };
  if (size_) check(*size_ - position_);
  while (fill()) check(filled_ - begin_);
  buffer_.resize(filled_);
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
  position_ += buffer_.size();
  begin_ = filled_ = 0;
  return std::exchange(buffer_, {});
}

std::shared_ptr<const base::ByteSource> hold_bytes(std::vector<std::byte> bytes) {
  struct Owner {
    std::vector<std::byte> bytes;
    base::ByteSource source;
    explicit Owner(std::vector<std::byte> b) : bytes(std::move(b)), source(base::ByteSource::over(bytes)) {}
  };
  auto owner = std::make_shared<const Owner>(std::move(bytes));
  return {owner, &owner->source};
}

Error named(const Error& error, const std::string& name) {
  return std::string_view(error.what()).starts_with(name) ? error : base::with_prefix(error, name);
}

}  // namespace lamina::format
