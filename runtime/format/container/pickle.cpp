// The pickle machine: a typed stack and a memo over an arena. Opcodes become data; no recursion on the data.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/pickle.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace lamina::format {
namespace {

using base::fail;

constexpr ObjectId kTrue = 1, kFalse = 2, kEmptyTuple = 3;
constexpr ObjectId kUnset = ~ObjectId{0};
constexpr std::size_t kNamesShown = 16;

}  // namespace

class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, std::string_view place, const PickleNames& names,
                const PickleLimits& limits)
      : bytes_(bytes), place_(place), names_(names), limits_(limits), decoder_(bytes, place, limits) {
    graph_.containers_.emplace_back();
    graph_.objects_ = {{.kind = PickleKind::none},
                       {.kind = PickleKind::boolean, .integer = 1},
                       {.kind = PickleKind::boolean, .integer = 0},
                       {.kind = PickleKind::tuple, .index = 0}};
  }

  PickleGraph run() {
    const PickleInstruction first = decoder_.next();
    if (first.op != PickleOp::proto) fail(Errc::malformed, decoder_.place(), "a pickle starts with PROTO");
    if (first.integer != 2) {
      fail(Errc::unsupported_feature, decoder_.place(), "pickle protocol", "2 (the default of torch.save)",
           std::to_string(first.integer));
    }
    for (;;) {
      const PickleInstruction instruction = decoder_.next();
      if (instruction.op == PickleOp::stop) break;
      step(instruction);
    }
    finish();
    return std::move(graph_);
  }

 private:
  void step(const PickleInstruction& instruction);
  void finish();
  void check_keys(ObjectId dict) const;

  ObjectId add(const PickleObject& object) {
    if (graph_.objects_.size() >= limits_.objects) too_many("objects", limits_.objects);
    graph_.objects_.push_back(object);
    return static_cast<ObjectId>(graph_.objects_.size() - 1);
  }
  ObjectId add_container(PickleKind kind, std::span<const ObjectId> content = {}) {
    const ObjectId id = add({.kind = kind, .index = static_cast<std::uint32_t>(graph_.containers_.size())});
    graph_.containers_.emplace_back();
    append(id, content);
    return id;
  }
  void append(ObjectId container, std::span<const ObjectId> content) {
    items_ += content.size();
    if (items_ > limits_.items) too_many("items", limits_.items);
    std::vector<ObjectId>& items = graph_.containers_[graph_.at(container).index];
    items.insert(items.end(), content.begin(), content.end());
  }

  void push(ObjectId id) {
    if (stack_.size() >= limits_.stack) too_many("stack entries", limits_.stack);
    stack_.push_back(id);
  }
  ObjectId pop() {
    if (stack_.size() <= floor()) wrong("stack underflow");
    const ObjectId id = stack_.back();
    stack_.pop_back();
    return id;
  }
  ObjectId top() const {
    if (stack_.size() <= floor()) wrong("stack underflow");
    return stack_.back();
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  /// The entries above the latest mark. Valid until the next push; drop_mark() removes them.
  std::span<const ObjectId> above_mark() const {
    if (marks_.empty()) wrong("no MARK on the stack");
    return std::span(stack_).subspan(marks_.back());
  }
  ObjectId below_mark() const {
    if (marks_.empty() || marks_.back() == 0) wrong("nothing below the MARK");
    return stack_[marks_.back() - 1];
  }
  void drop_mark() {
    stack_.resize(marks_.back());
    marks_.pop_back();
  }

  void global_name(const PickleInstruction& instruction);
  [[noreturn]] void refuse_names(PickleInstruction instruction);
  void collect_tuple(std::size_t count);
  void set_items(std::span<const ObjectId> pairs, ObjectId target);
  void add_items(std::span<const ObjectId> items, ObjectId target);
  void reduce();
  ObjectId ordered_dict(std::span<const ObjectId> arguments);
  void new_object();
  void build();
  void persistent();
  void put(std::int64_t index);
  void get(std::int64_t index);

  [[noreturn]] void wrong(const std::string& what) const { fail(Errc::malformed, decoder_.place(), what); }
  [[noreturn]] void too_many(std::string_view what, std::uint64_t most) const {
    fail(Errc::limit_exceeded, decoder_.place(), "more than " + std::to_string(most) + " " + std::string(what));
  }
  [[noreturn]] void unexpected(std::string_view what, std::string_view expected, ObjectId got) const {
    fail(Errc::malformed, decoder_.place(), what, expected, graph_.describe(got));
  }

  std::span<const std::byte> bytes_;
  std::string_view place_;
  const PickleNames& names_;
  PickleLimits limits_;
  PickleDecoder decoder_;
  PickleGraph graph_;
  std::vector<ObjectId> stack_;
  std::vector<std::size_t> marks_;
  std::vector<ObjectId> memo_;
  std::uint64_t items_ = 0;
};

