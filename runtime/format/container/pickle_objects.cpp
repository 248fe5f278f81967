// The opcodes that name classes and functions: what they would call is written down, never called.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/pickle_machine.hpp"

#include <algorithm>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::size_t kNamesShown = 16;

}  // namespace

void PickleMachine::global_name(const PickleInstruction& instruction) {
  const std::optional<PickleRole> role = names_.resolve(instruction.module, instruction.text);
  if (!role) refuse_names(instruction);
  push(add({.kind = PickleKind::symbol, .index = static_cast<std::uint32_t>(graph_.symbols_.size())}));
  graph_.symbols_.push_back({instruction.module, instruction.text, *role});
}

/// Reads on without doing anything, so that one error lists all the names that are in the way.
void PickleMachine::refuse_names(PickleInstruction instruction) {
  const std::string place = decoder_.place();
  std::vector<std::string> unknown;
  const auto note = [&](const PickleInstruction& global) {
    std::string name = std::string(global.module) + "." + std::string(global.text);
    if (std::find(unknown.begin(), unknown.end(), name) == unknown.end()) unknown.push_back(std::move(name));
  };
  try {
    for (; instruction.op != PickleOp::stop && unknown.size() < kNamesShown; instruction = decoder_.next()) {
      if (instruction.op == PickleOp::global && !names_.resolve(instruction.module, instruction.text)) {
        note(instruction);
      }
    }
  } catch (const Error&) {  // what follows is damaged too; the names are the better message
  }
  names_.refuse(place, unknown);
  wrong("refused");
}

void PickleMachine::reduce() {
  const ObjectId argument = pop(), callee = pop();
  if (graph_.at(callee).kind != PickleKind::symbol) unexpected("REDUCE", "a function", callee);
  if (graph_.at(argument).kind != PickleKind::tuple) unexpected("REDUCE arguments", "a tuple", argument);
  const std::span<const ObjectId> arguments = graph_.items(argument);
  const auto only = [&](PickleKind kind, std::string_view expected) {
    if (arguments.size() != 1 || graph_.at(arguments[0]).kind != kind) {
      unexpected("arguments of " + graph_.describe(callee), expected, argument);
    }
    return arguments[0];
  };
  switch (graph_.symbol(callee).role) {
    case PickleRole::ordered_dict:
      return push(ordered_dict(arguments));
    case PickleRole::set:
      return push(add({.kind = PickleKind::set, .index = graph_.at(only(PickleKind::list, "one list")).index}));
    case PickleRole::size:
      return push(only(PickleKind::tuple, "one tuple"));
    case PickleRole::function:
      return push(add({.kind = PickleKind::call, .callee = callee, .argument = argument}));
    case PickleRole::module_class:
    case PickleRole::constant:
      return unexpected("REDUCE", "a function", callee);
  }
}

/// Empty, or from one list of pairs, as Python 2 wrote it.
ObjectId PickleMachine::ordered_dict(std::span<const ObjectId> arguments) {
  std::vector<ObjectId> pairs;
  const bool filled = arguments.size() == 1 && graph_.at(arguments[0]).kind == PickleKind::list;
  if (!filled && !arguments.empty()) wrong("arguments of collections.OrderedDict: expected none or a list of pairs");
  if (filled) {
    for (const ObjectId pair : graph_.items(arguments[0])) {
      const std::span<const ObjectId> both = graph_.items(pair);
      const bool sequence = graph_.at(pair).kind == PickleKind::tuple || graph_.at(pair).kind == PickleKind::list;
      if (!sequence || both.size() != 2) unexpected("item of collections.OrderedDict", "a pair", pair);
      pairs.insert(pairs.end(), both.begin(), both.end());
    }
  }
  const ObjectId id = add_container(PickleKind::dict);
  graph_.objects_[id].ordered = true;
  set_items(pairs, id);
  return id;
}

void PickleMachine::new_object() {
  const ObjectId argument = pop(), callee = pop();
  const bool is_class =
      graph_.at(callee).kind == PickleKind::symbol && graph_.symbol(callee).role == PickleRole::module_class;
  if (!is_class) unexpected("NEWOBJ", "a class of torch.nn", callee);
  if (argument != kPickleEmptyTuple) unexpected("NEWOBJ arguments", "()", argument);
  push(add({.kind = PickleKind::instance, .callee = callee}));
}

/// A dict takes the `_metadata` that state_dict() hangs on it, which says nothing about the weights. A module
/// takes its attributes; a call (Parameter of torch 0.x) its flags.
void PickleMachine::build() {
  const ObjectId state = pop(), target = top();
  PickleObject& object = graph_.objects_[target];
  if (object.kind == PickleKind::dict) {
    const bool metadata = graph_.find(state, "_metadata") && graph_.items(state).size() == 2;
    if (!metadata) unexpected("attributes of a dict", "'_metadata' alone", state);
    return;
  }
  if (object.kind != PickleKind::instance && object.kind != PickleKind::call) {
    unexpected("BUILD", "a module", target);
  }
  if (object.state != kPickleNone) wrong("BUILD twice on one object");
  if (object.kind == PickleKind::instance && graph_.at(state).kind != PickleKind::dict) {
    unexpected("attributes of " + graph_.describe(target), "a dict", state);
  }
  object.state = state;
}

/// ("storage", ...) is kept; ("module", class, file, source), which old torch writes, stands for the class.
void PickleMachine::persistent() {
  const ObjectId id = pop();
  const std::span<const ObjectId> items = graph_.items(id);
  if (graph_.at(id).kind != PickleKind::tuple || items.empty()) unexpected("persistent id", "a tuple", id);
  const std::string_view type = graph_.at(items[0]).text;
  if (type == "storage") return push(add({.kind = PickleKind::storage, .argument = id}));
  if (type != "module" || items.size() != 4) unexpected("persistent id", "'storage' or 'module'", items[0]);
  if (graph_.at(items[1]).kind != PickleKind::symbol) unexpected("persistent id of a module", "a class", items[1]);
  push(items[1]);
}

}  // namespace lamina::format
