// The network as a value: layers with hyper-parameters and weights. Everything from reader to plan speaks this.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/tensor.hpp>
#include <lamina/verify.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lamina::model {

/// Elementwise activations without weights, one per name that a framework has (not per formula:
/// printing needs the names). Their parameters are in the table of activation.hpp.
enum class ActivationKind : std::uint8_t {
  relu,
  relu6,
  leaky_relu,  // negative_slope
  rrelu,       // lower, upper
  elu,         // alpha
  selu,
  celu,  // alpha
  gelu,  // approximate: 0 none, 1 tanh
  sigmoid,
  tanh,
  silu,
  mish,
  softplus,  // beta, threshold
  softsign,
  log_sigmoid,
  hardtanh,     // min_val, max_val
  hardsigmoid,  // relu6(x + 3) / 6
  hardswish,
  hardshrink,  // lambd
  softshrink,  // lambd
  tanhshrink,
  threshold,   // threshold, value
  keras_relu,  // max_value (infinity: none), negative_slope, threshold
  exponential,
  squareplus,  // b
  sparse_plus,
  sparse_sigmoid,
  hard_sigmoid_linear,  // alpha, beta: clip(alpha x + beta, 0, 1), Keras 1 and 2 and ONNX
  count_,
};
inline constexpr std::size_t kActivationCount = static_cast<std::size_t>(ActivationKind::count_);

struct Linear {
  std::int64_t in_features = 0;
  std::int64_t out_features = 0;
  bool has_bias = true;
  Tensor weight = {};  // [out_features, in_features]; empty: not filled in
  Tensor bias = {};    // [out_features]
  bool operator==(const Linear&) const = default;
};

struct Activation {
  ActivationKind kind = ActivationKind::relu;
  std::array<double, 3> parameters = {};  // as listed at the kind; unused ones are 0
  bool inplace = false;                   // printing only
  bool operator==(const Activation&) const = default;
};

/// x > 0 ? x : weight * x. torch: one weight, or one per entry of dimension 1. Keras: one per position
/// of the row (1 on shared axes), by right-aligned broadcast over the row's shape.
struct PReLU {
  bool per_position = false;        // Keras and ONNX
  std::int64_t num_parameters = 1;  // torch
  Shape alpha_shape = {};           // per_position only; without the batch
  double init = 0.25;               // printing only
  Tensor weight = {};               // [num_parameters], or alpha_shape
  bool operator==(const PReLU&) const = default;
};

enum class SoftmaxKind : std::uint8_t { softmax, log_softmax, softmin, softmax2d, sparsemax };

struct Softmax {
  SoftmaxKind kind = SoftmaxKind::softmax;
  /// Counts the batch as 0; negative from the end; empty: PyTorch's dim=None. More than one: Keras's
  /// axis list (softmax only). softmax2d has none.
  std::vector<std::int64_t> dims = {};
  bool operator==(const Softmax&) const = default;
};

struct Glu {
  std::int64_t dim = -1;
  bool operator==(const Glu&) const = default;
};

/// y = (x - mean) / sqrt(variance + eps) * weight + bias, over dimension `axis` (batch counts as 0).
struct BatchNorm {
  std::int64_t num_features = 0;
  double eps = 1e-5;
  double momentum = 0.1;                                               // printing only; NaN prints as None
  bool has_weight = true;                                              // torch: affine gives both; Keras: scale
  bool has_bias = true;                                                //                            Keras: center
  std::int64_t axis = 1;                                               // torch 1, Keras -1
  Tensor weight = {}, bias = {}, running_mean = {}, running_var = {};  // [num_features]
  bool operator==(const BatchNorm&) const;                             // momentum None equals itself
};

/// Over the trailing dimensions: (x - mean) / sqrt(variance + eps) * weight + bias.
struct LayerNorm {
  Shape normalized_shape = {};
  double eps = 1e-5;
  bool has_weight = true;
  bool has_bias = true;
  Tensor weight = {}, bias = {};  // normalized_shape
  bool operator==(const LayerNorm&) const = default;
};

enum class DropoutKind : std::uint8_t {
  // torch
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  alpha_dropout,
  feature_alpha_dropout,
  // Keras
  gaussian_dropout,
  gaussian_noise,
  spatial_dropout1d,
  spatial_dropout2d,
  spatial_dropout3d,
  activity_regularization,
};

/// Identity at inference.
struct Dropout {
  DropoutKind kind = DropoutKind::dropout;
  double p = 0.5;
  bool inplace = false;
  bool operator==(const Dropout&) const = default;
};

struct Identity {
  bool operator==(const Identity&) const = default;
};

/// Joins dimensions start..end (batch counts as 0; negative from the end).
struct Flatten {
  std::int64_t start_dim = 1;
  std::int64_t end_dim = -1;
  bool operator==(const Flatten&) const = default;
};

/// Gives the row another shape of equal size; one entry may be -1.
struct Reshape {
  Shape target = {};  // without the batch
  bool operator==(const Reshape&) const = default;
};

/// y = (x - shift) * scale + offset, or (x - shift) / scale + offset; each by right-aligned broadcast over
/// the row's shape; an empty tensor leaves its operation out. Keras Rescaling and Normalization, ONNX constants.
struct Affine {
  Tensor shift = {}, scale = {}, offset = {};
  bool divide = false;
  bool operator==(const Affine&) const = default;
};

/// Keras UnitNormalization: x / max(sqrt(sum x^2), 1e-12) over the last dimension.
struct UnitNorm {
  bool operator==(const UnitNorm&) const = default;
};

struct Layer;

struct Sequential {
  std::vector<Layer> layers;
  bool operator==(const Sequential&) const;
};

using Op = std::variant<Linear, Activation, PReLU, Softmax, Glu, BatchNorm, LayerNorm, Dropout, Identity, Flatten,
                        Reshape, Affine, UnitNorm, Sequential>;

struct Layer {
  std::string name;  // within its container: "0", "fc1"; flat form: with dots, "net.0"
  Op op;
  /// A call in forward(), or the second use of a module: PyTorch's print does not show it.
  bool functional = false;
  /// The activation argument of the Keras layer before it: summary() gives the two one row.
  bool joined = false;

  // What the passes add; a reader leaves these alone and == ignores them.
  std::optional<Op> epilogue = {};         // Activation, or Softmax over the last dimension, after a Linear
  bool in_place = false;                   // the plan may write where it reads
  std::vector<std::string> absorbed = {};  // names of the layers that were dropped into or fused with it
};
/// Name, op and flags as the file had them.
[[nodiscard]] bool operator==(const Layer& a, const Layer& b);

struct Network {
  std::string root_class = "Sequential";  // what print() shows first: "PyTorchCustomModel"
  std::string name = {};                  // Keras model name, for summary()
  std::vector<Layer> layers = {};
  std::optional<Shape> input_shape = {};  // of one row, where the file says so
  std::vector<std::string> inputs = {"input"}, outputs = {"output"};
  std::vector<std::string> notes = {};       // defaults that were assumed, parts left aside
  std::optional<GoldenVectors> golden = {};  // of these weights
};
/// root_class, layers and input_shape: what answers depend on, and names. Not the notes and golden vectors.
[[nodiscard]] bool operator==(const Network& a, const Network& b);

}  // namespace lamina::model
