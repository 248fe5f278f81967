// The state of the pickle machine, shared by the files that define its opcodes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/fail.hpp"
#include "format/container/pickle.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

/// Objects that are there from the start: one of each is enough.
inline constexpr ObjectId kPickleTrue = 1, kPickleFalse = 2, kPickleEmptyTuple = 3;

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

  PickleGraph run();

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

  [[noreturn]] void wrong(const std::string& what) const { base::fail(Errc::malformed, decoder_.place(), what); }
  [[noreturn]] void too_many(std::string_view what, std::uint64_t most) const {
    base::fail(Errc::limit_exceeded, decoder_.place(), "more than " + std::to_string(most) + " " + std::string(what));
  }
  [[noreturn]] void unexpected(std::string_view what, std::string_view expected, ObjectId got) const {
    base::fail(Errc::malformed, decoder_.place(), what, expected, graph_.describe(got));
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

}  // namespace lamina::format
