// Sizes that come from a file -> arithmetic that cannot wrap.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/fail.hpp"

#include <cstdint>

namespace lamina::base {

/// An unsigned size whose sum and product throw Error{limit_exceeded} instead of wrapping. Every size that
/// is read from a file and takes part in arithmetic enters through it.
class CheckedU64 {
 public:
  constexpr CheckedU64(std::uint64_t value) noexcept : value_(value) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] constexpr std::uint64_t value() const noexcept { return value_; }

  friend CheckedU64 operator+(CheckedU64 a, CheckedU64 b) {
    std::uint64_t sum = 0;
    if (__builtin_add_overflow(a.value_, b.value_, &sum)) fail(Errc::limit_exceeded, "size overflows 64 bits");
    return sum;
  }
  friend CheckedU64 operator*(CheckedU64 a, CheckedU64 b) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a.value_, b.value_, &product)) fail(Errc::limit_exceeded, "size overflows 64 bits");
    return product;
  }
  friend CheckedU64 operator-(CheckedU64 a, CheckedU64 b) {
    if (b.value_ > a.value_) fail(Errc::malformed, "size is negative");
    return a.value_ - b.value_;
  }
  friend constexpr bool operator==(CheckedU64, CheckedU64) = default;
  friend constexpr auto operator<=>(CheckedU64, CheckedU64) = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14

 private:
  std::uint64_t value_;
};

}  // namespace lamina::base