void PickleMachine::step(const PickleInstruction& instruction) {
  using Op = PickleOp;
  switch (instruction.op) {
    case Op::proto:
    case Op::stop:
      return wrong("PROTO in the middle of a pickle");
    case Op::mark:
      if (marks_.size() >= limits_.stack) too_many("marks", limits_.stack);
      return marks_.push_back(stack_.size());
    case Op::global:
      return global_name(instruction);
    case Op::reduce:
      return reduce();
    case Op::newobj:
      return new_object();
    case Op::build:
      return build();
    case Op::empty_dict:
      return push(add_container(PickleKind::dict));
    case Op::empty_list:
      return push(add_container(PickleKind::list));
    case Op::empty_tuple:
      return push(kEmptyTuple);
    case Op::empty_set:
      return push(add_container(PickleKind::set));
    case Op::tuple: {
      const ObjectId id = add_container(PickleKind::tuple, above_mark());
      drop_mark();
      return push(id);
    }
    case Op::tuple1:
      return collect_tuple(1);
    case Op::tuple2:
      return collect_tuple(2);
    case Op::tuple3:
      return collect_tuple(3);
    case Op::setitem: {
      const ObjectId value = pop(), key = pop();
      return set_items(std::array{key, value}, top());
    }
    case Op::setitems:
      set_items(above_mark(), below_mark());
      return drop_mark();
    case Op::append: {
      const ObjectId item = pop();
      return add_items(std::array{item}, top());
    }
    case Op::appends:
      add_items(above_mark(), below_mark());
      return drop_mark();
    case Op::none:
      return push(kPickleNone);
    case Op::newtrue:
      return push(kTrue);
    case Op::newfalse:
      return push(kFalse);
    case Op::binint:
    case Op::binint1:
    case Op::binint2:
    case Op::long1:
      return push(add({.kind = PickleKind::integer, .integer = instruction.integer}));
    case Op::binfloat:
      return push(add({.kind = PickleKind::real, .real = instruction.real}));
    case Op::binunicode:
    case Op::short_binstring:
      return push(add({.kind = PickleKind::text, .text = instruction.text}));
    case Op::binpersid:
      return persistent();
    case Op::binput:
    case Op::long_binput:
      return put(instruction.integer);
    case Op::binget:
    case Op::long_binget:
      return get(instruction.integer);
  }
}

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

void PickleMachine::collect_tuple(std::size_t count) {
  if (stack_.size() < floor() + count) wrong("stack underflow");
  const ObjectId id = add_container(PickleKind::tuple, std::span(stack_).last(count));
  stack_.resize(stack_.size() - count);
  push(id);
}

void PickleMachine::add_items(std::span<const ObjectId> items, ObjectId target) {
  if (graph_.at(target).kind != PickleKind::list) unexpected("APPEND to", "a list", target);
  append(target, items);
}

void PickleMachine::set_items(std::span<const ObjectId> pairs, ObjectId target) {
  if (graph_.at(target).kind != PickleKind::dict) unexpected("SETITEM on", "a dict", target);
  if (pairs.size() % 2 != 0) wrong("a key without a value");
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const PickleKind kind = graph_.at(pairs[i]).kind;
    if (kind != PickleKind::text && kind != PickleKind::integer) {
      unexpected("dict key", "a string or an integer", pairs[i]);
    }
  }
  append(target, pairs);
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
  if (argument != kEmptyTuple) unexpected("NEWOBJ arguments", "()", argument);
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

void PickleMachine::put(std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  if (at >= limits_.memo) too_many("memo entries", limits_.memo);
  if (at >= memo_.size()) memo_.resize(at + 1, kUnset);
  if (memo_[at] != kUnset && memo_[at] != top()) wrong("memo " + std::to_string(at) + " is written twice");
  memo_[at] = top();
}

void PickleMachine::get(std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  if (at >= memo_.size() || memo_[at] == kUnset) wrong("memo " + std::to_string(at) + " was never written");
  push(memo_[at]);
}

void PickleMachine::finish() {
  if (!marks_.empty()) wrong("STOP within an open MARK");
  if (stack_.size() != 1) wrong("STOP with " + std::to_string(stack_.size()) + " objects on the stack, expected one");
  if (!decoder_.at_end()) wrong(std::to_string(bytes_.size() - decoder_.position()) + " bytes after STOP");
  for (ObjectId id = 0; id < graph_.objects_.size(); ++id) {
    if (graph_.at(id).kind == PickleKind::dict) check_keys(id);
  }
  graph_.root_ = stack_.back();
}

void PickleMachine::check_keys(ObjectId dict) const {
  using Key = std::tuple<PickleKind, std::int64_t, std::string_view>;
  const std::span<const ObjectId> items = graph_.items(dict);
  std::vector<Key> keys;
  keys.reserve(items.size() / 2);
  for (std::size_t i = 0; i < items.size(); i += 2) {
    const PickleObject& key = graph_.at(items[i]);
    keys.emplace_back(key.kind, key.integer, key.text);
  }
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice == keys.end()) return;
  const auto& [kind, number, text] = *twice;
  fail(Errc::malformed, place_,
       "key " + (kind == PickleKind::text ? base::quoted(text) : std::to_string(number)) + " is twice in one dict");
}

PickleGraph run_pickle(std::span<const std::byte> bytes, std::string_view place, const PickleNames& names,
                       const PickleLimits& limits) {
  return PickleMachine(bytes, place, names, limits).run();
}

}  // namespace lamina::format
