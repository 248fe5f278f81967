// A pickled call that rebuilds a tensor -> its elements, after every bound has been checked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/pytorch/file.hpp"
#include "format/pytorch/strided.hpp"

#include <lamina/tensor.hpp>

#include <set>
#include <string>
#include <string_view>

namespace lamina::format {

/// True for _rebuild_tensor and its kin, and for Parameter.
[[nodiscard]] bool is_torch_tensor(const PickleGraph& graph, ObjectId id) noexcept;

/// Reads tensors of one file within one budget.
class TorchTensors {
 public:
  TorchTensors(const base::ByteSource& source, const TorchFile& file, const Limits& limits);

  /// "float32", "int64": without reading elements. Throws as read() does.
  [[nodiscard]] std::string_view dtype(ObjectId tensor, std::string_view name) const;
  /// As float32. `name` is for messages. Throws Error{malformed, limit_exceeded, unsupported_feature, dtype,
  /// truncated}; dtype for integers.
  [[nodiscard]] Tensor read(ObjectId tensor, std::string_view name);

 private:
  /// The CRC of the storage's member is checked on the way where the view is all of it, else before.
  void read_elements(const TorchStorage& storage, const StridedView& view, std::span<float> out);

  const base::ByteSource& source_;
  const TorchFile& file_;
  std::uint64_t budget_;
  std::uint64_t left_;
  std::set<const ZipMember*> checked_;
};

}  // namespace lamina::format
