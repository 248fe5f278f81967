// Dataspaces: versions 1 and 2 differ in two fields.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/dataspace.hpp"

#include "base/checked.hpp"

namespace lamina::format::hdf5 {
namespace {

constexpr std::uint8_t kMaxRank = 8;
constexpr std::uint64_t kMaxDimension = 2147483647;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 40;

constexpr std::uint8_t kHasMaximum = 1;  // flags
constexpr std::uint8_t kHasPermutation = 2;

enum class Type : std::uint8_t { scalar, simple, null };

Type parse_type(Cursor& cursor, std::uint8_t version, std::uint8_t rank) {
  if (version == 1) {
    cursor.skip(5);
    return rank == 0 ? Type::scalar : Type::simple;
  }
  const std::uint8_t type = cursor.u8();
  if (type > static_cast<std::uint8_t>(Type::null)) {
    cursor.place().fail(Errc::malformed, "type of dataspace", "0 to 2", std::to_string(type));
  }
  if (Type{type} != Type::simple && rank != 0) cursor.place().fail(Errc::malformed, "has dimensions and no elements");
  return Type{type};
}

void parse_dimensions(Cursor& cursor, std::uint8_t rank, Dataspace& space) {
  base::CheckedU64 elements = 1;
  for (std::uint8_t i = 0; i < rank; ++i) {
    const std::uint64_t dimension = cursor.u64();
    if (dimension > kMaxDimension) {
      cursor.place().fail(Errc::limit_exceeded, "dimension", "at most 2^31 - 1", std::to_string(dimension));
    }
    space.shape.push_back(static_cast<std::int64_t>(dimension));
    elements = elements * dimension;
  }
  if (elements > kMaxElements) cursor.place().fail(Errc::limit_exceeded, "has more than 2^40 elements");
  space.elements = elements.value();
}

}  // namespace

Dataspace parse_dataspace(Cursor cursor) {
  const Place place = cursor.place();
  const std::uint8_t version = cursor.u8();
  if (version != 1 && version != 2) {
    place.fail(Errc::unsupported_feature, "version of a dataspace", "1 or 2", std::to_string(version));
  }
  const std::uint8_t rank = cursor.u8();
  if (rank > kMaxRank) place.fail(Errc::limit_exceeded, "rank", "at most 8", std::to_string(rank));
  const std::uint8_t flags = cursor.u8();
  if ((flags & kHasPermutation) != 0) place.fail(Errc::unsupported_feature, "permutes the order of its dimensions");
  Dataspace space;
  space.null = parse_type(cursor, version, rank) == Type::null;
  if (space.null) return space;
  parse_dimensions(cursor, rank, space);
  for (std::uint8_t i = 0; i < rank && (flags & kHasMaximum) != 0; ++i) {
    if (cursor.u64() < static_cast<std::uint64_t>(space.shape[i])) {
      place.fail(Errc::malformed, "has a dimension beyond its maximum");
    }
  }
  return space;
}

}  // namespace lamina::format::hdf5
