// Bytes of a pickle -> one instruction at a time, operands checked. Knows opcodes, no objects.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lamina::format {

/// The whole accepted set: what torch.save writes with protocol 2 and torch.load(weights_only=True) takes.
enum class PickleOp : std::uint8_t {
  proto = 0x80,
  stop = '.',
  mark = '(',
  global = 'c',
  reduce = 'R',
  newobj = 0x81,
  build = 'b',
  empty_dict = '}',
  empty_list = ']',
  empty_tuple = ')',
  empty_set = 0x8f,
  tuple = 't',
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  setitem = 's',
  setitems = 'u',
  append = 'a',
  appends = 'e',
  none = 'N',
  newtrue = 0x88,
  newfalse = 0x89,
  binint = 'J',
  binint1 = 'K',
  binint2 = 'M',
  long1 = 0x8a,
  binfloat = 'G',
  binunicode = 'X',
  short_binstring = 'U',
  binpersid = 'Q',
  binput = 'q',
  long_binput = 'r',
  binget = 'h',
  long_binget = 'j',
};

struct PickleInstruction {
  PickleOp op = PickleOp::stop;
  std::int64_t integer = 0;    // numbers, memo index, protocol
  double real = 0;             // BINFLOAT
  std::string_view text = {};  // strings; GLOBAL: the name
  std::string_view module = {};
};

struct PickleLimits {
  std::uint64_t bytes = std::uint64_t{64} << 20;
  std::uint64_t opcodes = 10'000'000;
  std::uint64_t memo = std::uint64_t{1} << 20;
  std::uint64_t stack = std::uint64_t{1} << 20;
  std::uint64_t objects = std::uint64_t{1} << 20;  // 65,536 tensors take 15 each
  std::uint64_t items = std::uint64_t{1} << 22;    // of all containers together
  std::uint64_t string_bytes = std::uint64_t{1} << 20;
};

/// "STACK_GLOBAL (0x93)": also for the opcodes that are refused.
[[nodiscard]] std::string pickle_opcode_name(std::uint8_t byte);

/// Borrows `bytes`; the texts of its instructions point into them.
class PickleDecoder {
 public:
  /// `place` starts each message: "data.pkl". Throws Error{limit_exceeded} where bytes are too many.
  PickleDecoder(std::span<const std::byte> bytes, std::string_view place, const PickleLimits& limits);

  /// Throws Error{truncated, malformed, limit_exceeded, unsafe_content}, with the byte where it is.
  [[nodiscard]] PickleInstruction next();
  /// Where the next instruction starts.
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  [[nodiscard]] bool at_end() const noexcept { return position_ == bytes_.size(); }
  /// "data.pkl at byte 12": the latest instruction.
  [[nodiscard]] std::string place() const;

 private:
  [[nodiscard]] const std::byte* take(std::uint64_t count);
  [[nodiscard]] std::string_view text(std::uint64_t count);
  [[nodiscard]] std::string_view line();
  [[nodiscard]] std::int64_t small_long();

  std::span<const std::byte> bytes_;
  std::string place_;
  PickleLimits limits_;
  std::size_t position_ = 0;
  std::size_t start_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace lamina::format
