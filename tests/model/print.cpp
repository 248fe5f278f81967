// What torch_repr() prints, against strings taken from PyTorch 1.13 (2.x where noted).
// SPDX-License-Identifier: Apache-2.0
#include "model/print.hpp"

#include "model/activation.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <limits>

using namespace lamina;
using namespace lamina::model;
using Kind = ActivationKind;

namespace {

std::string repr(Op op) { return torch_repr(Layer{.name = "0", .op = std::move(op)}); }

Activation make(Kind kind, std::array<double, 3> parameters, bool inplace = false) {
  return {.kind = kind, .parameters = parameters, .inplace = inplace};
}

Activation in_place(Kind kind) {
  Activation activation = with_torch_defaults(kind);
  activation.inplace = true;
  return activation;
}

}  // namespace

TEST_CASE("activations print as PyTorch prints them") {
  const std::pair<Activation, std::string> cases[] = {
      {with_torch_defaults(Kind::relu), "ReLU()"},
      {in_place(Kind::relu), "ReLU(inplace=True)"},
      {with_torch_defaults(Kind::relu6), "ReLU6()"},
      {in_place(Kind::relu6), "ReLU6(inplace=True)"},
      {with_torch_defaults(Kind::selu), "SELU()"},
      {in_place(Kind::selu), "SELU(inplace=True)"},
      {with_torch_defaults(Kind::silu), "SiLU()"},
      {in_place(Kind::silu), "SiLU(inplace=True)"},
      {with_torch_defaults(Kind::mish), "Mish()"},
      {in_place(Kind::mish), "Mish(inplace=True)"},
      {with_torch_defaults(Kind::hardsigmoid), "Hardsigmoid()"},
      {in_place(Kind::hardsigmoid), "Hardsigmoid()"},  // PyTorch takes inplace here and does not print it
      {with_torch_defaults(Kind::hardswish), "Hardswish()"},
      {in_place(Kind::hardswish), "Hardswish()"},
      {with_torch_defaults(Kind::leaky_relu), "LeakyReLU(negative_slope=0.01)"},
      {make(Kind::leaky_relu, {0.2}, true), "LeakyReLU(negative_slope=0.2, inplace=True)"},
      {make(Kind::leaky_relu, {1e-5}), "LeakyReLU(negative_slope=1e-05)"},
      {with_torch_defaults(Kind::rrelu), "RReLU(lower=0.125, upper=0.3333333333333333)"},
      {make(Kind::rrelu, {0.1, 0.3}, true), "RReLU(lower=0.1, upper=0.3, inplace=True)"},
      {with_torch_defaults(Kind::elu), "ELU(alpha=1.0)"},
      {make(Kind::elu, {0.5}, true), "ELU(alpha=0.5, inplace=True)"},
      {with_torch_defaults(Kind::celu), "CELU(alpha=1.0)"},
      {make(Kind::celu, {2.0}, true), "CELU(alpha=2.0, inplace=True)"},
      {with_torch_defaults(Kind::gelu), "GELU(approximate='none')"},
      {make(Kind::gelu, {1}), "GELU(approximate='tanh')"},
      {with_torch_defaults(Kind::sigmoid), "Sigmoid()"},
      {with_torch_defaults(Kind::tanh), "Tanh()"},
      {with_torch_defaults(Kind::softsign), "Softsign()"},
      {with_torch_defaults(Kind::log_sigmoid), "LogSigmoid()"},
      {with_torch_defaults(Kind::tanhshrink), "Tanhshrink()"},
      {with_torch_defaults(Kind::softplus), "Softplus(beta=1.0, threshold=20.0)"},  // 2.x; 1.13 has 1 and 20
      {make(Kind::softplus, {2, 10}), "Softplus(beta=2.0, threshold=10.0)"},
      {with_torch_defaults(Kind::hardtanh), "Hardtanh(min_val=-1.0, max_val=1.0)"},
      {make(Kind::hardtanh, {-2, 0.5}, true), "Hardtanh(min_val=-2.0, max_val=0.5, inplace=True)"},
      {with_torch_defaults(Kind::hardshrink), "Hardshrink(0.5)"},
      {make(Kind::hardshrink, {0.25}), "Hardshrink(0.25)"},
      {with_torch_defaults(Kind::softshrink), "Softshrink(0.5)"},
      {make(Kind::softshrink, {1.5}), "Softshrink(1.5)"},
      {make(Kind::threshold, {0.1, 20}), "Threshold(threshold=0.1, value=20.0)"},
      {make(Kind::threshold, {0.1, 20}, true), "Threshold(threshold=0.1, value=20.0, inplace=True)"},
  };
  for (const auto& [activation, text] : cases) CHECK(repr(activation) == text);
}

