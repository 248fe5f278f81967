// The public face of an HDF5 file: each object's header and links are read once and kept.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5.hpp"

#include "base/fail.hpp"
#include "format/container/hdf5/attribute.hpp"
#include "format/container/hdf5/dataset.hpp"
#include "format/container/hdf5/dense.hpp"
#include "format/container/hdf5/elements.hpp"
#include "format/container/hdf5/group.hpp"
#include "format/container/hdf5/superblock.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
constexpr std::size_t kMaxObjects = 100000;
constexpr std::ptrdiff_t kMaxDepth = 32;

/// Runs `read` so that its errors say which object they are about.
template <class Read>
auto about(const Hdf5Object& object, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    throw base::with_prefix(error, base::quoted(object.path));
  }
}

}  // namespace

class Hdf5::File {
 public:
  File(const base::ByteSource& source, const Limits& limits)
      : blocks_(source, limits.text_bytes), texts_left_(limits.text_bytes), weight_budget_(limits.weight_bytes) {
    root_ = {.address = hdf5::read_superblock(blocks_), .path = "/"};
    named_.insert(root_.address);
  }

  [[nodiscard]] const Hdf5Object& root() const noexcept { return root_; }

  const hdf5::ObjectHeader& header(const Hdf5Object& object) { return node(object).header; }

  const std::vector<hdf5::Link>& links(const Hdf5Object& group) {
    Node& entry = node(group);
    if (!entry.links) {
      if (!hdf5::is_group(entry.header)) fail(Errc::malformed, "HDF5 object", "is not a group");
      std::vector<hdf5::Link> links = hdf5::read_links(blocks_, entry.header);
      for (const hdf5::Link& link : links) name_once(link);
      entry.links = std::move(links);  // not before all are known to be allowed
    }
    return *entry.links;
  }

  std::optional<std::vector<std::string>> texts(const Hdf5Object& object, std::string_view name) {
    Node& entry = node(object);
    if (!entry.far_attributes) {
      const hdf5::Message* info = entry.header.find(hdf5::MessageType::attribute_info);
      entry.far_attributes = info != nullptr ? hdf5::read_dense(blocks_, *info) : hdf5::Dense();
    }
    if (!entry.attributes) entry.attributes = attributes_of(entry);
    const auto attribute = entry.attributes->find(name);
    if (attribute == entry.attributes->end()) return std::nullopt;
    return hdf5::read_texts(attribute->second, {.blocks = blocks_, .heaps = heaps_, .left = texts_left_});
  }

  Tensor read(const Hdf5Object& object) {
    Node& entry = node(object);
    hdf5::Dataset dataset = hdf5::parse_dataset(entry.header);
    check_type(object, dataset.type);
    charge_weights(dataset.elements * sizeof(float));
    Tensor tensor = Tensor::uninitialized(dataset.shape);
    if (dataset.elements == 0) return tensor;
    const hdf5::Layout& layout = dataset.layout;
    if (layout.compact) {
      hdf5::read_elements(base::ByteSource::over(layout.data), 0, dataset.type, tensor.mutable_values());
      return tensor;
    }
    if (!entry.elements_claimed) blocks_.claim(layout.address, layout.bytes, "dataset");
    entry.elements_claimed = true;
    hdf5::read_elements(blocks_.source(), layout.address, dataset.type, tensor.mutable_values());
    return tensor;
  }

 private:
  /// By name, since a list in pieces (layer_names0, layer_names1, ...) asks for one after the other.
  using Attributes = std::unordered_map<std::string_view, hdf5::Attribute>;

  struct Node {
    hdf5::ObjectHeader header;
    std::optional<std::vector<hdf5::Link>> links;
    std::optional<hdf5::Dense> far_attributes;  // those outside of the header
    std::optional<Attributes> attributes;       // all; they borrow from the two above
    bool elements_claimed = false;
  };

  Node& node(const Hdf5Object& object) {
    auto found = nodes_.find(object.address);
    if (found == nodes_.end()) {
      blocks_.charge(sizeof(Node));
      Node entry;
      entry.header = hdf5::read_object_header(blocks_, object.address);
      found = nodes_.emplace(object.address, std::move(entry)).first;
    }
    return found->second;
  }

  Attributes attributes_of(const Node& entry) {
    Attributes attributes;
    for (const auto* messages : {&entry.header.messages, &entry.far_attributes->messages}) {
      for (const hdf5::Message& message : *messages) {
        if (message.type != hdf5::MessageType::attribute) continue;
        blocks_.charge(sizeof(Attributes::value_type));
        const hdf5::Attribute attribute = hdf5::parse_attribute(message.cursor());
        attributes.emplace(attribute.name, attribute);
      }
    }
    return attributes;
  }

