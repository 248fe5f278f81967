// One file -> the files that differ from it by a cut or by one bit.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/variants.hpp"

#include "fuzz/zip_members.hpp"

#include <algorithm>

namespace lamina::fuzz {
namespace {

constexpr std::size_t kMetadata = 4096;
constexpr std::size_t kCutEverywhere = 65536;

void flip_bits(std::string& file, std::size_t begin, std::size_t end, const std::function<void(std::string)>& visit) {
  for (std::size_t i = begin; i < std::min(end, file.size()); ++i) {
    const char before = file[i];
    for (unsigned bit = 0; bit < 8; ++bit) {
      file[i] = static_cast<char>(static_cast<unsigned char>(before) ^ (1U << bit));
      visit("bit " + std::to_string(bit) + " of byte " + std::to_string(i));
    }
    file[i] = before;
  }
}

}  // namespace

void each_beginning(const std::string& file, const Visit& visit) {
  for (std::size_t size = 0; size < file.size(); ++size) {
    const bool near = size < kMetadata || file.size() - size < kMetadata;
    if (near || file.size() <= kCutEverywhere) {
      visit(std::string_view(file).substr(0, size), "the first " + std::to_string(size) + " bytes");
    }
  }
}

void each_flipped_bit(const std::string& file, const Visit& visit) {
  std::string changed = file;
  const auto seen = [&](const std::string& change) { visit(changed, change); };
  const auto members = zip_members(file);
  if (!members) return flip_bits(changed, 0, kMetadata, seen);
  std::vector<std::pair<std::size_t, std::size_t>> places = members->places;
  std::sort(places.begin(), places.end());
  std::size_t begin = 0;
  for (const auto& [data, end] : places) {
    flip_bits(changed, begin, data, seen);
    begin = end;
  }
  flip_bits(changed, begin, file.size(), seen);
}

void each_flipped_bit_of_members(const std::string& file, const Visit& visit) {
  auto members = zip_members(file);
  if (!members) return;
  for (auto& [name, content] : members->contents) {
    flip_bits(content, 0, kMetadata, [&, &place = name](const std::string& change) {
      visit(test::stored_zip(members->contents), change + " of member " + place);
    });
  }
}

}  // namespace lamina::fuzz
