// Bytes of one HDF5 structure -> its fields in order; what lies beyond the end is an Error, never a read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/fail.hpp"
#include "base/little_endian.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lamina::format::hdf5 {

/// An address or length of all ones stands for "none".
inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};

/// A structure and the byte at which it starts, for messages.
struct Place {
  std::string_view what;
  std::uint64_t address = 0;

  [[nodiscard]] std::string text() const { return "HDF5 " + std::string(what) + " at byte " + std::to_string(address); }
  [[noreturn]] void fail(Errc code, std::string_view problem) const { base::fail(code, text(), problem); }
  [[noreturn]] void fail(Errc code, std::string_view problem, std::string_view expected, std::string_view got) const {
    base::fail(code, text(), problem, expected, got);
  }
};

class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, Place place) noexcept : bytes_(bytes), place_(place) {}

  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::span<const std::byte> rest() const noexcept { return bytes_.subspan(at_); }
  [[nodiscard]] const Place& place() const noexcept { return place_; }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > left()) {
      place_.fail(Errc::malformed, "ends within a field", std::to_string(count) + " more bytes",
                  std::to_string(left()));
    }
    const auto part = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += part.size();
    return part;
  }
  void skip(std::uint64_t count) { (void)take(count); }

  template <class T>
  T number() {
    return base::load_le<T>(take(sizeof(T)).data());
  }
  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  /// An unsigned number of 1 to 8 bytes.
  std::uint64_t unsigned_of(std::size_t size) {
    std::uint64_t value = 0;
    const auto part = take(size);
    for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(part[i]) << (8 * i);
    return value;
  }
  std::string_view text(std::uint64_t count) {
    const auto part = take(count);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }

  void expect(std::string_view signature) {
    if (text(signature.size()) != signature) {
      place_.fail(Errc::malformed, "does not start with '" + std::string(signature) + "'");
    }
  }
  /// The structure's version, of which only this one is known.
  void expect_version(std::uint8_t version) {
    const std::uint8_t got = u8();
    if (got != version) place_.fail(Errc::unsupported_feature, "version", std::to_string(version), std::to_string(got));
  }

 private:
  std::span<const std::byte> bytes_;
  Place place_;
  std::size_t at_ = 0;
};

}  // namespace lamina::format::hdf5