  /// A tree, as Keras writes: with two names for one object a walk through all names could take forever.
  void name_once(const hdf5::Link& link) {
    if (!named_.insert(link.address).second) {
      fail(Errc::unsupported_feature, "HDF5 group", base::quoted(link.name) + " is a second name of an object");
    }
    if (named_.size() > kMaxObjects) {
      fail(Errc::limit_exceeded, "HDF5 file", "has more than " + std::to_string(kMaxObjects) + " objects");
    }
  }

  /// Keras writes bfloat16 as two opaque bytes and says so in an attribute.
  void check_type(const Hdf5Object& object, hdf5::Datatype& type) {
    if (type.type_class == hdf5::TypeClass::integer || type.type_class == hdf5::TypeClass::floating) return;
    if (type.type_class == hdf5::TypeClass::opaque && type.size == 2) {
      const auto name = texts(object, "dtype");
      if (name && name->size() == 1 && name->front() == "bfloat16") {
        type.type_class = hdf5::TypeClass::floating;
        type.float_type = base::FloatType::bf16;
        return;
      }
    }
    fail(Errc::dtype, "HDF5 dataset", "element type", "a number", hdf5::to_string(type));
  }

  void charge_weights(std::uint64_t bytes) {
    if (bytes > weight_budget_ - weights_) {
      fail(Errc::limit_exceeded, "HDF5 file", "weights", "at most " + std::to_string(weight_budget_) + " bytes in all",
           std::to_string(bytes) + " more after " + std::to_string(weights_));
    }
    weights_ += bytes;
  }

  hdf5::Blocks blocks_;
  hdf5::GlobalHeaps heaps_;
  Hdf5Object root_;
  std::unordered_map<std::uint64_t, Node> nodes_;  // by address
  std::unordered_set<std::uint64_t> named_;        // addresses of objects that have a name
  std::uint64_t texts_left_;
  std::uint64_t weight_budget_;
  std::uint64_t weights_ = 0;
};

Hdf5::Hdf5(const base::ByteSource& source, const Limits& limits) : file_(std::make_unique<File>(source, limits)) {}
Hdf5::Hdf5(Hdf5&&) noexcept = default;
Hdf5& Hdf5::operator=(Hdf5&&) noexcept = default;
Hdf5::~Hdf5() = default;

const Hdf5Object& Hdf5::root() const noexcept { return file_->root(); }

std::vector<std::string> Hdf5::members(const Hdf5Object& group) const {
  return about(group, [&] {
    std::vector<hdf5::Link> links = file_->links(group);
    std::stable_sort(links.begin(), links.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
    std::vector<std::string> names(links.size());
    std::transform(links.begin(), links.end(), names.begin(), [](hdf5::Link& link) { return std::move(link.name); });
    return names;
  });
}

std::optional<Hdf5Object> Hdf5::find(const Hdf5Object& group, std::string_view path) const {
  Hdf5Object object = group;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const bool found = about(object, [&] {
      if (!hdf5::is_group(file_->header(object))) return false;
      const std::vector<hdf5::Link>& links = file_->links(object);
      const auto link = std::lower_bound(links.begin(), links.end(), name,
                                         [](const hdf5::Link& each, std::string_view key) { return each.name < key; });
      if (link == links.end() || link->name != name) return false;
      object.address = link->address;
      return true;
    });
    if (!found) return std::nullopt;
    object.path.append(object.path == "/" ? "" : "/").append(name);
    if (std::count(object.path.begin(), object.path.end(), '/') > kMaxDepth) {
      fail(Errc::limit_exceeded, base::quoted(object.path), "HDF5 groups are nested more than 32 deep");
    }
  }
  return object;
}

bool Hdf5::is_dataset(const Hdf5Object& object) const {
  return about(object, [&] { return hdf5::is_dataset(file_->header(object)); });
}

std::optional<std::vector<std::string>> Hdf5::texts(const Hdf5Object& object, std::string_view name) const {
  return about(object, [&] { return file_->texts(object, name); });
}

std::optional<std::string> Hdf5::text(const Hdf5Object& object, std::string_view name) const {
  std::optional<std::vector<std::string>> all = texts(object, name);
  if (!all) return std::nullopt;
  if (all->size() != 1) {
    fail(Errc::malformed, base::quoted(object.path), "attribute " + base::quoted(name), "one text",
         std::to_string(all->size()));
  }
  return std::move(all->front());
}

Shape Hdf5::shape(const Hdf5Object& dataset) const {
  return about(dataset, [&] { return hdf5::read_shape(file_->header(dataset)); });
}

Tensor Hdf5::read(const Hdf5Object& dataset) const {
  return about(dataset, [&] { return file_->read(dataset); });
}

bool is_hdf5(const base::ByteSource& source) {
  if (source.size() < kSignature.size()) return false;
  std::array<std::byte, kSignature.size()> start{};
  source.read(0, start);
  return std::memcmp(start.data(), kSignature.data(), start.size()) == 0;
}

}  // namespace lamina::format
