// The pickle decoder: every length is compared with what is left before it is used.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/pickle_code.hpp"

#include "base/fail.hpp"
#include "base/little_endian.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace lamina::format {
namespace {

using base::fail;

struct OpcodeName {
  std::uint8_t byte;
  std::string_view name;
};

/// Every opcode of protocols 0 to 5: messages name the refused ones too.
constexpr std::array kOpcodeNames = {
    OpcodeName{'(', "MARK"},
    OpcodeName{'.', "STOP"},
    OpcodeName{'0', "POP"},
    OpcodeName{'1', "POP_MARK"},
    OpcodeName{'2', "DUP"},
    OpcodeName{'F', "FLOAT"},
    OpcodeName{'I', "INT"},
    OpcodeName{'J', "BININT"},
    OpcodeName{'K', "BININT1"},
    OpcodeName{'L', "LONG"},
    OpcodeName{'M', "BININT2"},
    OpcodeName{'N', "NONE"},
    OpcodeName{'P', "PERSID"},
    OpcodeName{'Q', "BINPERSID"},
    OpcodeName{'R', "REDUCE"},
    OpcodeName{'S', "STRING"},
    OpcodeName{'T', "BINSTRING"},
    OpcodeName{'U', "SHORT_BINSTRING"},
    OpcodeName{'V', "UNICODE"},
    OpcodeName{'X', "BINUNICODE"},
    OpcodeName{'a', "APPEND"},
    OpcodeName{'b', "BUILD"},
    OpcodeName{'c', "GLOBAL"},
    OpcodeName{'d', "DICT"},
    OpcodeName{'}', "EMPTY_DICT"},
    OpcodeName{'e', "APPENDS"},
    OpcodeName{'g', "GET"},
    OpcodeName{'h', "BINGET"},
    OpcodeName{'i', "INST"},
    OpcodeName{'j', "LONG_BINGET"},
    OpcodeName{'l', "LIST"},
    OpcodeName{']', "EMPTY_LIST"},
    OpcodeName{'o', "OBJ"},
    OpcodeName{'p', "PUT"},
    OpcodeName{'q', "BINPUT"},
    OpcodeName{'r', "LONG_BINPUT"},
    OpcodeName{'s', "SETITEM"},
    OpcodeName{'t', "TUPLE"},
    OpcodeName{')', "EMPTY_TUPLE"},
    OpcodeName{'u', "SETITEMS"},
    OpcodeName{'G', "BINFLOAT"},
    OpcodeName{'B', "BINBYTES"},
    OpcodeName{'C', "SHORT_BINBYTES"},
    OpcodeName{0x80, "PROTO"},
    OpcodeName{0x81, "NEWOBJ"},
    OpcodeName{0x82, "EXT1"},
    OpcodeName{0x83, "EXT2"},
    OpcodeName{0x84, "EXT4"},
    OpcodeName{0x85, "TUPLE1"},
    OpcodeName{0x86, "TUPLE2"},
    OpcodeName{0x87, "TUPLE3"},
    OpcodeName{0x88, "NEWTRUE"},
    OpcodeName{0x89, "NEWFALSE"},
    OpcodeName{0x8a, "LONG1"},
    OpcodeName{0x8b, "LONG4"},
    OpcodeName{0x8c, "SHORT_BINUNICODE"},
    OpcodeName{0x8d, "BINUNICODE8"},
    OpcodeName{0x8e, "BINBYTES8"},
    OpcodeName{0x8f, "EMPTY_SET"},
    OpcodeName{0x90, "ADDITEMS"},
    OpcodeName{0x91, "FROZENSET"},
    OpcodeName{0x92, "NEWOBJ_EX"},
    OpcodeName{0x93, "STACK_GLOBAL"},
    OpcodeName{0x94, "MEMOIZE"},
    OpcodeName{0x95, "FRAME"},
    OpcodeName{0x96, "BYTEARRAY8"},
    OpcodeName{0x97, "NEXT_BUFFER"},
    OpcodeName{0x98, "READONLY_BUFFER"},
};

constexpr std::size_t kNameBytes = 1024;

/// Length of the UTF-8 sequence at the front of `text`, or 0: overlong forms, surrogates and values beyond
/// U+10FFFF are no sequences.
std::size_t sequence_length(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && at(1) < 0xa0) || (lead == 0xf0 && at(1) < 0x90);
  const bool beyond = (lead == 0xed && at(1) >= 0xa0) || (lead == 0xf4 && at(1) >= 0x90);
  return overlong || beyond ? 0 : length;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

double big_endian_double(const std::byte* bytes) noexcept {
  std::array<std::byte, 8> reversed;
  std::reverse_copy(bytes, bytes + 8, reversed.begin());
  return std::bit_cast<double>(base::load_le<std::uint64_t>(reversed.data()));
}

}  // namespace

