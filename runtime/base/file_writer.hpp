// Bytes -> a file that is either the old one or the whole new one: temporary name, fsync-free rename.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace lamina::base {

/// Buffered writer. A regular (or new) file is written as ".NAME.tmp-XXXXXX" beside it and renamed by
/// finish(), keeping the mode of the file that it replaces and following links, so that they stay links;
/// anything else (pipe, device, "-" for standard output) is written straight. Throws Error{io} that names the file.
class FileWriter {
 public:
  explicit FileWriter(const std::filesystem::path& path);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  ~FileWriter();  // not finished: removes the temporary file

  void write(std::span<const std::byte> bytes);
  void write(const void* data, std::size_t size) { write({static_cast<const std::byte*>(data), size}); }
  /// Overwrites bytes written before; only where seekable() is true.
  void rewrite(std::uint64_t offset, std::span<const std::byte> bytes);
  [[nodiscard]] bool seekable() const noexcept;
  void finish();

 private:
  struct State;
  void put(std::span<const std::byte> bytes);
  void flush();
  void discard() noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace lamina::base
