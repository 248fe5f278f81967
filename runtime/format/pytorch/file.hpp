// Either container of torch.save -> the pickled objects and where each storage lies in the file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/container/pickle.hpp"
#include "format/container/zip.hpp"
#include "format/pytorch/names.hpp"

#include <lamina/model.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lamina::format {

struct TorchStorage {
  const StorageType* type = nullptr;
  std::uint64_t count = 0;            // elements
  std::uint64_t begin = 0;            // byte in the source
  const ZipMember* member = nullptr;  // whose CRC is checked before the first use; null in the old container
};

using TorchStorages = std::map<std::string, TorchStorage, std::less<>>;

struct TorchFile {
  std::string container;          // "zip" or "before torch 1.6", for messages
  std::vector<std::byte> pickle;  // what graph's texts point into
  PickleGraph graph;
  TorchStorages storages;
  std::optional<Zip> zip;
  bool script = false;  // TorchScript: the pickle holds a program's attributes
};

/// The storages that the pickle names. Throws Error{malformed, limit_exceeded, unsupported_feature} for an id of
/// another form and where two ids of one key differ.
[[nodiscard]] TorchStorages declared_storages(const PickleGraph& graph);

/// Key of the storage with this id, which declared_storages() has accepted.
[[nodiscard]] std::string_view storage_key(const PickleGraph& graph, ObjectId storage);

/// Throws Error{truncated, malformed, limit_exceeded, unsafe_content, unsupported_feature, unsupported_layer}.
[[nodiscard]] TorchFile open_torch_zip(const base::ByteSource& source, const Limits& limits);
[[nodiscard]] TorchFile open_torch_legacy(const base::ByteSource& source);
/// The first 15 bytes of the container that torch wrote before 1.6: a pickled magic number.
[[nodiscard]] bool is_torch_legacy(const base::ByteSource& source);

}  // namespace lamina::format
