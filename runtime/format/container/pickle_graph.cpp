// Reading the graph of a pickle's objects: children, dict look-up, descriptions for messages.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/container/pickle.hpp"

namespace lamina::format {
namespace {

std::string counted(std::string_view what, std::size_t count) {
  return std::string(what) + " of " + std::to_string(count) + (count == 1 ? " item" : " items");
}

}  // namespace

std::span<const ObjectId> PickleGraph::items(ObjectId id) const noexcept {
  const PickleObject& object = objects_[id];
  switch (object.kind) {
    case PickleKind::tuple:
    case PickleKind::list:
    case PickleKind::dict:
    case PickleKind::set:
      return containers_[object.index];
    default:
      return {};
  }
}

std::optional<ObjectId> PickleGraph::find(ObjectId dict, std::string_view key) const noexcept {
  if (at(dict).kind != PickleKind::dict) return std::nullopt;
  const std::span<const ObjectId> entries = items(dict);
  for (std::size_t i = 0; i + 1 < entries.size(); i += 2) {
    const PickleObject& name = at(entries[i]);
    if (name.kind == PickleKind::text && name.text == key) return entries[i + 1];
  }
  return std::nullopt;
}

bool PickleGraph::is(ObjectId id, PickleKind kind, std::string_view module, std::string_view name) const noexcept {
  const PickleObject& object = at(id);
  if (object.kind != kind) return false;
  const PickleSymbol& found = symbol(kind == PickleKind::symbol ? id : object.callee);
  return found.module == module && found.name == name;
}

std::string PickleGraph::describe(ObjectId id) const {
  const PickleObject& object = at(id);
  const auto dotted = [&](ObjectId of) { return std::string(symbol(of).module) + "." + std::string(symbol(of).name); };
  switch (object.kind) {
    case PickleKind::none:
      return "None";
    case PickleKind::boolean:
      return object.integer != 0 ? "True" : "False";
    case PickleKind::integer:
      return std::to_string(object.integer);
    case PickleKind::real:
      return "the number " + std::to_string(object.real);
    case PickleKind::text:
      return base::quoted(object.text);
    case PickleKind::tuple:
      return counted("a tuple", items(id).size());
    case PickleKind::list:
      return counted("a list", items(id).size());
    case PickleKind::dict:
      return counted("a dict", items(id).size() / 2);
    case PickleKind::set:
      return counted("a set", items(id).size());
    case PickleKind::symbol:
      return dotted(id);
    case PickleKind::call:
      return "the result of " + dotted(object.callee);
    case PickleKind::instance:
      return "an object of " + dotted(object.callee);
    case PickleKind::storage:
      return "a storage";
  }
  return "an object";
}

std::vector<ObjectId> PickleGraph::storages() const {
  std::vector<ObjectId> found;
  for (ObjectId id = 0; id < objects_.size(); ++id) {
    if (objects_[id].kind == PickleKind::storage) found.push_back(id);
  }
  return found;
}

}  // namespace lamina::format
