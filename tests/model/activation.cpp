// The table of activations: every name finds its kind, every default is the framework's.
// SPDX-License-Identifier: Apache-2.0
#include "model/activation.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <string>

using namespace lamina::model;
using Kind = ActivationKind;

TEST_CASE("every kind has one row, whose names are its own") {
  REQUIRE(activation_table().size() == kActivationCount);
  std::set<std::string_view> modules, functionals;
  for (const ActivationInfo& row : activation_table()) {
    CHECK(&info(row.kind) == &row);
    CHECK(find_module(row.module) == &row);
    CHECK(find_functional(row.functional) == &row);
    if (!row.keras.empty()) CHECK(find_keras(row.keras) == &row);
    CHECK(modules.insert(row.module).second);
    CHECK(functionals.insert(row.functional).second);
    CHECK(row.parameters.size() <= 3);
  }
}

TEST_CASE("Keras names lead to the kind with that formula") {
  const std::pair<std::string_view, Kind> cases[] = {
      {"relu", Kind::relu},
      {"relu6", Kind::relu6},
      {"leaky_relu", Kind::leaky_relu},
      {"elu", Kind::elu},
      {"selu", Kind::selu},
      {"celu", Kind::celu},
      {"gelu", Kind::gelu},
      {"silu", Kind::silu},
      {"swish", Kind::silu},
      {"hard_silu", Kind::hardswish},
      {"hard_swish", Kind::hardswish},
      {"hard_tanh", Kind::hardtanh},
      {"tanh_shrink", Kind::tanhshrink},
      {"hard_shrink", Kind::hardshrink},
      {"soft_shrink", Kind::softshrink},
      {"threshold", Kind::threshold},
      {"softplus", Kind::softplus},
      {"softsign", Kind::softsign},
      {"squareplus", Kind::squareplus},
      {"sparse_plus", Kind::sparse_plus},
      {"sparse_sigmoid", Kind::sparse_sigmoid},
      {"sigmoid", Kind::sigmoid},
      {"tanh", Kind::tanh},
      {"exponential", Kind::exponential},
      {"log_sigmoid", Kind::log_sigmoid},
      {"mish", Kind::mish},
  };
  for (const auto& [name, kind] : cases) {
    INFO(name);
    REQUIRE(find_keras(name) != nullptr);
    CHECK(find_keras(name)->kind == kind);
  }
}

TEST_CASE("names that mean two things, or none, are not found") {
  CHECK(find_keras("hard_sigmoid") == nullptr);  // Keras 2 and 3 differ
  CHECK(find_keras("softmax") == nullptr);       // no elementwise activation
  CHECK(find_keras("linear") == nullptr);
  CHECK(find_keras("ReLU") == nullptr);
  CHECK(find_keras("") == nullptr);
  CHECK(find_module("") == nullptr);
  CHECK(find_module("relu") == nullptr);
  CHECK(find_module("Softmax") == nullptr);
  CHECK(find_functional("ReLU") == nullptr);
}

TEST_CASE("defaults are PyTorch's") {
  using P = std::array<double, 3>;
  CHECK(with_torch_defaults(Kind::leaky_relu).parameters == P{0.01});
  CHECK(with_torch_defaults(Kind::rrelu).parameters == P{1.0 / 8, 1.0 / 3});
  CHECK(with_torch_defaults(Kind::elu).parameters == P{1.0});
  CHECK(with_torch_defaults(Kind::celu).parameters == P{1.0});
  CHECK(with_torch_defaults(Kind::gelu).parameters == P{0.0});
  CHECK(with_torch_defaults(Kind::softplus).parameters == P{1.0, 20.0});
  CHECK(with_torch_defaults(Kind::hardtanh).parameters == P{-1.0, 1.0});
  CHECK(with_torch_defaults(Kind::hardshrink).parameters == P{0.5});
  CHECK(with_torch_defaults(Kind::softshrink).parameters == P{0.5});
  CHECK(with_torch_defaults(Kind::keras_relu).parameters == P{std::numeric_limits<double>::infinity()});
  CHECK(with_torch_defaults(Kind::squareplus).parameters == P{4.0});
  CHECK(with_torch_defaults(Kind::hard_sigmoid_linear).parameters == P{0.2, 0.5});
  CHECK(std::isnan(with_torch_defaults(Kind::threshold).parameters[0]));  // must be given
  CHECK_FALSE(with_torch_defaults(Kind::relu).inplace);
}

TEST_CASE("where Keras's default differs it is Keras's") {
  CHECK(with_keras_defaults(Kind::leaky_relu).parameters[0] == 0.2);
  CHECK(with_keras_defaults(Kind::gelu).parameters[0] == 0.0);  // exact, as the string "gelu" is
  CHECK(std::isnan(with_keras_defaults(Kind::threshold).parameters[1]));
  CHECK(info(Kind::hardshrink).parameters[0].keras_name == "threshold");
  CHECK(info(Kind::threshold).parameters[1].keras_name == "default_value");
}

TEST_CASE("inplace is an argument of exactly these modules of PyTorch") {
  const std::set<std::string_view> taking = {"ReLU",      "ReLU6",       "LeakyReLU", "RReLU", "ELU",
                                             "SELU",      "CELU",        "SiLU",      "Mish",  "Hardtanh",
                                             "Threshold", "Hardsigmoid", "Hardswish"};
  for (const ActivationInfo& row : activation_table()) {
    INFO(row.module);
    CHECK(row.takes_inplace == taking.contains(row.module));
    CHECK(row.has_inplace == (row.takes_inplace && row.kind != Kind::hardsigmoid && row.kind != Kind::hardswish));
  }
}
