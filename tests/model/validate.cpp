// Every rule of validate(), with the message that names layer, rule, expected and got.
// SPDX-License-Identifier: Apache-2.0
#include "model/activation.hpp"
#include "model/infer.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <lamina/model.hpp>

#include <cmath>
#include <limits>

using namespace lamina;
using namespace lamina::model;
using Kind = ActivationKind;
using test::failure;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

std::string verdict(Op op) {
  return failure([&] { validate(Layer{"3", std::move(op)}); });
}

std::string verdict(const Network& network) {
  return failure([&] { validate(network); });
}

std::string verdict(Kind kind, std::array<double, 3> parameters) {
  return verdict(Activation{.kind = kind, .parameters = parameters});
}

BatchNorm with_variance(float variance, double eps) {
  return {.num_features = 2, .eps = eps, .running_var = Tensor(Shape{2}, {1.0f, variance})};
}

/// A Keras ReLU without max_value, a Hardtanh that clamps on one side.
bool may_be_unbounded(Kind kind, std::size_t parameter, double value) {
  if (kind == Kind::keras_relu) return parameter == 0 && value > 0;
  return kind == Kind::hardtanh && (parameter == 0) == (value < 0);
}

}  // namespace

TEST_CASE("every activation is valid with its defaults, and none with a NaN or an infinity that bounds nothing") {
  for (const ActivationInfo& row : activation_table()) {
    INFO(row.module);
    Activation activation = with_torch_defaults(row.kind);
    if (row.kind == Kind::threshold) activation.parameters = {0.1, 20};
    CHECK(verdict(activation) == "no error");
    for (std::size_t i = 0; i < row.parameters.size(); ++i) {
      for (const double bad : {kNan, -kInf, kInf, 1e39}) {
        const bool unbounded = !std::isnan(bad) && may_be_unbounded(row.kind, i, bad);
        Activation broken = activation;
        broken.parameters[i] = bad;
        INFO(row.parameters[i].name << " = " << bad);
        CHECK(verdict(broken).starts_with(unbounded ? "no error" : "invalid_argument: layer '3' ("));
      }
    }
  }
  CHECK(verdict(Kind::leaky_relu, {kNan}) ==
        "invalid_argument: layer '3' (LeakyReLU): negative_slope: expected a finite number, got nan");
}

TEST_CASE("a parameter that must be given is refused without") {
  CHECK(verdict(with_keras_defaults(Kind::threshold)) ==
        "invalid_argument: layer '3' (Threshold): threshold: expected a finite number, got nan");
}

TEST_CASE("activation parameters stay in PyTorch's and Keras's ranges") {
  const std::tuple<Kind, std::array<double, 3>, std::string> cases[] = {
      {Kind::rrelu, {0.5, 0.25}, "(RReLU): upper: expected at least lower (0.5), got 0.25"},
      {Kind::hardtanh, {1, 1}, "(Hardtanh): max_val: expected more than min_val (1.0), got 1.0"},
      {Kind::hardtanh, {1, -1}, "(Hardtanh): max_val: expected more than min_val (1.0), got -1.0"},
      {Kind::celu, {0}, "(CELU): alpha: expected not 0, got 0.0"},
      {Kind::celu, {1e-300}, "(CELU): alpha: expected not 0, got 1e-300"},
      {Kind::softplus, {0, 20}, "(Softplus): beta: expected not 0, got 0.0"},
      {Kind::gelu, {2}, "(GELU): approximate: expected 0 (none) or 1 (tanh), got 2.0"},
      {Kind::softshrink, {-0.5}, "(Softshrink): lambd: expected at least 0, got -0.5"},
      {Kind::keras_relu, {-1}, "(KerasReLU): max_value: expected at least 0, got -1.0"},
      {Kind::squareplus, {-4}, "(Squareplus): b: expected at least 0, got -4.0"},
  };
  for (const auto& [kind, parameters, text] : cases) {
    CHECK(verdict(kind, parameters) == "invalid_argument: layer '3' " + text);
  }
  CHECK(verdict(Kind::rrelu, {0.25, 0.25}) == "no error");
  CHECK(verdict(Kind::hardshrink, {-0.5}) == "no error");
  CHECK(verdict(Kind::elu, {-1}) == "no error");
}

