// float16, bfloat16 and float64 -> float32, each bit pattern against the definition of its format.
// SPDX-License-Identifier: Apache-2.0
#include "base/half.hpp"

#include "support/catch.hpp"
#include "support/failure.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace lamina;
using namespace lamina::test;
using base::FloatType;

namespace {

/// IEEE 754 binary16 by its definition, in double, which holds every value of it.
double half_by_definition(unsigned bits) {
  const int exponent = static_cast<int>((bits >> 10) & 31U);
  const double fraction = bits & 1023U;
  const double magnitude = exponent == 0    ? std::ldexp(fraction, -24)
                           : exponent == 31 ? std::numeric_limits<double>::infinity()
                                            : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

std::vector<float> narrowed(const std::vector<double>& values) {
  std::vector<float> out(values.size());
  base::to_float32(FloatType::f64, bytes_of(values), out);
  return out;
}

}  // namespace

TEST_CASE("all 65536 halves convert exactly, sign of zero and NaN payload included") {
  unsigned wrong = 0;
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const float value = base::half_to_float(static_cast<std::uint16_t>(bits));
    const bool nan = (bits & 0x7C00U) == 0x7C00U && (bits & 0x3FFU) != 0;
    const auto expected = nan ? ((bits & 0x8000U) << 16) | 0x7F800000U | ((bits & 0x3FFU) << 13)
                              : std::bit_cast<std::uint32_t>(static_cast<float>(half_by_definition(bits)));
    if (std::bit_cast<std::uint32_t>(value) != expected) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a bfloat16 is the upper half of a float32") {
  CHECK(base::bfloat16_to_float(0x3F80) == 1.0f);
  CHECK(std::bit_cast<std::uint32_t>(base::bfloat16_to_float(0xFFA5)) == 0xFFA50000U);
}

TEST_CASE("elements of each type convert in bulk") {
  std::array<float, 3> out{};
  base::to_float32(FloatType::f16, bytes_of<std::uint16_t>({0x3C00, 0xC000, 0x0001}), out);
  CHECK(out == std::array<float, 3>{1.0f, -2.0f, 0x1p-24f});
  base::to_float32(FloatType::bf16, bytes_of<std::uint16_t>({0x3F80, 0x4040, 0x8000}), out);
  CHECK(out == std::array<float, 3>{1.0f, 3.0f, -0.0f});
  base::to_float32(FloatType::f32, bytes_of<float>({1.5f, -2.5f, 1e-40f}), out);
  CHECK(out == std::array<float, 3>{1.5f, -2.5f, 1e-40f});
  CHECK(base::size_of(FloatType::f16) + base::size_of(FloatType::bf16) == 4);
  CHECK(base::size_of(FloatType::f32) == 4);
  CHECK(base::size_of(FloatType::f64) == 8);
}

TEST_CASE("float32 keeps its bits, also of signalling NaN") {
  const std::vector<std::uint32_t> bits = {0x7F800001, 0xFFC12345, 0x80000000};
  std::array<float, 3> out{};
  base::to_float32(FloatType::f32, bytes_of(bits), out);
  CHECK(std::memcmp(out.data(), bits.data(), sizeof out) == 0);
}

TEST_CASE("float64 rounds to nearest even") {
  CHECK(narrowed({1 + 0x1p-24, 1 + 0x3p-24, 0x1p-150, 0x1.8p-149, -0.0}) ==
        std::vector<float>{1.0f, 1 + 0x1p-22f, 0.0f, 0x1p-148f, -0.0f});
  CHECK(std::isinf(narrowed({std::numeric_limits<double>::infinity()})[0]));
  CHECK(std::isnan(narrowed({std::numeric_limits<double>::quiet_NaN()})[0]));
  CHECK(narrowed({3.4028234663852886e38})[0] == std::numeric_limits<float>::max());
}

TEST_CASE("a finite float64 beyond the range of float32 is refused") {
  CHECK(failure([] { (void)narrowed({1.0, 3.5e38}); }).starts_with("dtype: float64 value: is beyond the range"));
  CHECK(failure([] { (void)narrowed({-1e300}); }).starts_with("dtype: "));
}

TEST_CASE("a number of bytes that does not fit the elements is refused") {
  std::array<float, 2> out{};
  const std::vector<std::uint16_t> bits = {1, 2, 3};
  CHECK(failure([&] { base::to_float32(FloatType::f16, bytes_of(bits), out); }).starts_with("internal: "));
  CHECK(failure([&] { base::to_float32(FloatType::f32, bytes_of(bits), out); }).starts_with("internal: "));
}

TEST_CASE("rounding to 16 bits takes the nearest value, the even one of two, whatever the rounding mode") {
  for (const int mode : {FE_TONEAREST, FE_UPWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    int wrong = 0;
    const auto check = [&](auto round, auto widen, std::uint16_t infinity) {
      for (std::uint16_t bits = 0; bits < infinity; ++bits) {
        const float low = widen(bits);
        // What would follow the largest value is as far from it as the one before.
        const double high = bits + 1 == infinity ? 2 * double{low} - double{widen(static_cast<std::uint16_t>(bits - 1))}
                                                 : double{widen(static_cast<std::uint16_t>(bits + 1))};
        const auto middle = static_cast<float>((double{low} + high) / 2);
        const float up = widen(static_cast<std::uint16_t>(bits + 1));
        wrong += round(low) != low || round(-low) != -low || round(middle) != (bits % 2 == 0 ? low : up) ||
                 round(std::nextafter(middle, 0.0F)) != low || round(std::nextafter(middle, INFINITY)) != up ||
                 round(-std::nextafter(middle, INFINITY)) != -up;
      }
    };
    check(base::round_to_half, base::half_to_float, 0x7C00);
    check(base::round_to_bfloat16, base::bfloat16_to_float, 0x7F80);
    std::fesetround(FE_TONEAREST);
    CHECK(wrong == 0);
  }
  CHECK(std::isnan(base::round_to_half(NAN)));
  CHECK(std::isnan(base::round_to_bfloat16(std::bit_cast<float>(0x7F800001U))));
  CHECK(base::round_to_half(INFINITY) == INFINITY);
  CHECK(base::round_to_half(3e38F) == INFINITY);
  CHECK(std::signbit(base::round_to_half(-1e-30F)));
}

TEST_CASE("elements are read from a source in each type, whatever their number") {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{150'001}}) {
    std::vector<std::uint16_t> halves(count);
    std::vector<float> floats(count);
    for (std::size_t i = 0; i < count; ++i) {
      halves[i] = static_cast<std::uint16_t>(i % 0x7C00);
      floats[i] = static_cast<float>(i) + 0.5F;
    }
    const auto check = [&](FloatType type, std::span<const std::byte> bytes, const std::vector<float>& expected) {
      std::vector<std::byte> file(3);  // an offset that is no multiple of anything
      file.insert(file.end(), bytes.begin(), bytes.end());
      const base::ByteSource source = base::ByteSource::over(file);
      std::vector<float> read(count);
      base::read_float32(source, 3, type, read);
      CHECK(read == expected);
    };
    std::vector<float> widened(count);
    for (std::size_t i = 0; i < count; ++i) widened[i] = base::half_to_float(halves[i]);
    check(FloatType::f32, bytes_of(floats), floats);
    check(FloatType::f16, bytes_of(halves), widened);
  }
  std::vector<float> more(2);
  const std::vector<float> one = {1};
  CHECK(failure([&] {
          base::read_float32(base::ByteSource::over(bytes_of(one)), 0, FloatType::f32, more);
        }).starts_with("truncated: "));
}
