// Bytes of any supported file -> Network with weights: the table of formats, and the steps common to all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/tensor_file.hpp"
#include "model/network.hpp"

#include <lamina/model.hpp>

#include <span>
#include <string_view>

namespace lamina::format {

struct Reader {
  std::string_view name;
  /// Decides by content. Looks at few bytes; never throws for foreign content.
  bool (*recognises)(const base::ByteSource& source);
  Contents (*read)(const base::ByteSource& source, const LoadOptions& options);
};

/// In the order in which they are asked.
[[nodiscard]] std::span<const Reader> readers() noexcept;

/// Recognise, read, and bind tensors to the architecture (the file's own or options.architecture).
/// Throws Error; the caller puts the file's name in front.
[[nodiscard]] model::Network read_network(const base::ByteSource& source, const LoadOptions& options);
/// Without binding: for `inspect` on a bare state_dict.
[[nodiscard]] Contents read_contents(const base::ByteSource& source, const LoadOptions& options);

}  // namespace lamina::format
