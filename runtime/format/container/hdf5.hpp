// An HDF5 file -> its groups, attributes and datasets: the subset that Keras writes, bounded, no link out followed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"

#include <lamina/model.hpp>
#include <lamina/tensor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

/// A group or a dataset: where its header lies, and its path ("/model_weights/dense") for messages.
struct Hdf5Object {
  std::uint64_t address = 0;
  std::string path;
};

/// Superblock 0 to 3, old and new groups and object headers, compact and contiguous data, fixed and variable-length
/// strings (formats.md 3.7). Everything on its list of refusals, and chunked data, gives an Error that says what to do.
/// Borrows the source. Keeps what it has read of the file's structure, at most limits.text_bytes in all, and so is not
/// for use by several threads at once. A file is a tree: a second name of an object is refused.
class Hdf5 {
 public:
  /// Throws Error{malformed, truncated, unsupported_feature, unsafe_content, limit_exceeded}, as every member does.
  Hdf5(const base::ByteSource& source, const Limits& limits);
  Hdf5(Hdf5&&) noexcept;
  Hdf5& operator=(Hdf5&&) noexcept;
  ~Hdf5();

  [[nodiscard]] const Hdf5Object& root() const noexcept;
  /// Names of a group's members, by name (bytewise), or in the order of their creation where the file keeps it.
  [[nodiscard]] std::vector<std::string> members(const Hdf5Object& group) const;
  /// `path` is relative ("dense/kernel:0"); nullopt where one of its parts does not exist.
  [[nodiscard]] std::optional<Hdf5Object> find(const Hdf5Object& group, std::string_view path) const;
  [[nodiscard]] bool is_dataset(const Hdf5Object& object) const;

  /// Texts of a string attribute, one for a scalar; nullopt where there is none of this name. An array without elements
  /// has no texts whatever its type (Keras writes an empty weight_names as float64). All texts together: at most
  /// limits.text_bytes.
  [[nodiscard]] std::optional<std::vector<std::string>> texts(const Hdf5Object& object, std::string_view name) const;
  /// The same for an attribute that must be one text.
  [[nodiscard]] std::optional<std::string> text(const Hdf5Object& object, std::string_view name) const;

  [[nodiscard]] Shape shape(const Hdf5Object& dataset) const;
  /// Floating-point (16, 32, 64 bits) and integer elements of either byte order, as float32. Throws
  /// Error{dtype} for others; counts against limits.weight_bytes.
  [[nodiscard]] Tensor read(const Hdf5Object& dataset) const;

 private:
  class File;
  std::unique_ptr<File> file_;
};

/// The signature at offset 0.
[[nodiscard]] bool is_hdf5(const base::ByteSource& source);

}  // namespace lamina::format
