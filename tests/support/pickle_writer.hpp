// Calls, one per opcode -> the bytes of a pickle: also of ones that no pickler would write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace lamina::test {

/// `value` as `bytes` little-endian bytes.
inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(i < 8 ? value >> (8 * i) : 0);
  return text;
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// The opcodes; each gives back the writer itself, whatever `Self` adds to them.
template <class Self>
class PickleOpcodes {
 public:
  std::string bytes = std::string("\x80\x02");

  Self& op(std::string_view code) {
    bytes += code;
    return static_cast<Self&>(*this);
  }
  /// The pickle with its STOP.
  [[nodiscard]] std::string done() const { return bytes + '.'; }

  Self& global(std::string_view module, std::string_view name) { return op("c").op(module).op("\n").op(name).op("\n"); }
  Self& text(std::string_view value) { return op("X").op(little_endian(value.size(), 4)).op(value); }
  Self& integer(std::int64_t value) { return op("\x8a\x08").op(little_endian(static_cast<std::uint64_t>(value), 8)); }
  Self& real(double value) {
    op("G");
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 7; i >= 0; --i) bytes += static_cast<char>(bits >> (8 * i));
    return static_cast<Self&>(*this);
  }
  Self& none() { return op("N"); }
  Self& boolean(bool value) { return op(value ? "\x88" : "\x89"); }
  Self& mark() { return op("("); }
  Self& tuple() { return op("t"); }
  Self& items() { return op("u"); }
  Self& reduce() { return op("R"); }
  Self& build() { return op("b"); }
  Self& dict() { return op("}"); }
  Self& ordered_dict() { return global("collections", "OrderedDict").op(")").reduce(); }
  Self& put(std::uint32_t index) { return op("r").op(little_endian(index, 4)); }
  Self& get(std::uint32_t index) { return op("j").op(little_endian(index, 4)); }
  Self& integers(std::initializer_list<std::int64_t> values) {
    mark();
    for (const std::int64_t value : values) integer(value);
    return tuple();
  }
};

class PickleWriter : public PickleOpcodes<PickleWriter> {};

}  // namespace lamina::test
