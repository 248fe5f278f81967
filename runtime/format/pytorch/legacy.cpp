// The container of torch before 1.6 -> its pickle and storages. Five pickles in a row, then the storages' bytes;
// the objects go through the same machine, and the storages through the same checks, as those of the zip container.
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.hpp"
#include "base/fail.hpp"
#include "base/little_endian.hpp"
#include "format/pytorch/file.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace lamina::format {
namespace {

using base::fail;

/// PROTO 2, LONG1 0x1950a86a20f9469cfc6c, STOP: a number beyond what the machine takes, so compared as it stands.
constexpr std::array<std::uint8_t, 15> kMagic = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};
constexpr std::uint64_t kProtocol = 1001;
constexpr std::uint64_t kFirstRead = std::uint64_t{64} << 10;

/// Reads pickles one after the other, each just as far as its STOP.
class PickleRow {
 public:
  explicit PickleRow(const base::ByteSource& source) : source_(source) {}

  [[nodiscard]] std::vector<std::byte> next(std::string_view place) {
    const std::uint64_t left = source_.size() - position_;
    for (std::uint64_t most = kFirstRead;; most *= 4) {
      const std::uint64_t count = std::min({most, left, PickleLimits{}.bytes});
      std::vector<std::byte> bytes = source_.read(position_, count);
      const std::size_t length = length_of(bytes, place, count == left || count == PickleLimits{}.bytes);
      if (length == 0) continue;
      bytes.resize(length);
      bytes.shrink_to_fit();
      position_ += length;
      return bytes;
    }
  }
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  /// 0 where the pickle goes on beyond `bytes`, unless these are the last.
  static std::size_t length_of(std::span<const std::byte> bytes, std::string_view place, bool last) {
    try {
      PickleDecoder decoder(bytes, place, {});
      while (decoder.next().op != PickleOp::stop) continue;
      return decoder.position();
    } catch (const Error& error) {
      if (error.code() != Errc::truncated || last) throw;
      return 0;
    }
  }

  const base::ByteSource& source_;
  std::uint64_t position_ = kMagic.size();
};

void check_protocol(std::span<const std::byte> bytes) {
  const PickleGraph graph = run_pickle(bytes, "protocol", kTorchNames);
  const PickleObject& number = graph.at(graph.root());
  if (number.kind != PickleKind::integer || number.integer != kProtocol) {
    fail(Errc::unsupported_feature, "protocol", "version of the container", "1001", graph.describe(graph.root()));
  }
}

void check_system(std::span<const std::byte> bytes) {
  const PickleGraph graph = run_pickle(bytes, "sys_info", kTorchNames);
  const std::optional<ObjectId> little = graph.find(graph.root(), "little_endian");
  if (!little || graph.at(*little).kind != PickleKind::boolean) {
    fail(Errc::malformed, "sys_info", "expected a dict that has 'little_endian'");
  }
  if (graph.at(*little).integer == 0) {
    fail(Errc::unsupported_feature, "sys_info",
         "written by a big-endian machine; load the file with torch on a little-endian one and save it again");
  }
}

/// The keys in the order in which the storages follow.
std::vector<std::string> storage_keys(std::span<const std::byte> bytes) {
  const PickleGraph graph = run_pickle(bytes, "storage keys", kTorchNames);
  if (graph.at(graph.root()).kind != PickleKind::list) {
    fail(Errc::malformed, "storage keys", "expected a list, got " + graph.describe(graph.root()));
  }
  std::vector<std::string> keys;
  for (const ObjectId id : graph.items(graph.root())) {
    if (graph.at(id).kind != PickleKind::text) {
      fail(Errc::malformed, "storage keys", "expected strings, got " + graph.describe(id));
    }
    keys.emplace_back(graph.at(id).text);
  }
  return keys;
}

/// Per key an int64 count and that many elements, up to the end of the file.
void place_storages(const base::ByteSource& source, std::uint64_t position, const std::vector<std::string>& keys,
                    TorchStorages& storages) {
  std::set<std::string_view> seen;
  for (const std::string& key : keys) {
    const std::string place = "storage " + base::quoted(key);
    const auto found = storages.find(key);
    if (found == storages.end()) fail(Errc::malformed, place, "no tensor refers to it");
    if (!seen.insert(key).second) fail(Errc::malformed, place, "listed twice");
    TorchStorage& storage = found->second;
    std::array<std::byte, 8> count;
    source.read(position, count);
    const auto declared = base::load_le<std::uint64_t>(count.data());
    if (declared != storage.count) {
      fail(Errc::malformed, place, "element count", std::to_string(storage.count), std::to_string(declared));
    }
    storage.begin = position + count.size();
    const base::CheckedU64 end = base::CheckedU64(storage.count) * storage.type->bytes + storage.begin;
    if (end > source.size()) {
      fail(Errc::truncated, place, "file ends within it", std::to_string(end.value()) + " bytes",
           std::to_string(source.size()));
    }
    position = end.value();
  }
  for (const auto& [key, storage] : storages) {
    if (!seen.contains(key)) fail(Errc::truncated, "storage " + base::quoted(key), "storage is missing");
  }
  if (position != source.size()) {
    fail(Errc::malformed, std::to_string(source.size() - position) + " bytes after the last storage");
  }
}

}  // namespace

bool is_torch_legacy(const base::ByteSource& source) {
  if (source.size() < kMagic.size()) return false;
  const std::vector<std::byte> head = source.read(0, kMagic.size());
  return std::equal(head.begin(), head.end(), kMagic.begin(),
                    [](std::byte a, std::uint8_t b) { return std::to_integer<std::uint8_t>(a) == b; });
}

TorchFile open_torch_legacy(const base::ByteSource& source) {
  PickleRow row(source);
  check_protocol(row.next("protocol"));
  check_system(row.next("sys_info"));
  TorchFile file{.container = "before torch 1.6",
                 .pickle = row.next("object"),
                 .graph = {},
                 .storages = {},
                 .zip = {},
                 .script = false};
  file.graph = run_pickle(file.pickle, "object", kTorchNames);
  file.storages = declared_storages(file.graph);
  const std::vector<std::string> keys = storage_keys(row.next("storage keys"));
  place_storages(source, row.position(), keys, file.storages);
  return file;
}

}  // namespace lamina::format