std::string pickle_opcode_name(std::uint8_t byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::string number = {'0', 'x', kHex[byte >> 4], kHex[byte & 15]};
  for (const OpcodeName& known : kOpcodeNames) {
    if (known.byte == byte) return std::string(known.name) + " (" + number + ")";
  }
  return number;
}

PickleDecoder::PickleDecoder(std::span<const std::byte> bytes, std::string_view place, const PickleLimits& limits)
    : bytes_(bytes), place_(place), limits_(limits) {
  if (bytes.size() > limits.bytes) {
    fail(Errc::limit_exceeded, place_, "pickle", "at most " + std::to_string(limits.bytes) + " bytes",
         std::to_string(bytes.size()));
  }
}

std::string PickleDecoder::place() const { return place_ + " at byte " + std::to_string(start_); }

const std::byte* PickleDecoder::take(std::uint64_t count) {
  const std::size_t left = bytes_.size() - position_;
  if (count > left) {
    fail(Errc::truncated, place(), "pickle ends early", std::to_string(count) + " more bytes", std::to_string(left));
  }
  const std::byte* at = bytes_.data() + position_;
  position_ += static_cast<std::size_t>(count);
  return at;
}

std::string_view PickleDecoder::text(std::uint64_t count) {
  if (count > limits_.string_bytes) {
    fail(Errc::limit_exceeded, place(), "string", "at most " + std::to_string(limits_.string_bytes) + " bytes",
         std::to_string(count));
  }
  const std::string_view text(reinterpret_cast<const char*>(take(count)), static_cast<std::size_t>(count));
  if (!is_utf8(text)) fail(Errc::malformed, place(), "string is not valid UTF-8: " + base::quoted(text));
  return text;
}

std::string_view PickleDecoder::line() {
  const std::byte* begin = bytes_.data() + position_;
  const std::size_t most = std::min(bytes_.size() - position_, kNameBytes + 1);
  const std::byte* end = std::find(begin, begin + most, std::byte{'\n'});
  if (end == begin + most) {
    if (most > kNameBytes) fail(Errc::limit_exceeded, place(), "a name of more than 1024 bytes");
    fail(Errc::truncated, place(), "pickle ends within a name");
  }
  const auto length = static_cast<std::size_t>(end - begin);
  position_ += length + 1;
  return {reinterpret_cast<const char*>(begin), length};
}

std::int64_t PickleDecoder::small_long() {
  const auto count = std::to_integer<std::size_t>(*take(1));
  if (count > 8) fail(Errc::limit_exceeded, place(), "LONG1", "at most 8 bytes", std::to_string(count));
  const std::byte* bytes = take(count);
  if (count == 0) return 0;
  const bool negative = (bytes[count - 1] & std::byte{0x80}) != std::byte{0};
  std::array<std::byte, 8> extended;
  extended.fill(negative ? std::byte{0xff} : std::byte{0});
  std::copy_n(bytes, count, extended.begin());
  return std::bit_cast<std::int64_t>(base::load_le<std::uint64_t>(extended.data()));
}

PickleInstruction PickleDecoder::next() {
  start_ = position_;
  if (++count_ > limits_.opcodes) {
    fail(Errc::limit_exceeded, place(), "more than " + std::to_string(limits_.opcodes) + " opcodes");
  }
  const auto byte = std::to_integer<std::uint8_t>(*take(1));
  PickleInstruction result{.op = static_cast<PickleOp>(byte)};
  switch (result.op) {
    using enum PickleOp;
    case stop:
    case mark:
    case reduce:
    case newobj:
    case build:
    case empty_dict:
    case empty_list:
    case empty_tuple:
    case empty_set:
    case PickleOp::tuple:
    case tuple1:
    case tuple2:
    case tuple3:
    case setitem:
    case setitems:
    case append:
    case appends:
    case none:
    case newtrue:
    case newfalse:
    case binpersid:
      return result;
    case proto:
    case binint1:
    case binput:
    case binget:
      result.integer = std::to_integer<std::int64_t>(*take(1));
      return result;
    case binint2:
      result.integer = base::load_le<std::uint16_t>(take(2));
      return result;
    case binint:
      result.integer = std::bit_cast<std::int32_t>(base::load_le<std::uint32_t>(take(4)));
      return result;
    case long_binput:
    case long_binget:
      result.integer = base::load_le<std::uint32_t>(take(4));
      return result;
    case PickleOp::long1:
      result.integer = small_long();
      return result;
    case binfloat:
      result.real = big_endian_double(take(8));
      return result;
    case binunicode:
      result.text = text(base::load_le<std::uint32_t>(take(4)));
      return result;
    case short_binstring:
      result.text = text(std::to_integer<std::uint64_t>(*take(1)));
      return result;
    case global:
      result.module = line();
      result.text = line();
      return result;
  }
  fail(Errc::unsafe_content, place(),
       "opcode " + pickle_opcode_name(byte) + " is not one that torch.save writes for tensors and modules; refused");
}

}  // namespace lamina::format
