// Floats in little-endian order, as nearly all are, go straight into place; the others by way of pieces of 1 MiB.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/elements.hpp"

#include "base/little_endian.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

namespace lamina::format::hdf5 {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

template <class Unsigned>
void convert(std::span<const std::byte> bytes, bool is_signed, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto bits = base::load_le<Unsigned>(bytes.data() + i * sizeof(Unsigned));
    out[i] = is_signed ? static_cast<float>(static_cast<std::make_signed_t<Unsigned>>(bits)) : static_cast<float>(bits);
  }
}

void convert_piece(const Datatype& type, std::span<const std::byte> bytes, std::span<float> out) {
  if (type.type_class == TypeClass::floating) return base::to_float32(type.float_type, bytes, out);
  switch (type.size) {
    case 1:
      return convert<std::uint8_t>(bytes, type.is_signed, out);
    case 2:
      return convert<std::uint16_t>(bytes, type.is_signed, out);
    case 4:
      return convert<std::uint32_t>(bytes, type.is_signed, out);
    default:
      return convert<std::uint64_t>(bytes, type.is_signed, out);
  }
}

void reverse_each(std::span<std::byte> bytes, std::size_t size) {
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const auto element = bytes.subspan(at, size);
    std::reverse(element.begin(), element.end());
  }
}

}  // namespace

void read_elements(const base::ByteSource& source, std::uint64_t offset, const Datatype& type, std::span<float> out) {
  if (type.type_class == TypeClass::floating && !type.big_endian) {
    return base::read_float32(source, offset, type.float_type, out);
  }
  const std::size_t most = kPieceBytes / type.size;
  std::vector<std::byte> bytes(std::min(out.size(), most) * type.size);
  for (std::size_t done = 0; done < out.size(); done += most) {
    const std::size_t count = std::min(most, out.size() - done);
    const std::span<std::byte> piece(bytes.data(), count * type.size);
    source.read(offset + done * type.size, piece);
    if (type.big_endian) reverse_each(piece, type.size);
    convert_piece(type, piece, out.subspan(done, count));
  }
}

}  // namespace lamina::format::hdf5
