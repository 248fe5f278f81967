// lookup3: twelve bytes at a time into three words, mixed by subtracting, xoring and rotating.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/checksum.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace lamina::format::hdf5 {
namespace {

struct State {
  std::uint32_t a, b, c;

  void add(const std::array<std::byte, 12>& part) {
    a += base::load_le<std::uint32_t>(part.data());
    b += base::load_le<std::uint32_t>(part.data() + 4);
    c += base::load_le<std::uint32_t>(part.data() + 8);
  }
  void mix() {
    constexpr std::array<int, 6> kRotate = {4, 6, 8, 16, 19, 4};
    for (const int rotate : kRotate) {
      a = (a - c) ^ std::rotl(c, rotate);
      c += b;
      *this = {b, c, a};
    }
  }
  void finish() {
    constexpr std::array<int, 7> kRotate = {14, 11, 25, 16, 4, 14, 24};
    for (const int rotate : kRotate) {
      c = (c ^ b) - std::rotl(b, rotate);
      *this = {b, c, a};
    }
  }
};

}  // namespace

std::uint32_t lookup3(std::span<const std::byte> bytes) noexcept {
  const std::uint32_t seed = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size());
  if (bytes.empty()) return seed;
  State state{seed, seed, seed};
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(bytes.size(), 12);
    std::array<std::byte, 12> part{};
    std::copy_n(bytes.begin(), count, part.begin());
    state.add(part);
    bytes = bytes.subspan(count);
    if (!bytes.empty()) state.mix();
  }
  state.finish();
  return state.b;  // an odd number of steps has moved c here
}

void check_checksum(std::span<const std::byte> bytes, const Place& place) {
  if (bytes.size() < kChecksumBytes) place.fail(Errc::malformed, "is too short for its checksum");
  const auto body = bytes.first(bytes.size() - kChecksumBytes);
  if (lookup3(body) != base::load_le<std::uint32_t>(bytes.data() + body.size())) {
    place.fail(Errc::malformed, "its checksum is not that of its bytes: the file is damaged");
  }
}

}  // namespace lamina::format::hdf5
