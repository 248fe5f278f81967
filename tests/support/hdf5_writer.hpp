// Groups, attributes and datasets -> an HDF5 file, in few bytes: old superblock and headers, links within the headers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/pickle_writer.hpp"

#include <lamina/tensor.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::test {

/// A group, or a dataset of float32. Paths make the groups on their way.
class Hdf5Tree {
 public:
  Hdf5Tree& at(std::string_view path) {
    const std::string name(path.substr(0, path.find('/')));
    auto found =
        std::find_if(members_.begin(), members_.end(), [&](const auto& member) { return member.first == name; });
    if (found == members_.end()) found = members_.emplace(found, name, std::make_unique<Hdf5Tree>());
    Hdf5Tree& member = *found->second;
    return name.size() == path.size() ? member : member.at(path.substr(name.size() + 1));
  }
  Hdf5Tree& data(std::string_view path, const Shape& shape, const std::vector<float>& values) {
    Hdf5Tree& dataset = at(path);
    dataset.space_ = space(shape);
    dataset.elements_.clear();
    for (const float value : values) dataset.elements_ += little_endian(std::bit_cast<std::uint32_t>(value), 4);
    return *this;
  }
  Hdf5Tree& text(const std::string& name, const std::string& value) {
    return attribute(name, value.size(), space({}), value);
  }
  Hdf5Tree& texts(const std::string& name, const std::vector<std::string>& values) {
    std::size_t width = 1;
    for (const std::string& value : values) width = std::max(width, value.size());
    std::string bytes;
    for (const std::string& value : values) bytes += value + std::string(width - value.size(), '\0');
    return attribute(name, width, space({static_cast<std::int64_t>(values.size())}), bytes);
  }
  void remove(const std::string& name) {
    std::erase_if(members_, [&](const auto& member) { return member.first == name; });
    std::erase_if(attributes_, [&](const auto& attribute) { return attribute.first == name; });
  }

  [[nodiscard]] std::string file() const {
    std::string body(96, '\0');
    const std::uint64_t root = write(body);
    const std::string none(8, '\xFF');
    const std::string superblock =
        "\x89HDF\r\n\x1a\n" + little_endian(0, 5) + little_endian(8, 1) + little_endian(8, 1) + little_endian(0, 1) +
        little_endian(4, 2) + little_endian(16, 2) + little_endian(0, 4) + little_endian(0, 8) + none +
        little_endian(body.size(), 8) + none + little_endian(0, 8) + little_endian(root, 8) + little_endian(0, 24);
    return superblock + body.substr(96);
  }

 private:
  static std::string space(const Shape& shape) {
    std::string bytes = little_endian(2, 1) + little_endian(shape.size(), 1) + little_endian(0, 1) +
                        little_endian(shape.empty() ? 0 : 1, 1);
    for (const std::int64_t size : shape) bytes += little_endian(static_cast<std::uint64_t>(size), 8);
    return bytes;
  }
  static std::string float_type() {
    return little_endian(0x1f2011, 4) + little_endian(4, 4) + little_endian(32 << 16, 4) + little_endian(23, 1) +
           little_endian(8, 1) + little_endian(0, 1) + little_endian(23, 1) + little_endian(127, 4);
  }
  Hdf5Tree& attribute(const std::string& name, std::size_t width, const std::string& space, const std::string& bytes) {
    const std::string type = little_endian(0x0113, 4) + little_endian(width, 4);  // a string padded with NUL
    remove(name);
    attributes_.emplace_back(name, little_endian(3, 2) + little_endian(name.size() + 1, 2) +
                                       little_endian(type.size(), 2) + little_endian(space.size(), 2) +
                                       little_endian(0, 1) + name + little_endian(0, 1) + type + space + bytes);
    return *this;
  }

  /// Appends what the object consists of; returns where its header lies.
  std::uint64_t write(std::string& out) const {
    std::vector<std::pair<int, std::string>> messages;
    for (const auto& [name, member] : members_) {
      const std::uint64_t address = member->write(out);
      messages.emplace_back(
          6, little_endian(0x0101, 2) + little_endian(name.size(), 2) + name + little_endian(address, 8));
    }
    for (const auto& [name, attribute] : attributes_) messages.emplace_back(12, attribute);
    if (space_.empty()) {
      messages.emplace_back(10, little_endian(0, 2));
    } else {
      messages.emplace_back(1, space_);
      messages.emplace_back(3, float_type());
      messages.emplace_back(
          8, little_endian(0x0103, 2) + little_endian(out.size(), 8) + little_endian(elements_.size(), 8));
      out += elements_ + std::string((8 - elements_.size() % 8) % 8, '\0');
    }
    return write_header(messages, out);
  }
  static std::uint64_t write_header(const std::vector<std::pair<int, std::string>>& messages, std::string& out) {
    std::string body;
    for (const auto& [type, content] : messages) {
      const std::string padding((8 - content.size() % 8) % 8, '\0');
      body += little_endian(static_cast<unsigned>(type), 2) + little_endian(content.size() + padding.size(), 2) +
              little_endian(0, 4) + content + padding;
    }
    const std::uint64_t address = out.size();
    out += little_endian(1, 2) + little_endian(messages.size(), 2) + little_endian(1, 4) +
           little_endian(body.size(), 4) + little_endian(0, 4) + body;
    return address;
  }

  std::vector<std::pair<std::string, std::unique_ptr<Hdf5Tree>>> members_;
  std::vector<std::pair<std::string, std::string>> attributes_;
  std::string space_;  // of a dataset; empty for a group
  std::string elements_;
};

}  // namespace lamina::test
