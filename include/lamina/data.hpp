// Array files (npy, npz, csv, json, jsonl) <-> rows of float32, streamed: what the lamina program uses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>
#include <lamina/export.hpp>
#include <lamina/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A component of its own (lamina::data), so that an embedder that has its own data need not link it.
namespace lamina::data {

enum class Format { npy, npz, csv, json, jsonl };

/// By suffix; nullopt for others.
[[nodiscard]] LAMINA_API std::optional<Format> format_of(const std::filesystem::path& path);

struct ReadOptions {
  std::optional<Format> format = {};  ///< absent: by the first bytes, then by the suffix
  std::string array = {};             ///< which array of an npz
  std::string columns = {};           ///< csv: "1-30", "2,4,7-9" (from 1) or names with a header; empty: all
  std::optional<bool> header = {};    ///< csv: the first line has names; absent: if a chosen cell of it is no number
  char separator = ',';               ///< csv
  bool allow_nonfinite = false;       ///< csv: accept nan, inf
};

/// Rows of an array file, read in order in bounded memory. Not thread safe.
class LAMINA_API Reader {
 public:
  /// Opens `path`, "-" for standard input. Throws Error{io, malformed, truncated, dtype, limit_exceeded}
  /// with the file's name and, for text, line and column.
  explicit Reader(const std::filesystem::path& path, const ReadOptions& options = {});
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// Shape of one row: for an array of shape [n, 28, 28], [28, 28]; for a one-dimensional array or a
  /// plain list of numbers, that is one row, [n] (see is_single_row).
  [[nodiscard]] const Shape& row_shape() const noexcept;
  /// Floats per row.
  [[nodiscard]] std::size_t row_size() const noexcept;
  /// True for a one-dimensional array: it may mean one row, or n rows of one feature; as_column() decides.
  [[nodiscard]] bool is_single_row() const noexcept;
  /// Takes a one-dimensional array as n rows of one number. Before the first read().
  void as_column();
  /// Where the file says so.
  [[nodiscard]] std::optional<std::uint64_t> rows() const noexcept;
  /// Names of the chosen columns of a csv with a header.
  [[nodiscard]] const std::vector<std::string>& column_names() const noexcept;
  /// Bytes consumed and, for regular files, their total: for a progress bar.
  [[nodiscard]] std::uint64_t bytes_read() const noexcept;
  [[nodiscard]] std::optional<std::uint64_t> bytes_total() const noexcept;

  /// Fills `rows` (a whole number of rows) from the front and returns how many rows were read: fewer
  /// than fit only at the end, 0 after it.
  [[nodiscard]] std::size_t read(std::span<float> rows);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct WriteOptions {
  std::optional<Format> format = {};  ///< absent: by suffix, else csv; npz cannot be written
};

/// Writes rows of float32 to an array file: under a temporary name in the same folder that finish()
/// renames, so that a regular file is never left half-written; pipes and devices are written straight.
class LAMINA_API Writer {
 public:
  /// Opens `path`, "-" for standard output. npy needs `rows` beforehand unless `path` is a regular file.
  Writer(const std::filesystem::path& path, Shape row_shape, const WriteOptions& options = {},
         std::optional<std::uint64_t> rows = {});
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  /// Without finish(): the temporary file is removed.
  ~Writer();

  void write(std::span<const float> rows);
  /// Completes the file and gives it its name. Throws Error{io}.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Text to a file with the rules of Writer: a regular file is whole or untouched, pipes and devices are
/// written straight, "-" is standard output.
class LAMINA_API TextWriter {
 public:
  explicit TextWriter(const std::filesystem::path& path);
  TextWriter(TextWriter&&) noexcept;
  TextWriter& operator=(TextWriter&&) noexcept;
  /// Without finish(): the temporary file is removed.
  ~TextWriter();

  void write(std::string_view text);
  /// Completes the file and gives it its name. Throws Error{io}.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A whole array file at once, shape as stored (a csv has rank 2, a scalar shape [1]).
[[nodiscard]] LAMINA_API Tensor read_array(const std::filesystem::path& path, const ReadOptions& options = {});
/// Integers of a label file (npy of any integer type, csv, text: one per line), range-checked.
[[nodiscard]] LAMINA_API std::vector<std::int64_t> read_labels(const std::filesystem::path& path);
/// One name per line.
[[nodiscard]] LAMINA_API std::vector<std::string> read_names(const std::filesystem::path& path);

/// Shortest decimal that reads back as `value`; "nan", "inf", "-inf".
LAMINA_API void append_number(std::string& text, float value);

}  // namespace lamina::data
