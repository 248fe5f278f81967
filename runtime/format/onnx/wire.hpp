// Bytes of a protobuf message -> its fields, one after the other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/window.hpp"

#include <cstdint>
#include <string>

namespace lamina::format::onnx {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct Field {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t value = 0;  // of a varint or a fixed type; else 0
  Extent bytes = {};        // of a length-delimited field: its contents
};

/// Walks the fields of one message without recursion: a nested message is another MessageReader over field.bytes.
/// The weights stay in the file until they are wanted, which is why this is no protozero::pbf_reader: that one wants
/// the message in memory.
class MessageReader {
 public:
  MessageReader(Window& window, Extent message) : window_(window), at_(message.begin), end_(message.end()) {}

  /// False at the end. Throws Error{truncated} where the message ends within a field, Error{malformed} for groups,
  /// unknown wire types, field numbers out of range and varints beyond 10 bytes.
  bool next(Field& field);
  /// The next varint of a packed field, over whose contents this reader was made; false at the end.
  bool next_varint(std::uint64_t& value);

 private:
  std::uint64_t varint();
  std::uint64_t fixed(std::size_t size);
  Extent contents(std::uint32_t number);

  Window& window_;
  std::uint64_t at_, end_;
};

// The value of a field that must have this type: else Error{malformed}.
[[nodiscard]] std::int64_t integer(const Field& field);
[[nodiscard]] float float32(const Field& field);
[[nodiscard]] Extent message(const Field& field);
/// A name: at most 1024 bytes of UTF-8. Throws Error{limit_exceeded, malformed}.
[[nodiscard]] std::string name(const Window& window, const Field& field);

}  // namespace lamina::format::onnx
