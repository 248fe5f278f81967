// First bytes of a stream, then the name of its file -> which format it has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/array/byte_stream.hpp"

#include <lamina/data.hpp>

namespace lamina::format {

/// The magic bytes of npy and zip win over the suffix, the suffix over a guess from text.
[[nodiscard]] data::Format detect_format(ByteStream& stream, const std::filesystem::path& path);

}  // namespace lamina::format
