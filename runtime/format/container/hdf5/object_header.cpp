// Object headers: a first chunk and those that continuation messages name, walked as a list.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/object_header.hpp"

#include "format/container/hdf5/checksum.hpp"

#include <algorithm>

namespace lamina::format::hdf5 {
namespace {

constexpr std::string_view kWhat = "object header";
constexpr std::string_view kContinuation = "object header continuation";
constexpr std::size_t kMaxChunks = 1024;

constexpr std::uint8_t kShared = 0x02;  // flags of a message
constexpr std::uint8_t kMustKnow = 0x80;

constexpr std::uint8_t kSizeOfSize = 0x03;  // flags of a version 2 header
constexpr std::uint8_t kCreationOrder = 0x04;
constexpr std::uint8_t kPhaseChange = 0x10;
constexpr std::uint8_t kTimes = 0x20;

bool is_known(MessageType type) {
  constexpr auto kLastKnown = static_cast<std::uint16_t>(MessageType::cache_image);
  return static_cast<std::uint16_t>(type) <= kLastKnown;
}

class HeaderReader {
 public:
  HeaderReader(Blocks& blocks, std::uint64_t address) : blocks_(blocks), address_(address) {}

  ObjectHeader read() {
    // The shortest header: version 2 with one byte for its size and no message.
    Block prefix = blocks_.read(address_, 8, kWhat);
    const bool is_new = Cursor(prefix.bytes, place()).text(4) == "OHDR";
    header_.blocks.push_back(std::move(prefix));
    is_new ? read_new() : read_old();
    return std::move(header_);
  }

 private:
  Place place() const { return {kWhat, address_}; }

  void read_old() {
    Block& block = header_.blocks.front();
    blocks_.extend(block, 8, kWhat);
    Cursor cursor(block.bytes, place());
    cursor.expect_version(1);
    cursor.skip(1);
    const std::uint16_t count = cursor.u16();
    cursor.skip(4);  // references
    const std::uint32_t size = cursor.u32();
    blocks_.extend(block, size, kWhat);
    chunk(Cursor(std::span(block.bytes).subspan(16), place()));
    for (std::size_t i = 0; i < continuations_.size(); ++i) {
      const Block& next = keep(blocks_.read(continuations_[i].first, continuations_[i].second, kContinuation));
      chunk(Cursor(next.bytes, {kContinuation, next.address}));
    }
    if (seen_ != count) {
      place().fail(Errc::malformed, "messages", std::to_string(count), std::to_string(seen_));
    }
  }

  void read_new() {
    is_new_ = true;
    Block& block = header_.blocks.front();
    Cursor start(block.bytes, place());
    start.expect("OHDR");
    start.expect_version(2);
    const std::uint8_t flags = start.u8();
    ordered_ = (flags & kCreationOrder) != 0;
    const std::size_t size_bytes = std::size_t{1} << (flags & kSizeOfSize);
    const std::size_t before = 6 + ((flags & kTimes) != 0 ? 16U : 0U) + ((flags & kPhaseChange) != 0 ? 4U : 0U);
    blocks_.extend(block, before + size_bytes + kChecksumBytes - block.bytes.size(), kWhat);
    Cursor cursor(block.bytes, place());
    cursor.skip(before);
    blocks_.extend(block, cursor.unsigned_of(size_bytes), kWhat);
    checked_chunk(block, before + size_bytes, kWhat);
    for (std::size_t i = 0; i < continuations_.size(); ++i) {
      const Block& next = keep(blocks_.read(continuations_[i].first, continuations_[i].second, kContinuation));
      Cursor(next.bytes, {kContinuation, next.address}).expect("OCHK");
      checked_chunk(next, 4, kContinuation);
    }
  }

  const Block& keep(Block block) {
    if (header_.blocks.size() == kMaxChunks) {
      place().fail(Errc::limit_exceeded, "has more than " + std::to_string(kMaxChunks) + " continuations");
    }
    return header_.blocks.emplace_back(std::move(block));
  }

  void checked_chunk(const Block& block, std::size_t first, std::string_view what) {
    check_checksum(block.bytes, {what, block.address});
    const auto body = std::span(block.bytes).subspan(first);
    if (body.size() < kChecksumBytes) Place{what, block.address}.fail(Errc::malformed, "is too short");
    chunk(Cursor(body.first(body.size() - kChecksumBytes), {what, block.address}));
  }

  void chunk(Cursor cursor) {
    // A new chunk may end in a gap that is too small for a message.
    const std::size_t least = is_new_ ? (ordered_ ? 6U : 4U) : 1U;
    while (cursor.left() >= least) message(cursor);
  }

  void message(Cursor& cursor) {
    ++seen_;
    const MessageType type{is_new_ ? std::uint16_t{cursor.u8()} : cursor.u16()};
    const std::uint16_t size = cursor.u16();
    const std::uint8_t flags = cursor.u8();
    if (!is_new_) cursor.skip(3);
    if (ordered_) cursor.skip(2);
    const auto body = cursor.take(size);
    check(type, flags);
    if (type == MessageType::continuation) {
      Cursor target(body, place());
      const std::uint64_t at = target.u64();
      continuations_.emplace_back(at, target.u64());
    } else if (type != MessageType::nil) {
      blocks_.charge(sizeof(Message));
      header_.messages.push_back({.type = type, .place = place(), .body = body});
    }
  }

  void check(MessageType type, std::uint8_t flags) const {
    if ((flags & kShared) != 0) {
      place().fail(Errc::unsupported_feature,
                   "has a message that is kept elsewhere (a committed datatype, or shared messages)");
    }
    if ((flags & kMustKnow) != 0 && !is_known(type)) {
      place().fail(Errc::unsupported_feature,
                   "has an unknown message of type " + std::to_string(static_cast<std::uint16_t>(type)));
    }
  }

  Blocks& blocks_;
  std::uint64_t address_;
  ObjectHeader header_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> continuations_;  // address, bytes
  std::size_t seen_ = 0;
  bool is_new_ = false;
  bool ordered_ = false;
};

}  // namespace

const Message* ObjectHeader::find(MessageType type) const {
  const auto is_it = [&](const Message& message) { return message.type == type; };
  const auto found = std::find_if(messages.begin(), messages.end(), is_it);
  if (found == messages.end()) return nullptr;
  if (std::find_if(found + 1, messages.end(), is_it) != messages.end()) {
    found->place.fail(Errc::malformed, "has two messages of type " + std::to_string(static_cast<std::uint16_t>(type)));
  }
  return &*found;
}

ObjectHeader read_object_header(Blocks& blocks, std::uint64_t address) { return HeaderReader(blocks, address).read(); }

}  // namespace lamina::format::hdf5
