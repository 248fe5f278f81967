// Groups: a symbol table in old files; in new ones link messages in the header or, of many, in a heap.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/group.hpp"

#include "format/container/hdf5/dense.hpp"
#include "format/container/hdf5/symbol_table.hpp"

#include <algorithm>

namespace lamina::format::hdf5 {
namespace {

std::vector<Link> read_new(Blocks& blocks, const ObjectHeader& header) {
  std::vector<Link> links;
  for (const Message& message : header.messages) {
    if (message.type == MessageType::link) links.push_back(parse_link(blocks, message.cursor()));
  }
  const Message* info = header.find(MessageType::link_info);
  if (info == nullptr) return links;
  const Dense dense = read_dense(blocks, *info);
  for (const Message& message : dense.messages) links.push_back(parse_link(blocks, message.cursor()));
  return links;
}

}  // namespace

bool is_group(const ObjectHeader& header) {
  return std::any_of(header.messages.begin(), header.messages.end(), [](const Message& message) {
    return message.type == MessageType::symbol_table || message.type == MessageType::link_info ||
           message.type == MessageType::link || message.type == MessageType::group_info;
  });
}

std::vector<Link> read_links(Blocks& blocks, const ObjectHeader& header) {
  const Message* old = header.find(MessageType::symbol_table);
  std::vector<Link> links = old != nullptr ? read_symbol_table(blocks, old->cursor()) : read_new(blocks, header);
  std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(links.begin(), links.end(), [](const Link& a, const Link& b) { return a.name == b.name; });
  if (twice != links.end()) base::fail(Errc::malformed, "HDF5 group", "has two members " + base::quoted(twice->name));
  return links;
}

}  // namespace lamina::format::hdf5
