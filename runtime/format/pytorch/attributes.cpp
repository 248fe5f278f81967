// Typed access to a pickled module's attributes.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch/attributes.hpp"

#include "base/fail.hpp"
#include "model/print.hpp"

namespace lamina::format {
namespace {

using base::fail;

/// Look-ups are linear, and a hostile file may let thousands of layers share one dict.
constexpr std::size_t kMaxEntries = 256;
constexpr std::size_t kMaxRank = 8;

bool is_empty(const PickleGraph& graph, ObjectId id) {
  const PickleObject& object = graph.at(id);
  switch (object.kind) {
    case PickleKind::none:
      return true;
    case PickleKind::boolean:
      return object.integer == 0;
    case PickleKind::tuple:
    case PickleKind::list:
    case PickleKind::dict:
    case PickleKind::set:
      return graph.items(id).empty();
    case PickleKind::call:  // torch 0.x: _backend
      return graph.is(id, PickleKind::call, "torch.nn.backends.thnn", "_get_thnn_function_backend");
    default:
      return false;
  }
}

}  // namespace

TorchAttributes::TorchAttributes(const PickleGraph& graph, ObjectId instance, std::string place,
                                 std::vector<std::string>& notes)
    : graph_(graph),
      state_(graph.at(instance).state),
      class_name_(graph.symbol(graph.at(instance).callee).name),
      place_(std::move(place)),
      notes_(notes) {
  if (graph.at(state_).kind != PickleKind::dict) fail(Errc::malformed, place_, "module without attributes");
  check_size(state_, "attributes");
}

std::optional<ObjectId> TorchAttributes::take(std::string_view name, bool required, const std::string& absent) {
  taken_.insert(name);
  const std::optional<ObjectId> found = graph_.find(state_, name);
  if (!found && required) fail(Errc::malformed, place_, "attribute " + base::quoted(name) + " is missing");
  if (!found) notes_.push_back(place_ + ": no attribute " + std::string(name) + ", assumed " + absent);
  return found;
}

void TorchAttributes::wrong(std::string_view name, std::string_view expected, ObjectId got) const {
  fail(Errc::malformed, place_, "attribute " + base::quoted(name), expected, graph_.describe(got));
}

void TorchAttributes::check_size(ObjectId dict, std::string_view what) const {
  if (graph_.items(dict).size() <= 2 * kMaxEntries) return;
  fail(Errc::limit_exceeded, place_, what, "at most 256 entries", graph_.describe(dict));
}

std::int64_t TorchAttributes::integer(std::string_view name, std::optional<std::int64_t> absent) {
  const std::optional<ObjectId> id = take(name, !absent, std::to_string(absent.value_or(0)));
  if (!id) return *absent;
  if (graph_.at(*id).kind != PickleKind::integer) wrong(name, "an integer", *id);
  return graph_.at(*id).integer;
}

double TorchAttributes::number(std::string_view name, std::optional<double> absent) {
  const std::optional<ObjectId> id = take(name, !absent, model::python_float(absent.value_or(0)));
  if (!id) return *absent;
  const PickleObject& object = graph_.at(*id);
  if (object.kind == PickleKind::integer) return static_cast<double>(object.integer);
  if (object.kind != PickleKind::real) wrong(name, "a number", *id);
  return object.real;
}

bool TorchAttributes::boolean(std::string_view name, bool absent) {
  const std::optional<ObjectId> id = take(name, false, absent ? "True" : "False");
  if (!id) return absent;
  if (graph_.at(*id).kind != PickleKind::boolean) wrong(name, "True or False", *id);
  return graph_.at(*id).integer != 0;
}

std::string_view TorchAttributes::text(std::string_view name, std::string_view absent) {
  const std::optional<ObjectId> id = take(name, false, base::quoted(absent));
  if (!id) return absent;
  if (graph_.at(*id).kind != PickleKind::text) wrong(name, "a string", *id);
  return graph_.at(*id).text;
}

Shape TorchAttributes::shape(std::string_view name) {
  const ObjectId id = *take(name, true);
  const PickleKind kind = graph_.at(id).kind;
  if (kind == PickleKind::integer) return {graph_.at(id).integer};
  if (kind != PickleKind::tuple && kind != PickleKind::list) wrong(name, "a tuple", id);
  if (graph_.items(id).size() > kMaxRank) fail(Errc::limit_exceeded, place_, "more than 8 dimensions");
  Shape shape;
  for (const ObjectId item : graph_.items(id)) {
    if (graph_.at(item).kind != PickleKind::integer) wrong(name, "integers", item);
    shape.push_back(graph_.at(item).integer);
  }
  return shape;
}

bool TorchAttributes::given(std::string_view name) {
  const std::optional<ObjectId> id = graph_.find(state_, name);
  if (id && *id == kPickleNone) taken_.insert(name);
  return id && *id != kPickleNone;
}

ObjectId TorchAttributes::dict(std::string_view name) {
  const ObjectId id = *take(name, true);
  if (graph_.at(id).kind != PickleKind::dict) wrong(name, "a dict", id);
  if (name != "_modules") check_size(id, name);
  return id;
}

bool TorchAttributes::has_tensor(std::string_view dict, std::string_view name) const {
  const std::optional<ObjectId> tensors = graph_.find(state_, dict);
  if (tensors) check_size(*tensors, dict);
  const std::optional<ObjectId> found = tensors ? graph_.find(*tensors, name) : std::nullopt;
  return found && *found != kPickleNone;
}

void TorchAttributes::refuse_rest() const {
  const std::span<const ObjectId> items = graph_.items(state_);
  for (std::size_t i = 0; i < items.size(); i += 2) {
    const PickleObject& name = graph_.at(items[i]);
    if (taken_.contains(name.text) || is_empty(graph_, items[i + 1])) continue;
    fail(Errc::unsupported_feature, place_,
         "attribute " + graph_.describe(items[i]) + " is " + graph_.describe(items[i + 1]) +
             ", which lamina does not know; it could change results");
  }
}

}  // namespace lamina::format
