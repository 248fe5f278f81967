// TensorProto -> its elements: in the message, raw or typed, or in a file beside the model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/constant.hpp"
#include "format/onnx/wire.hpp"

#include <lamina/model.hpp>

#include <optional>
#include <set>
#include <string>

namespace lamina::format::onnx {

/// Reads tensors of one file and counts what they hold together.
class TensorReader {
 public:
  TensorReader(Window& window, const LoadOptions& options) : window_(window), options_(options) {}

  /// Throws Error{dtype} for types without numbers, Error{malformed, truncated} where the data is not exactly what
  /// the dimensions ask for, Error{limit_exceeded}, and Error{unsafe_content} for another file without leave.
  [[nodiscard]] Constant read(const TensorProto& tensor);

  /// So many elements more are read or computed. All of them together are bounded by the size of the files, since a
  /// short graph can ask for much; what costs as much time as an element counts as one. Throws
  /// Error{limit_exceeded}, and again for each call after that.
  void count(std::uint64_t elements);

 private:
  void read_raw(const base::ByteSource& source, Extent data, Constant& constant);
  void read_typed(const TensorProto& tensor, Constant& constant);
  /// Where the elements of a tensor in another file lie, and that file. Throws Error{unsafe_content} without leave.
  Extent external_extent(const TensorProto& tensor, std::uint64_t bytes, const base::ByteSource*& source);
  const base::ByteSource& open_external(const std::string& location);

  Window& window_;
  const LoadOptions& options_;
  std::uint64_t produced_ = 0;                // bytes
  std::set<std::string> opened_;              // other files so far
  std::uint64_t file_bytes_ = 0;              // of all of them
  std::optional<base::ByteSource> external_;  // the last one: a process may have few files open
  std::string external_location_;
};

}  // namespace lamina::format::onnx