TEST_CASE("layers without a feature are refused") {
  const std::string at = "invalid_argument: layer '3' ";
  CHECK(verdict(Linear{0, 2}) == at + "(Linear): in_features: expected at least 1, got 0");
  CHECK(verdict(Linear{2, -1}) == at + "(Linear): out_features: expected at least 1, got -1");
  CHECK(verdict(PReLU{.num_parameters = 0}) == at + "(PReLU): num_parameters: expected at least 1, got 0");
  CHECK(verdict(PReLU{.per_position = true, .alpha_shape = {4, 0}}) ==
        at + "(PReLU): alpha shape: expected sizes of at least 1, got [4, 0]");
  CHECK(verdict(BatchNorm{}) == at + "(BatchNorm1d): num_features: expected at least 1, got 0");
  CHECK(verdict(LayerNorm{}) == at + "(LayerNorm): normalized_shape: expected at least one dimension, got none");
  CHECK(verdict(LayerNorm{{3, 0}}) == at + "(LayerNorm): normalized_shape: expected sizes of at least 1, got [3, 0]");
}

TEST_CASE("normalisation needs an eps, an axis and variances that it can divide by") {
  const std::string place = "layer '3' (BatchNorm1d): ", at = "invalid_argument: " + place;
  const std::string data_at = "malformed: " + place;  // weights are no arguments
  CHECK(verdict(BatchNorm{.num_features = 2, .eps = -1e-5}) == at + "eps: expected at least 0, got -1e-05");
  CHECK(verdict(BatchNorm{.num_features = 2, .eps = kNan}) == at + "eps: expected a finite number, got nan");
  CHECK(verdict(BatchNorm{.num_features = 2, .momentum = kInf}) == at + "momentum: expected a finite number, got inf");
  CHECK(verdict(BatchNorm{.num_features = 2, .momentum = kNan}) == "no error");  // None
  CHECK(verdict(BatchNorm{.num_features = 2, .axis = 0}) ==
        at + "axis: expected a dimension of the row, got 0, the batch");
  CHECK(verdict(with_variance(-0.5f, 1)) == data_at + "running_var: expected no negative variance, got -0.5");
  CHECK(verdict(with_variance(0, 0)) == data_at + "running_var + eps: expected more than 0, got 0.0");
  CHECK(verdict(with_variance(0, 1e-5)) == "no error");
  CHECK(verdict(with_variance(-0.0f, 1e-5)) == "no error");
  CHECK(verdict(LayerNorm{{3}, kInf}) ==
        "invalid_argument: layer '3' (LayerNorm): eps: expected a finite number, got inf");
}

TEST_CASE("Dropout's probability is one; noise is a standard deviation") {
  const std::string at = "invalid_argument: layer '3' ";
  CHECK(verdict(Dropout{.p = 1.5}) == at + "(Dropout): p: expected 0 to 1, got 1.5");
  CHECK(verdict(Dropout{.p = -0.1}) == at + "(Dropout): p: expected 0 to 1, got -0.1");
  CHECK(verdict(Dropout{.p = kNan}) == at + "(Dropout): p: expected a finite number, got nan");
  CHECK(verdict(Dropout{.p = 0}) == "no error");
  CHECK(verdict(Dropout{.p = 1}) == "no error");
  CHECK(verdict(Dropout{DropoutKind::gaussian_noise, 2}) == "no error");
  CHECK(verdict(Dropout{DropoutKind::gaussian_noise, -2}) == at + "(GaussianNoise): p: expected at least 0, got -2.0");
  CHECK(verdict(Dropout{DropoutKind::activity_regularization, 7}) == "no error");
}

TEST_CASE("Softmax takes as many dimensions as its kind has a meaning for") {
  const std::string at = "invalid_argument: layer '3' ";
  CHECK(verdict(Softmax{.dims = {1, 2}}) == "no error");
  CHECK(verdict(Softmax{SoftmaxKind::log_softmax, {1, 2}}) ==
        at + "(LogSoftmax): dim: expected at most 1 dimensions, got 2");
  CHECK(verdict(Softmax{SoftmaxKind::softmax2d, {1}}) == at + "(Softmax2d): dim: expected at most 0 dimensions, got 1");
  CHECK(verdict(Softmax{.dims = std::vector<std::int64_t>(9, 1)}) ==
        at + "(Softmax): dim: expected at most 8 dimensions, got 9");
}

