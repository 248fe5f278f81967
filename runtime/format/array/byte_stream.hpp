// A file, a part of one, a pipe or standard input -> its bytes in order, through a buffer of bounded size.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"

#include <lamina/error.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

/// What array files of random access are held to when they arrive through a pipe, and JSON always.
inline constexpr std::uint64_t kHeldBytes = std::uint64_t{64} << 20;

class ByteStream {
 public:
  /// Opens a regular file, a FIFO, or "-" for standard input. Throws Error{io} for anything else.
  [[nodiscard]] static ByteStream open(const std::filesystem::path& path);
  /// `size` bytes of `source` from `offset`; `name` stands in messages.
  ByteStream(std::string name, std::shared_ptr<const base::ByteSource> source, std::uint64_t offset,
             std::uint64_t size);
  ByteStream(ByteStream&&) noexcept = default;
  ByteStream& operator=(ByteStream&&) = delete;

  /// How messages call it.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Bytes read but not yet taken.
  [[nodiscard]] std::string_view buffered() const noexcept;
  /// Reads more behind what is buffered, growing the buffer where it is full; false at the end.
  bool fill();
  /// Fills until `count` bytes are buffered or the stream ends; what is buffered then.
  std::string_view peek(std::size_t count);
  /// Takes `count` buffered bytes.
  void skip(std::size_t count) noexcept;
  /// Takes up to out.size() bytes, fewer only at the end.
  [[nodiscard]] std::size_t read(std::span<std::byte> out);
  [[nodiscard]] bool at_end() { return buffered().empty() && !fill(); }

  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  /// Absent for pipes.
  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }

  /// The rest as a source of random access: the file itself, or up to kHeldBytes of a pipe. Takes the stream's place.
  struct Held {
    std::shared_ptr<const base::ByteSource> source;
    std::uint64_t offset = 0;  // of the stream's position
    std::uint64_t size = 0;    // from there
  };
  [[nodiscard]] Held hold();
  /// The rest, at most kHeldBytes.
  [[nodiscard]] std::vector<std::byte> rest();

 private:
  struct Descriptor {
    int file = -1;
    bool owned = false;
    Descriptor() = default;
    Descriptor(int f, bool o) noexcept : file(f), owned(o) {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) = delete;
    ~Descriptor();
  };
  ByteStream(std::string name, Descriptor descriptor);
  std::size_t read_some(std::span<std::byte> out);
  std::size_t read_descriptor(std::span<std::byte> out) const;

  std::string name_;
  std::shared_ptr<const base::ByteSource> source_;  // null for pipes and standard input
  Descriptor descriptor_;
  std::uint64_t offset_ = 0;    // within source_, of the next byte to read
  std::uint64_t end_ = 0;       // within source_
  std::uint64_t position_ = 0;  // taken so far
  std::optional<std::uint64_t> size_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t filled_ = 0;
};

/// Bytes in memory as a source that owns them.
[[nodiscard]] std::shared_ptr<const base::ByteSource> hold_bytes(std::vector<std::byte> bytes);

/// `error` with "name: " in front, unless it stands there: the layers below do not know the file.
[[nodiscard]] Error named(const Error& error, const std::string& name);

}  // namespace lamina::format