TEST_CASE("activations that PyTorch lacks print in its style") {
  const std::pair<Kind, std::string> cases[] = {
      {Kind::keras_relu, "KerasReLU(max_value=inf, negative_slope=0.0, threshold=0.0)"},
      {Kind::exponential, "Exponential()"},
      {Kind::squareplus, "Squareplus(b=4.0)"},
      {Kind::sparse_plus, "SparsePlus()"},
      {Kind::sparse_sigmoid, "SparseSigmoid()"},
      {Kind::hard_sigmoid_linear, "HardSigmoidLinear(alpha=0.2, beta=0.5)"},
  };
  for (const auto& [kind, text] : cases) CHECK(repr(with_torch_defaults(kind)) == text);
}

TEST_CASE("layers print as PyTorch prints them") {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const std::pair<Op, std::string> cases[] = {
      {PReLU{}, "PReLU(num_parameters=1)"},
      {PReLU{.num_parameters = 7}, "PReLU(num_parameters=7)"},
      {Glu{}, "GLU(dim=-1)"},
      {Glu{.dim = 1}, "GLU(dim=1)"},
      {Softmax{.dims = {1}}, "Softmax(dim=1)"},
      {Softmax{.dims = {-1}}, "Softmax(dim=-1)"},
      {Softmax{}, "Softmax(dim=None)"},
      {Softmax{SoftmaxKind::log_softmax, {1}}, "LogSoftmax(dim=1)"},
      {Softmax{SoftmaxKind::log_softmax, {}}, "LogSoftmax(dim=None)"},
      {Softmax{SoftmaxKind::softmin, {-1}}, "Softmin(dim=-1)"},
      {Softmax{SoftmaxKind::softmin, {}}, "Softmin(dim=None)"},
      {Softmax{SoftmaxKind::softmax2d, {}}, "Softmax2d()"},
      {Linear{784, 128}, "Linear(in_features=784, out_features=128, bias=True)"},
      {Linear{3, 1, false}, "Linear(in_features=3, out_features=1, bias=False)"},
      {BatchNorm{10}, "BatchNorm1d(10, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"},
      {BatchNorm{10, 1e-3, none, false, false},
       "BatchNorm1d(10, eps=0.001, momentum=None, affine=False, track_running_stats=True)"},
      {LayerNorm{{10}}, "LayerNorm((10,), eps=1e-05, elementwise_affine=True)"},
      {LayerNorm{{3, 5}, 1e-12, false, false}, "LayerNorm((3, 5), eps=1e-12, elementwise_affine=False)"},
      {LayerNorm{{10}, 1e-5, true, false}, "LayerNorm((10,), eps=1e-05, elementwise_affine=True)"},
      {Flatten{}, "Flatten(start_dim=1, end_dim=-1)"},
      {Flatten{2, 3}, "Flatten(start_dim=2, end_dim=3)"},
      {Identity{}, "Identity()"},
      {Dropout{}, "Dropout(p=0.5, inplace=False)"},
      {Dropout{DropoutKind::dropout, 0.2, true}, "Dropout(p=0.2, inplace=True)"},
      {Dropout{DropoutKind::dropout1d}, "Dropout1d(p=0.5, inplace=False)"},
      {Dropout{DropoutKind::dropout2d}, "Dropout2d(p=0.5, inplace=False)"},
      {Dropout{DropoutKind::dropout3d, 0.2, true}, "Dropout3d(p=0.2, inplace=True)"},
      {Dropout{DropoutKind::alpha_dropout}, "AlphaDropout(p=0.5, inplace=False)"},
      {Dropout{DropoutKind::feature_alpha_dropout, 0.2, true}, "FeatureAlphaDropout(p=0.2, inplace=True)"},
      {Sequential{}, "Sequential()"},
  };
  for (const auto& [op, text] : cases) CHECK(repr(op) == text);
}

TEST_CASE("layers that PyTorch lacks print in its style") {
  const Tensor pair(Shape{2}, {1.0f, 2.0f});
  const std::pair<Op, std::string> cases[] = {
      {PReLU{.per_position = true, .alpha_shape = {4, 3}}, "PReLU(alpha_shape=(4, 3))"},
      {Softmax{.dims = {1, 2}}, "Softmax(dim=(1, 2))"},
      {Softmax{SoftmaxKind::sparsemax, {-1}}, "Sparsemax(dim=-1)"},
      {BatchNorm{10, 1e-3, 0.99, false, true, -1},
       "BatchNorm1d(10, eps=0.001, momentum=0.99, scale=False, center=True, track_running_stats=True, axis=-1)"},
      {LayerNorm{{10}, 1e-3, false, true}, "LayerNorm((10,), eps=0.001, scale=False, center=True)"},
      {Reshape{{2, -1}}, "Reshape(target=(2, -1))"},
      {Affine{pair, {}, {}, false}, "Affine(divide=False, shift=(2,))"},
      {Affine{{}, pair, pair, true}, "Affine(divide=True, scale=(2,), offset=(2,))"},
      {UnitNorm{}, "UnitNorm()"},
      {Dropout{DropoutKind::gaussian_noise, 0.1}, "GaussianNoise(p=0.1, inplace=False)"},
      {Dropout{DropoutKind::gaussian_dropout}, "GaussianDropout(p=0.5, inplace=False)"},
      {Dropout{DropoutKind::spatial_dropout1d}, "SpatialDropout1D(p=0.5, inplace=False)"},
      {Dropout{DropoutKind::spatial_dropout2d}, "SpatialDropout2D(p=0.5, inplace=False)"},
      {Dropout{DropoutKind::spatial_dropout3d}, "SpatialDropout3D(p=0.5, inplace=False)"},
      {Dropout{DropoutKind::activity_regularization, 0}, "ActivityRegularization(p=0.0, inplace=False)"},
  };
  for (const auto& [op, text] : cases) CHECK(repr(op) == text);
}

