// A name in a file -> another file of the same folder, and of nowhere else.
// SPDX-License-Identifier: Apache-2.0
#include "base/byte_source.hpp"
#include "base/fail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace lamina::base {
namespace {

constexpr std::size_t kLongest = 1024;

class Descriptor {
 public:
  explicit Descriptor(int file) noexcept : file_(file) {}
  Descriptor(Descriptor&& other) noexcept : file_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  [[nodiscard]] int get() const noexcept { return file_; }
  int release() noexcept { return std::exchange(file_, -1); }

 private:
  int file_;
};

std::vector<std::string> parts_of(std::string_view location, const std::string& place) {
  if (location.empty() || location.size() > kLongest ||
      location.find_first_of(std::string_view("\\\0", 2)) != location.npos) {
    fail(Errc::unsafe_content, place, "is no plain relative path");
  }
  std::vector<std::string> parts;
  for (std::size_t begin = 0, end = 0; end != location.npos; begin = end + 1) {
    end = location.find('/', begin);
    parts.emplace_back(location.substr(begin, end - begin));
    if (parts.back().empty() || parts.back() == "." || parts.back() == "..") {
      fail(Errc::unsafe_content, place, "leads elsewhere: expected a path within the model's folder");
    }
  }
  return parts;
}

[[noreturn]] void fail_open(const std::string& place) {
  if (errno == ELOOP || errno == ENOTDIR) fail(Errc::unsafe_content, place, "goes through a symbolic link or a file");
  fail(Errc::io, place, "cannot open: " + std::generic_category().message(errno));
}

}  // namespace

// Step by step: a symbolic link is refused at each of them, so that nothing can lead out of the folder, whatever
// changes on disk meanwhile. What is checked is what was opened.
ByteSource ByteSource::open_beside(std::string_view location) const {
  const std::string place = "file " + quoted(location);
  if (folder_.empty()) {
    fail(Errc::unsupported_feature, place, "lies beside a model that was not opened by its path");
  }
  const std::vector<std::string> parts = parts_of(location, place);
  Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t i = 0; folder.get() >= 0 && i + 1 < parts.size(); ++i) {
    folder = Descriptor(::openat(folder.get(), parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (folder.get() < 0) fail_open(place);
  Descriptor file(::openat(folder.get(), parts.back().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) fail_open(place);
  if (!S_ISREG(status.st_mode)) fail(Errc::unsafe_content, place, "is not a regular file");
  if (status.st_nlink != 1)
    fail(Errc::unsafe_content, place, "has a second name (hard link), maybe outside the folder");
  ByteSource source;
  source.file_ = file.release();
  source.owns_file_ = true;
  source.size_ = static_cast<std::uint64_t>(status.st_size);
  return source;
}

}  // namespace lamina::base
