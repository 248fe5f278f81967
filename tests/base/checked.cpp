// CheckedU64: right where it fits, an Error where 64 bits would wrap.
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.hpp"

#include "base/little_endian.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <array>
#include <limits>

using namespace lamina;
using namespace lamina::test;
using base::CheckedU64;

namespace {
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
}

TEST_CASE("checked arithmetic is exact up to the last value that fits") {
  CHECK((CheckedU64(kMost - 1) + 1).value() == kMost);
  CHECK((CheckedU64(kMost / 3) * 3).value() == kMost / 3 * 3);
  CHECK((CheckedU64(5) - 5).value() == 0);
  CHECK(CheckedU64(2) < CheckedU64(3));
}

TEST_CASE("checked arithmetic throws instead of wrapping") {
  CHECK(failure([] { (void)(CheckedU64(kMost) + 1); }) == "limit_exceeded: size overflows 64 bits");
  CHECK(failure([] { (void)(CheckedU64(kMost / 2 + 1) * 2); }) == "limit_exceeded: size overflows 64 bits");
  CHECK(failure([] { (void)(CheckedU64(4) - 5); }) == "malformed: size is negative");
}

TEST_CASE("little-endian bytes and integers convert both ways") {
  std::array<std::byte, 8> bytes;
  base::store_le(std::uint64_t{0x0102030405060708}, bytes.data());
  CHECK(bytes[0] == std::byte{8});
  CHECK(bytes[7] == std::byte{1});
  CHECK(base::load_le<std::uint64_t>(bytes.data()) == 0x0102030405060708U);
  CHECK(base::load_le<std::uint32_t>(bytes.data()) == 0x05060708U);
  CHECK(base::load_le<std::uint16_t>(bytes.data() + 1) == 0x0607U);
}