TEST_CASE("a Sequential prints as in PyTorch") {
  Network network;
  network.layers = {{"0", Linear{784, 128}},
                    {"1", with_torch_defaults(Kind::relu)},
                    {"2", Dropout{.p = 0.2}},
                    {"3", Linear{128, 10}},
                    {"4", Softmax{.dims = {1}}}};
  CHECK(torch_repr(network) ==
        "Sequential(\n"
        "  (0): Linear(in_features=784, out_features=128, bias=True)\n"
        "  (1): ReLU()\n"
        "  (2): Dropout(p=0.2, inplace=False)\n"
        "  (3): Linear(in_features=128, out_features=10, bias=True)\n"
        "  (4): Softmax(dim=1)\n"
        ")");
}

TEST_CASE("a class prints its name and leaves out what forward() calls") {
  Network network;
  network.root_class = "PyTorchCustomModel";
  network.layers = {{"fc1", Linear{784, 128}},
                    {.name = "relu", .op = with_torch_defaults(Kind::relu), .functional = true},
                    {"dropout", Dropout{.p = 0.2}},
                    {"fc2", Linear{128, 10}},
                    {.name = "softmax", .op = Softmax{.dims = {1}}, .functional = true}};
  CHECK(torch_repr(network) ==
        "PyTorchCustomModel(\n"
        "  (fc1): Linear(in_features=784, out_features=128, bias=True)\n"
        "  (dropout): Dropout(p=0.2, inplace=False)\n"
        "  (fc2): Linear(in_features=128, out_features=10, bias=True)\n"
        ")");
  network.layers = {{.name = "relu", .op = with_torch_defaults(Kind::relu), .functional = true}};
  CHECK(torch_repr(network) == "PyTorchCustomModel()");
}

TEST_CASE("nested Sequential layers are indented, empty ones stay on their line") {
  Network network;
  const Sequential inner{{{"0", with_torch_defaults(Kind::tanh)}}};
  network.layers = {{"body", Sequential{{{"0", Linear{2, 3}}, {"1", inner}, {"2", Sequential{}}}}},
                    {"head", Linear{3, 1}}};
  const std::string body =
      "Sequential(\n"
      "    (0): Linear(in_features=2, out_features=3, bias=True)\n"
      "    (1): Sequential(\n"
      "      (0): Tanh()\n"
      "    )\n"
      "    (2): Sequential()\n"
      "  )";
  CHECK(torch_repr(network) ==
        "Sequential(\n  (body): " + body + "\n  (head): Linear(in_features=3, out_features=1, bias=True)\n)");
  CHECK(torch_repr(Layer{"1", inner}) == "Sequential(\n  (0): Tanh()\n)");
}

TEST_CASE("numbers print as in Python") {
  const double inf = std::numeric_limits<double>::infinity();
  const std::pair<double, std::string> cases[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {0.1, "0.1"},
      {1.0 / 3, "0.3333333333333333"},
      {1e-5, "1e-05"},
      {1e-4, "0.0001"},
      {0.0001234, "0.0001234"},
      {123456789.0, "123456789.0"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {1.5e16, "1.5e+16"},
      {1e22, "1e+22"},
      {1e-300, "1e-300"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {-2.5, "-2.5"},
      {9007199254740993.0, "9007199254740992.0"},
      {12345678901234567.0, "1.2345678901234568e+16"},
      {inf, "inf"},
      {-inf, "-inf"},
      {std::nan(""), "nan"},
  };
  for (const auto& [value, text] : cases) CHECK(python_float(value) == text);
}

TEST_CASE("a place names the layer and its class, whatever its name holds") {
  CHECK(place({"fc1", Linear{2, 3}}) == "layer 'fc1' (Linear)");
  CHECK(place({"a\nb", Identity{}}).find('\n') == std::string::npos);
}
