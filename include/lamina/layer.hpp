// A network in code, with PyTorch's names, as values -> Model without weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/export.hpp>
#include <lamina/model.hpp>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lamina {

namespace model {
struct Layer;  // internal
}

/// One layer, as a value: what the functions below return and Sequential takes.
class LAMINA_API Layer {
 public:
  explicit Layer(model::Layer layer);
  /// A whole network as one layer of another.
  Layer(const Model& nested);  // NOLINT(google-explicit-constructor): Sequential{..., inner, ...}
  Layer(const Layer&);
  Layer& operator=(const Layer&);
  ~Layer();

  [[nodiscard]] const model::Layer& layer() const noexcept { return *layer_; }  ///< internal

 private:
  std::shared_ptr<const model::Layer> layer_;
};

/// A chain of layers named "0", "1", ... or by the given names, as torch.nn.Sequential. It is a Model
/// without weights: fill it with load_state_dict.
class LAMINA_API Sequential : public Model {
 public:
  Sequential(std::initializer_list<Layer> layers);
  Sequential(std::initializer_list<std::pair<std::string, Layer>> layers);
};

// Layers of torch.nn with its parameters and defaults; each throws Error{invalid_argument} for a
// parameter that is out of its range, NaN or infinite. `inplace` is kept for printing: it changes no
// result. The formulas are those of the PyTorch documentation.

[[nodiscard]] LAMINA_API Layer Linear(std::int64_t in_features, std::int64_t out_features, bool bias = true);
[[nodiscard]] LAMINA_API Layer Dropout(double p = 0.5, bool inplace = false);
[[nodiscard]] LAMINA_API Layer AlphaDropout(double p = 0.5, bool inplace = false);
[[nodiscard]] LAMINA_API Layer Identity();
[[nodiscard]] LAMINA_API Layer Flatten(std::int64_t start_dim = 1, std::int64_t end_dim = -1);
[[nodiscard]] LAMINA_API Layer BatchNorm1d(std::int64_t num_features, double eps = 1e-5, bool affine = true);
[[nodiscard]] LAMINA_API Layer LayerNorm(Shape normalized_shape, double eps = 1e-5, bool elementwise_affine = true,
                                         bool bias = true);

[[nodiscard]] LAMINA_API Layer ReLU(bool inplace = false);
[[nodiscard]] LAMINA_API Layer ReLU6(bool inplace = false);
[[nodiscard]] LAMINA_API Layer LeakyReLU(double negative_slope = 0.01, bool inplace = false);
[[nodiscard]] LAMINA_API Layer PReLU(std::int64_t num_parameters = 1, double init = 0.25);
[[nodiscard]] LAMINA_API Layer RReLU(double lower = 1.0 / 8, double upper = 1.0 / 3, bool inplace = false);
[[nodiscard]] LAMINA_API Layer ELU(double alpha = 1.0, bool inplace = false);
[[nodiscard]] LAMINA_API Layer SELU(bool inplace = false);
[[nodiscard]] LAMINA_API Layer CELU(double alpha = 1.0, bool inplace = false);
/// approximate: "none" (erf) or "tanh".
[[nodiscard]] LAMINA_API Layer GELU(const std::string& approximate = "none");
[[nodiscard]] LAMINA_API Layer Sigmoid();
[[nodiscard]] LAMINA_API Layer Tanh();
[[nodiscard]] LAMINA_API Layer SiLU(bool inplace = false);
[[nodiscard]] LAMINA_API Layer Mish(bool inplace = false);
[[nodiscard]] LAMINA_API Layer Softplus(double beta = 1.0, double threshold = 20.0);
[[nodiscard]] LAMINA_API Layer Softsign();
[[nodiscard]] LAMINA_API Layer LogSigmoid();
[[nodiscard]] LAMINA_API Layer Hardtanh(double min_val = -1.0, double max_val = 1.0, bool inplace = false);
[[nodiscard]] LAMINA_API Layer Hardsigmoid(bool inplace = false);
[[nodiscard]] LAMINA_API Layer Hardswish(bool inplace = false);
[[nodiscard]] LAMINA_API Layer Hardshrink(double lambd = 0.5);
[[nodiscard]] LAMINA_API Layer Softshrink(double lambd = 0.5);
[[nodiscard]] LAMINA_API Layer Tanhshrink();
[[nodiscard]] LAMINA_API Layer Threshold(double threshold, double value, bool inplace = false);
[[nodiscard]] LAMINA_API Layer GLU(std::int64_t dim = -1);
/// dim counts the batch as dimension 0, as in PyTorch; without it 1 for rank 2, refused for others.
[[nodiscard]] LAMINA_API Layer Softmax(std::optional<std::int64_t> dim = {});
[[nodiscard]] LAMINA_API Layer LogSoftmax(std::optional<std::int64_t> dim = {});
[[nodiscard]] LAMINA_API Layer Softmin(std::optional<std::int64_t> dim = {});
[[nodiscard]] LAMINA_API Layer Softmax2d();

// Activations that only Keras has.
/// keras.layers.ReLU: max_value, slope below threshold.
[[nodiscard]] LAMINA_API Layer KerasReLU(double max_value = std::numeric_limits<double>::infinity(),
                                         double negative_slope = 0.0, double threshold = 0.0);
[[nodiscard]] LAMINA_API Layer Exponential();
[[nodiscard]] LAMINA_API Layer Squareplus(double b = 4.0);
[[nodiscard]] LAMINA_API Layer SparsePlus();
[[nodiscard]] LAMINA_API Layer SparseSigmoid();
[[nodiscard]] LAMINA_API Layer Sparsemax(std::int64_t dim = -1);
/// hard_sigmoid of Keras 1 and 2 and of ONNX: clip(alpha x + beta, 0, 1).
[[nodiscard]] LAMINA_API Layer HardSigmoidLinear(double alpha = 0.2, double beta = 0.5);

}  // namespace lamina
