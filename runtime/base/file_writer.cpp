// Bytes -> a file that is either the old one or the whole new one.
// SPDX-License-Identifier: Apache-2.0
#include "base/file_writer.hpp"

#include "base/fail.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace lamina::base {

struct FileWriter::State {
  std::filesystem::path target;     // links followed; for messages where written straight
  std::filesystem::path temporary;  // empty: written straight
  int file = -1;
  bool finished = false;
  std::uint64_t flushed = 0;
  std::vector<std::byte> buffer;
};

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr int kMostLinks = 40;  // Linux's own limit

[[noreturn]] void fail_errno(const std::filesystem::path& path, std::string_view action) {
  fail(Errc::io, path.string(), std::string(action) + ": " + std::generic_category().message(errno));
}

std::optional<struct stat> status_of(const std::filesystem::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  fail_errno(path, "cannot write");
}

// The file that a rename must replace so that links to it stay links, dangling ones too.
std::filesystem::path follow_links(std::filesystem::path path) {
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code error;
    const std::filesystem::path next = std::filesystem::read_symlink(path, error);
    if (error) return path;
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  errno = ELOOP;
  fail_errno(path, "cannot write");
}

// A new file beside `target`; O_EXCL: a name that somebody planted is never written through.
int create_beside(const std::filesystem::path& target, std::filesystem::path& temporary) {
  constexpr int kTries = 100;
  constexpr std::size_t kNameBytes = 200;  // leaves room for the suffix within the usual 255
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    std::string name = "." + target.filename().string().substr(0, kNameBytes) + ".tmp-";
    for (int i = 0; i < 6; ++i) name += kLetters[random() % kLetters.size()];
    temporary = target.parent_path() / name;
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) return file;
  }
  return -1;
}

void wait_until_writable(int file) {
  pollfd entry = {file, POLLOUT, 0};
  ::poll(&entry, 1, -1);
}

}  // namespace

FileWriter::FileWriter(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->buffer.reserve(kBufferBytes);
  if (path == "-" || path == "/dev/stdout") {
    state_->target = "standard output";
    state_->file = STDOUT_FILENO;
    return;
  }
  if (path.empty()) fail(Errc::io, "output file", "has an empty name");
  const std::optional<struct stat> status = status_of(path);
  if (!path.has_filename() || (status && S_ISDIR(status->st_mode))) fail(Errc::io, path.string(), "is a directory");
  if (status && !S_ISREG(status->st_mode)) {
    state_->target = path;
    state_->file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (state_->file < 0) fail_errno(path, "cannot open for writing");
    return;
  }
  state_->target = follow_links(path);
  // A rename needs no permission on the file that it replaces; a read-only file is meant to stay.
  if (status && ::access(state_->target.c_str(), W_OK) != 0) fail_errno(path, "cannot write");
  state_->file = create_beside(state_->target, state_->temporary);
  if (state_->file < 0) {
    state_->temporary.clear();
    fail_errno(path, "cannot create");
  }
  if (status && ::fchmod(state_->file, status->st_mode & 07777U) != 0) {
    discard();
    fail_errno(path, "cannot set its mode");
  }
}

FileWriter::FileWriter(FileWriter&&) noexcept = default;

FileWriter::~FileWriter() { discard(); }

void FileWriter::discard() noexcept {
  if (!state_ || state_->finished) return;
  const int saved = errno;
  if (state_->file >= 0 && state_->file != STDOUT_FILENO) ::close(state_->file);
  if (!state_->temporary.empty()) ::unlink(state_->temporary.c_str());
  state_->finished = true;
  errno = saved;
}

void FileWriter::put(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(state_->file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      wait_until_writable(state_->file);
      continue;
    }
    if (written < 0) fail_errno(state_->target, "cannot write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    state_->flushed += static_cast<std::uint64_t>(written);
  }
}

void FileWriter::flush() {
  put(state_->buffer);
  state_->buffer.clear();
}

void FileWriter::write(std::span<const std::byte> bytes) {
  if (state_->finished) fail(Errc::internal, state_->target.string(), "written to after finish()");
  if (bytes.size() > kBufferBytes - state_->buffer.size()) flush();
  if (bytes.size() >= kBufferBytes) return put(bytes);
  state_->buffer.insert(state_->buffer.end(), bytes.begin(), bytes.end());
}

void FileWriter::rewrite(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (state_->finished || !seekable()) fail(Errc::internal, state_->target.string(), "cannot be rewritten");
  flush();
  if (offset > state_->flushed || bytes.size() > state_->flushed - offset) {
    fail(Errc::internal, state_->target.string(), "rewritten beyond its end");
  }
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(state_->file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_errno(state_->target, "cannot write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

bool FileWriter::seekable() const noexcept { return !state_->temporary.empty(); }

void FileWriter::finish() {
  if (state_->finished) return;
  flush();
  if (state_->file != STDOUT_FILENO && ::close(std::exchange(state_->file, -1)) != 0) {
    fail_errno(state_->target, "cannot write");  // delayed errors of network file systems
  }
  if (seekable() && ::rename(state_->temporary.c_str(), state_->target.c_str()) != 0) {
    fail_errno(state_->target, "cannot rename " + state_->temporary.filename().string());
  }
  state_->finished = true;
}

}  // namespace lamina::base
