// Decimal text <-> float32 at the edges, against the C library.
// SPDX-License-Identifier: Apache-2.0
#include "format/array/number.hpp"

#include "support/catch.hpp"

#include <lamina/data.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

namespace lamina::format {
namespace {

std::string shortest(float value) {
  std::string text;
  data::append_number(text, value);
  return text;
}

TEST_CASE("every strided float reads back equal from its shortest text, as the C library reads it too") {
  std::uint64_t wrong = 0;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 9973) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (!std::isfinite(value)) continue;
    const std::string text = shortest(value);
    const ParsedNumber parsed = parse_number(text);
    const bool equal = parsed.kind == NumberKind::finite &&
                       std::bit_cast<std::uint32_t>(parsed.value) == static_cast<std::uint32_t>(bits) &&
                       std::strtof(text.c_str(), nullptr) == value && text.size() <= kNumberChars;
    wrong += equal ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("numbers are written as short as they can be") {
  CHECK(shortest(0.1F) == "0.1");
  CHECK(shortest(-0.0F) == "-0");
  CHECK(shortest(16777216.0F) == "16777216");
  CHECK(shortest(1e20F) == "1e+20");
  CHECK(shortest(std::numeric_limits<float>::denorm_min()) == "1e-45");
  CHECK(shortest(-std::numeric_limits<float>::max()) == "-3.4028235e+38");
  CHECK(shortest(std::numeric_limits<float>::quiet_NaN()) == "nan");
  CHECK(shortest(-std::numeric_limits<float>::quiet_NaN()) == "nan");
  CHECK(shortest(std::numeric_limits<float>::infinity()) == "inf");
  CHECK(shortest(-std::numeric_limits<float>::infinity()) == "-inf");
}

TEST_CASE("a number below the smallest denormal is a zero of its sign, not an error") {
  for (const char* text : {"1e-46", "7e-46", "1e-400", "0.0001e-99999999999999999999", "0e999", "1e-99999"}) {
    const ParsedNumber parsed = parse_number(text);
    INFO(text);
    CHECK(parsed.kind == NumberKind::finite);
    CHECK(parsed.value == 0.0F);
  }
  CHECK(std::signbit(parse_number("-1e-400").value));
  CHECK(parse_number("7.1e-46").value == std::numeric_limits<float>::denorm_min());
  CHECK(parse_number("1e-40").value == 1e-40F);
  CHECK(parse_number(std::string("0.") + std::string(60, '0') + "1e61").value == 1.0F);
}

TEST_CASE("a number beyond float32 is an overflow, the largest one is not") {
  for (const char* text : {"1e39", "-1e39", "3.4028236e38", "1e999999999", "0.001e99999999999999999999"}) {
    INFO(text);
    CHECK(parse_number(text).kind == NumberKind::overflow);
  }
  CHECK(parse_number(std::string(40, '9')).kind == NumberKind::overflow);
  CHECK(parse_number("3.4028235e38").value == std::numeric_limits<float>::max());
}

TEST_CASE("what is no decimal number is none") {
  for (const char* text : {"",  " ", "1 ",  " 1",  "0x10",  "0x1p3",  "1,5",  "1_000", "1e",   "1e+", "e5", ".",
                           "-", "+", "+-1", "--1", "1.2.3", "nan(1)", "nano", "infin", "NaN0", "one", "1f"}) {
    INFO(text);
    CHECK(parse_number(text).kind == NumberKind::none);
  }
  CHECK(parse_number(std::string_view("1\0", 2)).kind == NumberKind::none);
}

TEST_CASE("signs, bare points and the words for nonfinite numbers are understood") {
  CHECK(parse_number("+1.5").value == 1.5F);
  CHECK(parse_number("-.5e-3").value == -0.0005F);
  CHECK(parse_number("5.").value == 5.0F);
  for (const char* text : {"nan", "NaN", "-nan", "inf", "-inf", "+inf", "Infinity", "-INFINITY"}) {
    INFO(text);
    CHECK(parse_number(text).kind == NumberKind::nonfinite);
  }
  CHECK(std::isnan(parse_number("nan").value));
  CHECK(parse_number("+inf").value == std::numeric_limits<float>::infinity());
  CHECK(parse_number("-Infinity").value == -std::numeric_limits<float>::infinity());
}

}  // namespace
}  // namespace lamina::format
