// Links: the one place that decides what a name in a group may lead to.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/link.hpp"

#include "base/utf8.hpp"

#include <algorithm>

namespace lamina::format::hdf5 {
namespace {

constexpr std::size_t kMaxName = 1024;

constexpr std::uint8_t kSizeOfSize = 0x03;  // flags
constexpr std::uint8_t kHasOrder = 0x04;
constexpr std::uint8_t kHasType = 0x08;
constexpr std::uint8_t kHasCharset = 0x10;

constexpr std::uint8_t kHard = 0;  // types
constexpr std::uint8_t kSoft = 1;
constexpr std::uint8_t kExternal = 64;

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte != 0x7F && c != '/';
}

void check_type(const Place& place, std::uint8_t type, std::string_view name) {
  if (type == kHard) return;
  if (type == kSoft) fail_soft_link(place, name);
  place.fail(Errc::unsafe_content,
             base::quoted(name) +
                 (type == kExternal ? " is an external link, into another file" : " is a link of a user's own type") +
                 "; links out of a file are never followed");
}

}  // namespace

void fail_soft_link(const Place& place, std::string_view name) {
  place.fail(Errc::unsupported_feature, base::quoted(name) + " is a soft link; save the object itself in its place");
}

Link make_link(Blocks& blocks, const Place& place, std::string_view name, std::uint64_t address) {
  if (name.empty() || name.size() > kMaxName) {
    place.fail(Errc::limit_exceeded, "length of a name", "1 to " + std::to_string(kMaxName) + " bytes",
               std::to_string(name.size()));
  }
  if (!std::all_of(name.begin(), name.end(), is_plain) || !base::is_utf8(name)) {
    place.fail(Errc::malformed, "name", "printable UTF-8 without '/'", base::quoted(name));
  }
  blocks.charge(sizeof(Link) + name.size());
  return {.name = std::string(name), .address = address, .order = std::nullopt};
}

Link parse_link(Blocks& blocks, Cursor cursor) {
  cursor.expect_version(1);
  const std::uint8_t flags = cursor.u8();
  const std::uint8_t type = (flags & kHasType) != 0 ? cursor.u8() : kHard;
  std::optional<std::uint64_t> order;
  if ((flags & kHasOrder) != 0) order = cursor.u64();
  if ((flags & kHasCharset) != 0) cursor.skip(1);
  const std::uint64_t size = cursor.unsigned_of(std::size_t{1} << (flags & kSizeOfSize));
  const std::string_view name = cursor.text(size);
  check_type(cursor.place(), type, name);
  Link link = make_link(blocks, cursor.place(), name, cursor.u64());
  link.order = order;
  return link;
}

}  // namespace lamina::format::hdf5
