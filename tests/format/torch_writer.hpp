// Tensors and modules -> files as torch.save writes them, in either container.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/pickle_writer.hpp"
#include "support/stored_zip.hpp"

#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::test {

inline std::string float_bytes(std::initializer_list<float> values) {
  std::string bytes;
  for (const float value : values) bytes += little_endian(std::bit_cast<std::uint32_t>(value), 4);
  return bytes;
}

struct StorageFile {
  std::string key, type, bytes;
  std::uint64_t count = 0;
};

class TorchWriter : public PickleOpcodes<TorchWriter> {
 public:
  bool legacy = false;
  std::vector<StorageFile> storages;

  explicit TorchWriter(bool in_legacy = false) : legacy(in_legacy) {}

  TorchWriter& storage_id(std::string_view type, std::string_view key, std::int64_t count) {
    mark().text("storage").global("torch", type).text(key).text("cuda:0").integer(count);
    if (legacy) none();
    tuple().op("Q");
    return *this;
  }
  /// A tensor over the storage that add() has given this key.
  TorchWriter& view(std::string_view key, std::int64_t offset, std::initializer_list<std::int64_t> sizes,
                    std::initializer_list<std::int64_t> strides) {
    for (const StorageFile& storage : storages) {
      if (storage.key != key) continue;
      global("torch._utils", "_rebuild_tensor_v2").mark();
      storage_id(storage.type, key, static_cast<std::int64_t>(storage.count));
      integer(offset).integers(sizes).integers(strides).boolean(false).ordered_dict().tuple().reduce();
    }
    return *this;
  }
  TorchWriter& add(std::string key, std::string type, std::uint64_t count, std::string content) {
    storages.push_back({std::move(key), std::move(type), std::move(content), count});
    return *this;
  }
  /// A new storage of float32, and a vector or matrix over all of it.
  TorchWriter& floats(std::initializer_list<std::int64_t> sizes, std::initializer_list<float> values) {
    const std::string key = std::to_string(storages.size());
    add(key, "FloatStorage", values.size(), float_bytes(values));
    if (sizes.size() == 1) return view(key, 0, sizes, {1});
    return view(key, 0, sizes, {*(sizes.begin() + 1), 1});
  }

  /// The whole file, in the container that the persistent ids were written for.
  [[nodiscard]] std::string file() const { return legacy ? legacy_file() : zip_file(members()); }

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> members() const {
    std::vector<std::pair<std::string, std::string>> members = {{"data.pkl", done()}, {"byteorder", "little"}};
    for (const StorageFile& storage : storages) members.emplace_back("data/" + storage.key, storage.bytes);
    members.emplace_back("version", "3\n");
    return members;
  }
  [[nodiscard]] static std::string zip_file(std::vector<std::pair<std::string, std::string>> members) {
    for (auto& member : members) member.first = "archive/" + member.first;
    return stored_zip(members);
  }

  [[nodiscard]] static std::string legacy_head() {
    const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
    return magic + PickleWriter().integer(1001).done() +
           PickleWriter().dict().mark().text("little_endian").boolean(true).items().done();
  }
  [[nodiscard]] std::string legacy_file() const {
    PickleWriter keys;
    keys.op("](");
    std::string content;
    for (const StorageFile& storage : storages) {
      keys.text(storage.key);
      content += little_endian(storage.count, 8) + storage.bytes;
    }
    return legacy_head() + done() + keys.op("e").done() + content;
  }

  // A module: begin, its attributes as key and value, end; between end's two halves go its tensors and modules.
  TorchWriter& begin_module(std::string_view file, std::string_view name) {
    global("torch.nn.modules." + std::string(file), name).op(")\x81").dict().mark();
    text("training").boolean(false);
    for (const std::string_view hooks : {"_backward_hooks", "_forward_hooks", "_forward_pre_hooks"}) {
      text(hooks).ordered_dict();
    }
    return *this;
  }
  TorchWriter& empty(std::initializer_list<std::string_view> dicts) {
    for (const std::string_view name : dicts) text(name).ordered_dict();
    return *this;
  }
  TorchWriter& end_module() {
    items().build();
    return *this;
  }
  /// A module without tensors; `attributes` writes keys and values.
  TorchWriter& plain_module(
      std::string_view file, std::string_view name,
      const std::function<void(TorchWriter&)>& attributes = [](TorchWriter&) {}) {
    begin_module(file, name).empty({"_parameters", "_buffers", "_modules"});
    attributes(*this);
    return end_module();
  }
  /// Sequential of what `children` writes: names and modules in turn.
  TorchWriter& sequential(const std::function<void(TorchWriter&)>& children) {
    begin_module("container", "Sequential").empty({"_parameters", "_buffers"});
    text("_modules").ordered_dict().mark();
    children(*this);
    items();
    return end_module();
  }
  TorchWriter& linear(std::initializer_list<float> weight, std::initializer_list<float> bias) {
    const auto rows = static_cast<std::int64_t>(bias.size());
    const auto columns = static_cast<std::int64_t>(weight.size()) / rows;
    begin_module("linear", "Linear").empty({"_buffers", "_modules"});
    text("_parameters").ordered_dict().mark();
    text("weight");
    floats({rows, columns}, weight).text("bias");
    floats({rows}, bias).items();
    text("in_features").integer(columns).text("out_features").integer(rows);
    return end_module();
  }
};

/// The file of one object, which `write` writes.
inline std::string torch_file(const std::function<void(TorchWriter&)>& write, bool legacy = false) {
  TorchWriter writer(legacy);
  write(writer);
  return writer.file();
}

/// Of an OrderedDict; `write` writes keys and values.
inline std::string dict_file(const std::function<void(TorchWriter&)>& write, bool legacy = false) {
  TorchWriter writer(legacy);
  writer.ordered_dict().mark();
  write(writer);
  return writer.items().file();
}

/// Of an nn.Sequential; `write` writes names and modules.
inline std::string sequential_file(const std::function<void(TorchWriter&)>& write) {
  return torch_file([&](TorchWriter& writer) { writer.sequential(write); });
}

}  // namespace lamina::test
