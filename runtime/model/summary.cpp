// Network -> the table that Keras 2's model.summary() shows.
// SPDX-License-Identifier: Apache-2.0
#include "model/infer.hpp"
#include "model/print.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lamina::model {
namespace {

const char* activation_class(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::relu:
    case ActivationKind::keras_relu:
      return "ReLU";
    case ActivationKind::leaky_relu:
      return "LeakyReLU";
    case ActivationKind::elu:
      return "ELU";
    default:
      return "Activation";
  }
}

const char* dropout_class(DropoutKind kind) {
  switch (kind) {
    case DropoutKind::dropout:
      return "Dropout";
    case DropoutKind::dropout1d:
    case DropoutKind::spatial_dropout1d:
      return "SpatialDropout1D";
    case DropoutKind::dropout2d:
    case DropoutKind::spatial_dropout2d:
      return "SpatialDropout2D";
    case DropoutKind::dropout3d:
    case DropoutKind::spatial_dropout3d:
      return "SpatialDropout3D";
    case DropoutKind::alpha_dropout:
    case DropoutKind::feature_alpha_dropout:
      return "AlphaDropout";
    case DropoutKind::gaussian_dropout:
      return "GaussianDropout";
    case DropoutKind::gaussian_noise:
      return "GaussianNoise";
    case DropoutKind::activity_regularization:
      return "ActivityRegularization";
  }
  return "";
}

struct KerasClass {
  const char* operator()(const Linear&) const { return "Dense"; }
  const char* operator()(const Activation& a) const { return activation_class(a.kind); }
  const char* operator()(const PReLU&) const { return "PReLU"; }
  const char* operator()(const Softmax& s) const { return s.kind == SoftmaxKind::softmax ? "Softmax" : "Activation"; }
  const char* operator()(const Glu&) const { return "Activation"; }
  const char* operator()(const BatchNorm&) const { return "BatchNormalization"; }
  const char* operator()(const LayerNorm&) const { return "LayerNormalization"; }
  const char* operator()(const Dropout& d) const { return dropout_class(d.kind); }
  const char* operator()(const Identity&) const { return "Identity"; }
  const char* operator()(const Flatten&) const { return "Flatten"; }
  const char* operator()(const Reshape&) const { return "Reshape"; }
  const char* operator()(const Affine& a) const { return a.divide ? "Normalization" : "Rescaling"; }
  const char* operator()(const UnitNorm&) const { return "UnitNormalization"; }
  const char* operator()(const Sequential&) const { return "Sequential"; }
};

/// "(None, 28, 28)": None is the batch.
std::string keras_shape(const std::optional<Shape>& shape) {
  if (!shape) return "?";
  std::string text = "(None,";
  for (std::size_t i = 0; i < shape->size(); ++i) text += (i == 0 ? " " : ", ") + std::to_string((*shape)[i]);
  return text + ")";
}

/// 101770 -> "101,770".
std::string with_separators(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t from_end = 3; from_end < text.size(); from_end += 4) text.insert(text.size() - from_end, 1, ',');
  return text;
}

/// Tensors that training does not fit by gradient.
std::uint64_t untrained_count(const Layer& layer) {
  std::uint64_t count = 0;
  for (const Layer& inner : flatten(layer)) {
    const bool constants = std::holds_alternative<Affine>(inner.op);
    for (const ConstSlot& slot : weight_slots(inner)) {
      if (constants || slot.name.starts_with("running_")) count += element_count(slot.shape);
    }
  }
  return count;
}

using Row = std::array<std::string, 3>;

/// Keras's columns, wider where a text needs it (Keras cuts it off).
struct Table {
  std::array<std::size_t, 3> widths = {29, 26, 10};
  std::vector<Row> rows;

  void add(Row row) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::size_t gap = column + 1 < row.size() ? 1 : 0;
      widths[column] = std::max(widths[column], row[column].size() + gap);
    }
    rows.push_back(std::move(row));
  }

  [[nodiscard]] std::string line(char fill) const {
    return std::string(widths[0] + widths[1] + widths[2], fill) + "\n";
  }

  [[nodiscard]] std::string text(const Row& row) const {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      line += row[column];
      line.append(widths[column] - row[column].size(), ' ');
    }
    return line + "\n";
  }
};

Table layer_table(const Network& network) {
  Table table;
  const std::vector<std::optional<Shape>> shapes = output_shapes(network.layers, input_shape(network));
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    std::uint64_t parameters = parameter_count(layer);
    while (i + 1 < network.layers.size() && network.layers[i + 1].joined) {
      parameters += parameter_count(network.layers[++i]);
    }
    table.add({layer.name + " (" + keras_class(layer) + ")", keras_shape(shapes[i]), std::to_string(parameters)});
  }
  return table;
}

}  // namespace

std::string keras_class(const Layer& layer) { return std::visit(KerasClass{}, layer.op); }

std::string keras_summary(const Network& network) {
  const Table table = layer_table(network);
  std::string name = network.name;
  if (name.empty()) name = network.root_class == "Sequential" ? "sequential" : network.root_class;
  std::string text = "Model: \"" + name + "\"\n" + table.line('_');
  text += table.text({"Layer (type)", "Output Shape", "Param #"}) + table.line('=');
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    text += table.text(table.rows[i]) + table.line(i + 1 < table.rows.size() ? '_' : '=');
  }
  std::uint64_t total = 0;
  std::uint64_t untrained = 0;
  for (const Layer& layer : network.layers) {
    total += parameter_count(layer);
    untrained += untrained_count(layer);
  }
  text += "Total params: " + with_separators(total) + "\n";
  text += "Trainable params: " + with_separators(total - untrained) + "\n";
  text += "Non-trainable params: " + with_separators(untrained) + "\n" + table.line('_');
  text.pop_back();  // no newline at the end, as torch_repr
  return text;
}

}  // namespace lamina::model