TEST_CASE("Reshape has sizes and at most one -1") {
  const std::string at = "invalid_argument: layer '3' (Reshape): target: expected ";
  CHECK(verdict(Reshape{{2, -1}}) == "no error");
  CHECK(verdict(Reshape{{-1, -1}}) == at + "at most one -1, got [-1, -1]");
  CHECK(verdict(Reshape{{2, 0}}) == at + "sizes of at least 1, or -1, got [2, 0]");
  CHECK(verdict(Reshape{{-2}}) == at + "sizes of at least 1, or -1, got [-2]");
  CHECK(verdict(Reshape{Shape(8, 1)}) == at + "at most 7 dimensions, got 8");
}

TEST_CASE("PReLU's init is a number") {
  CHECK(verdict(PReLU{.init = kNan}) == "invalid_argument: layer '3' (PReLU): init: expected a finite number, got nan");
}

TEST_CASE("weights that are there have the layer's shape; what they hold is theirs") {
  CHECK(verdict(Linear{2, 3, true, Tensor(Shape{2, 3})}) ==
        "shape_mismatch: layer '3' (Linear): weight: expected [3, 2], got [2, 3]");
  CHECK(verdict(Linear{2, 3, true, {}, Tensor(Shape{2})}) ==
        "shape_mismatch: layer '3' (Linear): bias: expected [3], got [2]");
  CHECK(verdict(LayerNorm{{2}, 1e-5, true, true, Tensor(Shape{1, 2})}) ==
        "shape_mismatch: layer '3' (LayerNorm): weight: expected [2], got [1, 2]");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(verdict(Linear{1, 1, false, Tensor(Shape{1, 1}, {nan})}) == "no error");
  CHECK(verdict(with_variance(nan, 1e-5)) == "no error");
}

TEST_CASE("a size beyond 64 bits names its tensor") {
  CHECK(verdict(Linear{INT64_MAX, INT64_MAX}).starts_with("limit_exceeded: layer '3' (Linear): weight: "));
}

TEST_CASE("an error inside nesting names the inner layer") {
  Network network;
  network.layers = {{"body", Sequential{{{"0", Identity{}}, {"1", Linear{0, 1}}}}}};
  const std::string expected = "invalid_argument: layer 'body.1' (Linear): in_features: expected at least 1, got 0";
  CHECK(verdict(network) == expected);
  CHECK(verdict(network.layers[0].op) ==
        "invalid_argument: layer '3.1' (Linear): in_features: expected at least 1, "
        "got 0");
}

TEST_CASE("two layers with tensors need two names, a second use of one does not") {
  Network network;
  network.layers = {{"fc", Linear{2, 2}}, {"act", Activation{}}, {"act", Activation{}}, {"fc", Linear{2, 2}}};
  CHECK(verdict(network) ==
        "invalid_argument: layer 'fc' (Linear): name: expected one of its own, got that of an earlier layer");
  network.layers[3].functional = true;
  CHECK(verdict(network) == "no error");
}

TEST_CASE("layers must fit the input shape that the file states") {
  Network network;
  network.layers = {{"0", Linear{4, 8}}, {"1", Linear{9, 2}}};
  CHECK(verdict(network) == "no error");  // the shape is a guess: compiling decides
  network.input_shape = Shape{4};
  CHECK(verdict(network) == "shape_mismatch: layer '1' (Linear): input: expected last dimension 9, got [8]");
  network.input_shape = Shape{0};
  CHECK(verdict(network) == "invalid_argument: input shape: dimensions: expected sizes of at least 1, got [0]");
  network.input_shape = Shape(8, 1);
  CHECK(verdict(network) == "limit_exceeded: input shape: dimensions: expected at most 7, got 8");
  network.input_shape = Shape{INT64_MAX, INT64_MAX, 4};
  CHECK(verdict(network).starts_with("limit_exceeded"));
}

TEST_CASE("the number of layers and their nesting have limits") {
  Network network;
  network.layers = {{"0", Sequential{{{"0", Identity{}}, {"1", Sequential{{{"0", Identity{}}}}}}}}};
  Limits limits;
  limits.layers = 4;
  limits.nesting = 2;
  CHECK(failure([&] { validate(network, limits); }) == "no error");
  limits.layers = 3;
  CHECK(failure([&] { validate(network, limits); }) == "limit_exceeded: network: layers: expected at most 3, got 4");
  limits.nesting = 1;
  CHECK(failure([&] { validate(network, limits); }) == "limit_exceeded: network: nesting: expected at most 1, got 2");
}
