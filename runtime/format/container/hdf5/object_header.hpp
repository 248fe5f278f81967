// Address of an HDF5 object header -> its messages: what the object is, its attributes, its links.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5/blocks.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace lamina::format::hdf5 {

enum class MessageType : std::uint16_t {
  nil = 0x00,
  dataspace = 0x01,
  link_info = 0x02,
  datatype = 0x03,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  group_info = 0x0A,
  filters = 0x0B,
  attribute = 0x0C,
  shared_table = 0x0F,
  continuation = 0x10,
  symbol_table = 0x11,
  driver_info = 0x14,
  attribute_info = 0x15,
  cache_image = 0x18,
};

struct Message {
  MessageType type = MessageType::nil;
  Place place;
  std::span<const std::byte> body;

  [[nodiscard]] Cursor cursor() const noexcept { return {body, place}; }
};

struct ObjectHeader {
  std::vector<Block> blocks;  // what the bodies point into
  std::vector<Message> messages;

  /// The message of a type that a header has at most once; null where it has none. Throws Error{malformed} for two.
  [[nodiscard]] const Message* find(MessageType type) const;
};

/// Versions 1 and 2 (whose checksums are verified), with all continuations. Throws Error{malformed, truncated,
/// unsupported_feature, limit_exceeded}; shared messages are unsupported.
[[nodiscard]] ObjectHeader read_object_header(Blocks& blocks, std::uint64_t address);

}  // namespace lamina::format::hdf5
