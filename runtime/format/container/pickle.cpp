// The pickle machine: a typed stack and a memo over an arena. Opcodes become data; no recursion on the data.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/container/pickle_machine.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace lamina::format {
namespace {

using base::fail;

constexpr ObjectId kUnset = ~ObjectId{0};

}  // namespace

PickleGraph PickleMachine::run() {
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
      return push(kPickleEmptyTuple);
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
      return push(kPickleTrue);
    case Op::newfalse:
      return push(kPickleFalse);
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
