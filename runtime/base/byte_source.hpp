// A file or a span of memory -> bytes by offset, bounds checked. Readers see nothing else of the outside.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace lamina::base {

/// Read-only, random access, position-less: a file is read with pread, never mapped (a file that shrinks
/// while it is read gives Error{truncated}, not a signal). Movable.
class ByteSource {
 public:
  /// Opens a regular file. Throws Error{io} for anything else, with the path in front of the message (errors
  /// of read() do not know it).
  [[nodiscard]] static ByteSource open(const std::filesystem::path& path);
  /// Borrows `bytes`, which must outlive it.
  [[nodiscard]] static ByteSource over(std::span<const std::byte> bytes) noexcept;
  /// `count` bytes from `offset` as a source of their own (a member of an archive), read in place. Borrows this one's
  /// file or memory. Throws Error{truncated} where they are not all within.
  [[nodiscard]] ByteSource part(std::uint64_t offset, std::uint64_t count) const;

  /// Gets the bytes of each read and the offset that they are from.
  using Observer = std::function<void(std::uint64_t offset, std::span<const std::byte> bytes)>;
  /// The same part, each read of which `observer` sees, in pieces that are still in cache: for a checksum. Parts of
  /// this part are not observed.
  [[nodiscard]] ByteSource part(std::uint64_t offset, std::uint64_t count, Observer observer) const;

  /// Opens the file `location`, "weights/a.bin", in the folder of this one: a name that the file itself gives and that
  /// must not lead anywhere else. No "..", no absolute path, no symbolic link at any step, no second hard link.
  /// Throws Error{unsafe_content}, Error{io}; Error{unsupported_feature} where this source was not opened by its path.
  [[nodiscard]] ByteSource open_beside(std::string_view location) const;

  ByteSource(ByteSource&& other) noexcept;
  ByteSource& operator=(ByteSource&& other) noexcept;
  ~ByteSource();

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Fills `out` from `offset`. Throws Error{truncated} if the source ends before, Error{io}.
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  [[nodiscard]] std::vector<std::byte> read(std::uint64_t offset, std::uint64_t count) const;

 private:
  ByteSource() = default;
  void read_unobserved(std::uint64_t offset, std::span<std::byte> out) const;

  int file_ = -1;
  bool owns_file_ = false;
  const std::byte* memory_ = nullptr;
  std::uint64_t begin_ = 0;  // within the file
  std::uint64_t size_ = 0;
  std::filesystem::path folder_;  // of the file; empty for memory and parts
  Observer observer_;
};

}  // namespace lamina::base
