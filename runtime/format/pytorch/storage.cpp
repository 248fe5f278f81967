// Persistent ids ("storage", type, key, location, count) -> one record per key, checked.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/pytorch/file.hpp"

#include <algorithm>
#include <span>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::string_view kPlace = "storage";

bool is_key(std::string_view key) {
  constexpr std::string_view kAllowed = "0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !key.empty() && key.size() <= 64 && key.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// Items: "storage", type, key, location (of no interest: "cuda:0" is read like "cpu"), count; the container
/// before 1.6 adds the view that the storage is of another one, or None.
TorchStorage parse_id(const PickleGraph& graph, std::span<const ObjectId> id) {
  if (id.size() != 5 && id.size() != 6) {
    fail(Errc::malformed, kPlace, "persistent id", "5 or 6 items", std::to_string(id.size()));
  }
  if (graph.at(id[1]).kind != PickleKind::symbol) {
    fail(Errc::malformed, kPlace, "type", "a storage class of torch", graph.describe(id[1]));
  }
  const PickleSymbol& symbol = graph.symbol(id[1]);
  const StorageType* type = find_storage_type(symbol.module, symbol.name);
  if (type == nullptr) fail(Errc::dtype, kPlace, "type", "a storage class of torch", graph.describe(id[1]));
  if (graph.at(id[2]).kind != PickleKind::text || !is_key(graph.at(id[2]).text)) {
    fail(Errc::malformed, kPlace, "key", "1 to 64 letters and digits", graph.describe(id[2]));
  }
  if (graph.at(id[3]).kind != PickleKind::text) {
    fail(Errc::malformed, kPlace, "location", "a string", graph.describe(id[3]));
  }
  if (graph.at(id[4]).kind != PickleKind::integer || graph.at(id[4]).integer < 0) {
    fail(Errc::malformed, kPlace, "element count", "an integer that is not negative", graph.describe(id[4]));
  }
  if (id.size() == 6 && id[5] != kPickleNone) {
    fail(Errc::unsupported_feature, kPlace,
         "a view of another storage, as torch 0.x could write; load it with torch and save it again");
  }
  return {.type = type, .count = static_cast<std::uint64_t>(graph.at(id[4]).integer)};
}

}  // namespace

std::string_view storage_key(const PickleGraph& graph, ObjectId storage) {
  return graph.at(graph.items(graph.at(storage).argument)[2]).text;
}

TorchStorages declared_storages(const PickleGraph& graph) {
  TorchStorages storages;
  for (const ObjectId id : graph.storages()) {
    const TorchStorage storage = parse_id(graph, graph.items(graph.at(id).argument));
    const std::string key(storage_key(graph, id));
    const auto [place, added] = storages.emplace(key, storage);
    if (!added && (place->second.type != storage.type || place->second.count != storage.count)) {
      fail(Errc::malformed, "storage " + base::quoted(key), "named twice with different types or sizes");
    }
  }
  return storages;
}

}  // namespace lamina::format
