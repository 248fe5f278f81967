// Claims on byte ranges: an ordered map of those that are taken.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/blocks.hpp"

namespace lamina::format::hdf5 {
namespace {

/// A node of the map of claims.
constexpr std::uint64_t kClaimBytes = 64;

}  // namespace

void Blocks::charge(std::uint64_t bytes) {
  if (bytes > left_) {
    base::fail(Errc::limit_exceeded, "HDF5 file", "groups, attributes and other structures",
               "at most " + std::to_string(budget_) + " bytes", "more");
  }
  left_ -= bytes;
}

void Blocks::claim(std::uint64_t address, std::uint64_t count, std::string_view what) {
  const Place place{what, address};
  if (address == kUndefined) base::fail(Errc::malformed, "HDF5 file", "has no address for its " + std::string(what));
  if (address > source_->size() || count > source_->size() - address) {
    place.fail(Errc::truncated, "lies beyond the end of the file",
               "at most " + std::to_string(source_->size()) + " bytes", std::to_string(count) + " from there");
  }
  if (count == 0) return;
  const auto next = claimed_.upper_bound(address);
  const bool before = next != claimed_.begin() && std::prev(next)->second > address;
  if (before || (next != claimed_.end() && next->first - address < count)) {
    place.fail(Errc::malformed, "shares bytes with another structure of the file");
  }
  charge(kClaimBytes);
  claimed_.emplace_hint(next, address, address + count);
}

Block Blocks::read(std::uint64_t address, std::uint64_t count, std::string_view what) {
  Block block{.address = address, .bytes = {}};
  extend(block, count, what);
  return block;
}

void Blocks::extend(Block& block, std::uint64_t count, std::string_view what) {
  const std::size_t had = block.bytes.size();
  claim(block.address + had, count, what);
  charge(count);
  block.bytes.resize(had + static_cast<std::size_t>(count));
  source_->read(block.address + had, std::span(block.bytes).subspan(had));
}

}  // namespace lamina::format::hdf5
