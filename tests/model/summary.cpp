// The table of keras_summary(), against what Keras 2 prints.
// SPDX-License-Identifier: Apache-2.0
#include "model/activation.hpp"
#include "model/print.hpp"
#include "support/catch.hpp"

using namespace lamina;
using namespace lamina::model;
using Kind = ActivationKind;

namespace {

Layer joined(std::string name, Op op) { return {.name = std::move(name), .op = std::move(op), .joined = true}; }

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text + "\n").find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("the summary of 784-128-10 is Keras 2's to the letter") {
  Network network;
  network.layers = {{"dense", Linear{784, 128}},
                    joined("dense_activation", with_keras_defaults(Kind::relu)),
                    {"dropout", Dropout{.p = 0.2}},
                    {"dense_1", Linear{128, 10}},
                    joined("dense_1_activation", Softmax{.dims = {-1}})};
  CHECK(keras_summary(network) ==
        "Model: \"sequential\"\n"
        "_________________________________________________________________\n"
        "Layer (type)                 Output Shape              Param #   \n"
        "=================================================================\n"
        "dense (Dense)                (None, 128)               100480    \n"
        "_________________________________________________________________\n"
        "dropout (Dropout)            (None, 128)               0         \n"
        "_________________________________________________________________\n"
        "dense_1 (Dense)              (None, 10)                1290      \n"
        "=================================================================\n"
        "Total params: 101,770\n"
        "Trainable params: 101,770\n"
        "Non-trainable params: 0\n"
        "_________________________________________________________________");
}

TEST_CASE("running statistics and constants are not trained") {
  Network network;
  network.name = "tabular";
  network.input_shape = Shape{5};
  network.layers = {{"normalization", Affine{Tensor(Shape{5}), Tensor(Shape{5}), {}, true}},
                    {"batch_normalization", BatchNorm{.num_features = 5, .axis = -1}},
                    {"dense", Linear{5, 1}}};
  const std::string text = keras_summary(network);
  CHECK(has_line(text, "Model: \"tabular\""));
  CHECK(has_line(text, "normalization (Normalization)            (None, 5)                 10        "));
  CHECK(has_line(text, "batch_normalization (BatchNormalization) (None, 5)                 20        "));
  CHECK(has_line(text, "Total params: 36"));
  CHECK(has_line(text, "Trainable params: 16"));
  CHECK(has_line(text, "Non-trainable params: 20"));
}

TEST_CASE("columns widen to hold long names, shapes and counts") {
  Network network;
  network.input_shape = Shape{1000, 1000, 1000, 1000, 1000};
  network.layers = {{"a_rather_long_layer_name_indeed", Linear{1000, 10000000}}};
  const std::string text = keras_summary(network);
  CHECK(has_line(text, "a_rather_long_layer_name_indeed (Dense) (None, 1000, 1000, 1000, 1000, 10000000) 10010000000"));
  CHECK(has_line(text, "Layer (type)                            Output Shape                             Param #    "));
  CHECK(has_line(text, std::string(92, '=')));
  CHECK(has_line(text, "Total params: 10,010,000,000"));
}

TEST_CASE("a shape that is not known prints as a question mark") {
  Network network;
  network.layers = {{"re_lu", with_torch_defaults(Kind::relu)}};
  CHECK(has_line(keras_summary(network), "re_lu (ReLU)                 ?                         0         "));
  network.layers = {{"0", Linear{4, 8}}, {"1", Linear{9, 2}}};
  CHECK(has_line(keras_summary(network), "0 (Dense)                    (None, 8)                 40        "));
  CHECK(has_line(keras_summary(network), "1 (Dense)                    ?                         20        "));
}

TEST_CASE("a nested model is one row with all its parameters") {
  Network network;
  network.root_class = "Net";
  network.layers = {{"body", Sequential{{{"0", Linear{2, 3}}, {"1", BatchNorm{.num_features = 3}}}}}};
  const std::string text = keras_summary(network);
  CHECK(has_line(text, "Model: \"Net\""));
  CHECK(has_line(text, "body (Sequential)            (None, 3)                 21        "));
  CHECK(has_line(text, "Non-trainable params: 6"));
}

TEST_CASE("an empty network has a table without rows") {
  const std::string text = keras_summary(Network{});
  CHECK(has_line(text, "Total params: 0"));
  CHECK(text.back() == '_');
}

TEST_CASE("layers have Keras's class names") {
  const std::pair<Op, std::string> cases[] = {
      {Linear{}, "Dense"},
      {with_torch_defaults(Kind::relu), "ReLU"},
      {with_torch_defaults(Kind::keras_relu), "ReLU"},
      {with_torch_defaults(Kind::leaky_relu), "LeakyReLU"},
      {with_torch_defaults(Kind::elu), "ELU"},
      {with_torch_defaults(Kind::tanh), "Activation"},
      {PReLU{}, "PReLU"},
      {Softmax{}, "Softmax"},
      {Softmax{SoftmaxKind::log_softmax, {}}, "Activation"},
      {Glu{}, "Activation"},
      {BatchNorm{}, "BatchNormalization"},
      {LayerNorm{}, "LayerNormalization"},
      {Dropout{}, "Dropout"},
      {Dropout{DropoutKind::alpha_dropout}, "AlphaDropout"},
      {Dropout{DropoutKind::feature_alpha_dropout}, "AlphaDropout"},
      {Dropout{DropoutKind::dropout1d}, "SpatialDropout1D"},
      {Dropout{DropoutKind::spatial_dropout2d}, "SpatialDropout2D"},
      {Dropout{DropoutKind::dropout3d}, "SpatialDropout3D"},
      {Dropout{DropoutKind::gaussian_dropout}, "GaussianDropout"},
      {Dropout{DropoutKind::gaussian_noise}, "GaussianNoise"},
      {Dropout{DropoutKind::activity_regularization}, "ActivityRegularization"},
      {Identity{}, "Identity"},
      {Flatten{}, "Flatten"},
      {Reshape{}, "Reshape"},
      {Affine{}, "Rescaling"},
      {Affine{.divide = true}, "Normalization"},
      {UnitNorm{}, "UnitNormalization"},
      {Sequential{}, "Sequential"},
  };
  for (const auto& [op, name] : cases) CHECK(keras_class({"0", op}) == name);
}
