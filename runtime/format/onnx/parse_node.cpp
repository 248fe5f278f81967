// NodeProto -> operator, names of its inputs and outputs, attributes.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/constant.hpp"
#include "format/onnx/parse.hpp"

#include <bit>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::uint64_t kTextBytes = std::uint64_t{1} << 20;

std::string text(const Window& window, const Field& field) {
  const Extent extent = message(field);
  if (extent.size > kTextBytes) {
    fail(Errc::limit_exceeded, "attribute", "text", "at most 1048576 bytes", std::to_string(extent.size));
  }
  return window.text(extent);
}

std::int64_t not_batch(std::int64_t value) {
  if (value == kBatchSize) fail(Errc::unsupported_feature, "attribute", "a number that stands for the batch");
  return value;
}

/// The list that the attribute holds already, or a new one: a repeated field comes in any number of pieces.
template <class T>
std::vector<T>& list_of(Attribute& attribute) {
  if (auto* list = std::get_if<std::vector<T>>(&attribute.value)) return *list;
  return attribute.value.emplace<std::vector<T>>();
}

void add_floats(Window& window, const Field& field, Attribute& attribute, ParseBudget& budget) {
  auto& list = list_of<float>(attribute);
  const auto add = [&](float value) {
    budget.count_entry();
    list.push_back(value);
  };
  if (field.type != WireType::bytes) return add(float32(field));
  if (field.bytes.size % 4 != 0) fail(Errc::malformed, "attribute", "floats are cut short");
  for (std::uint64_t at = field.bytes.begin; at < field.bytes.end(); at += 4) {
    const auto piece = window.peek(at, field.bytes.end(), 4);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) bits |= static_cast<std::uint32_t>(piece[i]) << (8 * i);
    add(std::bit_cast<float>(bits));
  }
}

void add_integers(Window& window, const Field& field, Attribute& attribute, ParseBudget& budget) {
  auto& list = list_of<std::int64_t>(attribute);
  const auto add = [&](std::int64_t value) {
    budget.count_entry();
    list.push_back(not_batch(value));
  };
  if (field.type != WireType::bytes) return add(integer(field));
  MessageReader packed(window, field.bytes);
  for (std::uint64_t value = 0; packed.next_varint(value);) add(static_cast<std::int64_t>(value));
}

void parse_attribute_field(Window& window, const Field& field, Attribute& attribute, ParseBudget& budget) {
  switch (field.number) {
    case 1:
      attribute.name = name(window, field);
      return;
    case 2:
      attribute.value = float32(field);
      return;
    case 3:
      attribute.value = not_batch(integer(field));
      return;
    case 4:
      attribute.value = text(window, field);
      return;
    case 5:
      attribute.value = parse_tensor(window, message(field), budget);
      return;
    case 6:
    case 11:
      attribute.value = OtherAttribute{"a graph of its own"};
      return;
    case 7:
      return add_floats(window, field, attribute, budget);
    case 8:
      return add_integers(window, field, attribute, budget);
    case 9:
      budget.count_entry();
      list_of<std::string>(attribute).push_back(text(window, field));
      return;
    case 10:
      attribute.value = OtherAttribute{"a list of tensors"};
      return;
    case 14:
    case 15:
      attribute.value = OtherAttribute{"a type"};
      return;
    case 21:
      attribute.value = OtherAttribute{"a reference to an attribute of a function"};
      return;
    case 22:
    case 23:
      attribute.value = OtherAttribute{"a sparse tensor"};
      return;
    default:
      return;
  }
}

/// AttributeProto.type, for an attribute whose value is its type's zero or an empty list and was not written.
void fill_default(Attribute& attribute, std::int64_t type) {
  if (!std::holds_alternative<std::monostate>(attribute.value)) return;
  switch (type) {
    case 1:
      attribute.value = 0.0f;
      return;
    case 2:
      attribute.value = std::int64_t{0};
      return;
    case 3:
      attribute.value = std::string();
      return;
    case 6:
      attribute.value = std::vector<float>();
      return;
    case 7:
      attribute.value = std::vector<std::int64_t>();
      return;
    case 8:
      attribute.value = std::vector<std::string>();
      return;
    default:
      attribute.value = OtherAttribute{"no value"};
      return;
  }
}

Attribute parse_attribute(Window& window, Extent message, ParseBudget& budget) {
  budget.count_entry();
  Attribute attribute;
  std::int64_t type = 0;
  MessageReader reader(window, message);
  for (Field field; reader.next(field);) {
    if (field.number == 20) {
      type = integer(field);
    } else {
      parse_attribute_field(window, field, attribute, budget);
    }
  }
  fill_default(attribute, type);
  return attribute;
}

}  // namespace

NodeProto parse_node(Window& window, Extent message_bytes, ParseBudget& budget) {
  NodeProto node;
  MessageReader reader(window, message_bytes);
  for (Field field; reader.next(field);) {
    switch (field.number) {
      case 1:
      case 2:
        budget.count_entry();
        (field.number == 1 ? node.inputs : node.outputs).push_back(name(window, field));
        break;
      case 3:
        node.name = name(window, field);
        break;
      case 4:
        node.op = name(window, field);
        break;
      case 5:
        node.attributes.push_back(parse_attribute(window, message(field), budget));
        break;
      case 7:
        node.domain = name(window, field);
        break;
      default:
        break;
    }
  }
  return node;
}

}  // namespace lamina::format::onnx
