// A folded BatchNorm gives the numbers of the two layers, and is left alone where it could not.
// SPDX-License-Identifier: Apache-2.0
#include "pass/chain.hpp"
#include "pass/pass.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <random>

using namespace lamina;
using namespace lamina::model;
using test::chain;
using test::names;
using Names = std::vector<std::string>;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

Tensor random_tensor(Shape shape, float low, float high, unsigned seed) {
  std::mt19937 engine(seed);
  Tensor tensor(std::move(shape));
  for (float& value : tensor.mutable_values()) {
    value = low + (high - low) * static_cast<float>(engine() >> 8) * 0x1p-24f;
  }
  return tensor;
}

Linear random_linear(std::int64_t in, std::int64_t out, bool bias, unsigned seed) {
  Linear linear{in, out, bias, random_tensor({out, in}, -1, 1, seed)};
  if (bias) linear.bias = random_tensor({out}, -1, 1, seed + 1);
  return linear;
}

BatchNorm random_norm(std::int64_t n, unsigned seed) {
  return {.num_features = n,
          .weight = random_tensor({n}, -2, 2, seed),
          .bias = random_tensor({n}, -1, 1, seed + 1),
          .running_mean = random_tensor({n}, -3, 3, seed + 2),
          .running_var = random_tensor({n}, 0.01f, 4, seed + 3)};
}

using Row = std::vector<double>;

/// The oracle: each layer on its own, in double.
Row evaluate(const Layer& layer, const Row& x) {
  if (const auto* linear = std::get_if<Linear>(&layer.op)) {
    Row y(static_cast<std::size_t>(linear->out_features));
    for (std::size_t n = 0; n < y.size(); ++n) {
      y[n] = linear->has_bias ? linear->bias.data()[n] : 0;
      for (std::size_t k = 0; k < x.size(); ++k) y[n] += double{linear->weight.data()[n * x.size() + k]} * x[k];
    }
    return y;
  }
  const auto& norm = std::get<BatchNorm>(layer.op);
  Row y = x;
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = (x[i] - norm.running_mean.data()[i]) / std::sqrt(double{norm.running_var.data()[i]} + norm.eps);
    if (norm.has_weight) y[i] *= norm.weight.data()[i];
    if (norm.has_bias) y[i] += norm.bias.data()[i];
  }
  return y;
}

Row evaluate(const Network& network, Row x) {
  for (const Layer& layer : network.layers) x = evaluate(layer, x);
  return x;
}

/// Folded weights are rounded once, by 2^-24 of terms that reach about 60: a sum of nine moves by some 3e-5.
void check_same(const Network& network, const Network& folded) {
  const auto& first = network.layers[0].op;
  const std::size_t inputs = std::holds_alternative<Linear>(first)
                                 ? static_cast<std::size_t>(std::get<Linear>(first).in_features)
                                 : static_cast<std::size_t>(std::get<BatchNorm>(first).num_features);
  std::mt19937 engine(7);
  for (int row = 0; row < 20; ++row) {
    Row x(inputs);
    for (double& value : x) value = static_cast<double>(engine()) * 0x1p-31 - 1;
    const Row expected = evaluate(network, x), actual = evaluate(folded, x);
    REQUIRE(actual.size() == expected.size());
    for (std::size_t n = 0; n < expected.size(); ++n) {
      CHECK(actual[n] == Approx(expected[n]).margin(1e-4).epsilon(1e-6));
    }
  }
}

Names folded_names(std::vector<Op> ops, std::optional<Shape> input = {}) {
  Network network = chain(std::move(ops));
  network.input_shape = std::move(input);
  return names(pass::fold_batchnorm(std::move(network)));
}

}  // namespace

TEST_CASE("BatchNorm after a Linear folds into its outputs") {
  for (const bool bias : {true, false}) {
    const Network network = chain({random_linear(9, 5, bias, 1), random_norm(5, 2)});
    const Network folded = pass::fold_batchnorm(network);
    REQUIRE(names(folded) == Names{"0+1"});
    CHECK(std::get<Linear>(folded.layers[0].op).has_bias);
    check_same(network, folded);
  }
}

TEST_CASE("BatchNorm before a Linear folds into its inputs") {
  for (const bool bias : {true, false}) {
    const Network network = chain({random_norm(9, 1), random_linear(9, 5, bias, 2)});
    const Network folded = pass::fold_batchnorm(network);
    REQUIRE(names(folded) == Names{"1+0"});
    CHECK(std::get<Linear>(folded.layers[0].op).has_bias);
    check_same(network, folded);
  }
}

TEST_CASE("BatchNorm without weight or bias folds as well") {
  BatchNorm plain = random_norm(4, 3);
  plain.has_weight = plain.has_bias = false;
  plain.weight = plain.bias = Tensor();
  for (const Network& network :
       {chain({random_linear(3, 4, true, 5), plain}), chain({plain, random_linear(4, 3, true, 5)})}) {
    const Network folded = pass::fold_batchnorm(network);
    REQUIRE(folded.layers.size() == 1);
    check_same(network, folded);
  }
}

TEST_CASE("a whole chain of norms folds, one Linear taking those on both sides") {
  const Network network = chain({random_norm(3, 1), random_norm(3, 2), random_linear(3, 4, true, 3), random_norm(4, 4),
                                 random_norm(4, 5), random_linear(4, 2, false, 6)});
  const Network folded = pass::fold_batchnorm(network);
  CHECK(names(folded) == Names{"2+0+1+3+4", "5"});
  check_same(network, folded);
}

TEST_CASE("the axis may count from the end") {
  BatchNorm norm = random_norm(4, 3);
  norm.axis = -1;
  CHECK(folded_names({random_linear(3, 4, true, 5), norm}) == Names{"0+1"});
}

TEST_CASE("a row that is no vector is left alone, whatever the sizes suggest") {
  // Both dimensions are 4: the BatchNorm is over the first, the Linear over the last.
  CHECK(folded_names({random_linear(4, 4, true, 1), random_norm(4, 2)}, Shape{4, 4}) == Names{"0", "1"});
  CHECK(folded_names({random_norm(4, 2), random_linear(4, 4, true, 1)}, Shape{4, 4}) == Names{"0", "1"});
}

TEST_CASE("a rank that is not known, or layers that do not fit, are left alone") {
  CHECK(folded_names({Reshape{{-1}}, random_linear(4, 4, true, 1), random_norm(4, 2)}) == Names{"0", "1", "2"});
  CHECK(folded_names({random_linear(4, 4, true, 1), random_norm(3, 2)}) == Names{"0", "1"});
}

TEST_CASE("layers between, an epilogue and layers without weights stop it") {
  CHECK(folded_names({random_linear(4, 4, true, 1), Activation{}, random_norm(4, 2)}) == Names{"0", "1", "2"});
  CHECK(folded_names({Linear{4, 4}, random_norm(4, 2)}) == Names{"0", "1"});
  CHECK(folded_names({random_linear(4, 4, true, 1), BatchNorm{.num_features = 4}}) == Names{"0", "1"});
  CHECK(folded_names({random_linear(4, 4, true, 1), LayerNorm{{4}}}) == Names{"0", "1"});
  Network network = chain({random_linear(4, 4, true, 1), random_norm(4, 2)});
  network.layers[0].epilogue = Activation{};
  CHECK(names(pass::fold_batchnorm(network)) == Names{"0", "1"});
}

TEST_CASE("folding never makes a number infinite, nor hides one that is") {
  BatchNorm huge = random_norm(4, 2);
  huge.weight = Tensor(Shape{4}, {1e38f, 1, 1, 1});
  huge.running_var = Tensor(Shape{4}, {1e-10f, 1, 1, 1});
  CHECK(folded_names({random_linear(4, 4, true, 1), huge}) == Names{"0", "1"});
  CHECK(folded_names({huge, random_linear(4, 4, true, 1)}) == Names{"0", "1"});
  BatchNorm infinite = random_norm(4, 2);
  infinite.running_var = Tensor(Shape{4}, {kInf, 1, 1, 1});  // would fold to a weight of 0
  CHECK(folded_names({random_linear(4, 4, true, 1), infinite}) == Names{"0", "1"});
  Linear unbounded = random_linear(4, 4, true, 1);
  unbounded.weight.mutable_values()[5] = kInf;
  CHECK(folded_names({unbounded, random_norm(4, 2)}) == Names{"0", "1"});
}

TEST_CASE("a mean far from zero stays a subtraction before a Linear, which would cancel") {
  BatchNorm year = random_norm(2, 1);
  year.running_mean = Tensor(Shape{2}, {2000, 0});
  year.running_var = Tensor(Shape{2}, {100, 1});
  CHECK(folded_names({year, random_linear(2, 2, true, 1)}) == Names{"0", "1"});
  CHECK(folded_names({random_linear(2, 2, true, 1), year}) == Names{"0+1"});  // the Linear has rounded already
}

TEST_CASE("the network's own weights are not written to") {
  const Network network = chain({random_linear(3, 3, true, 1), random_norm(3, 2)});
  const Network copy = network;
  (void)pass::fold_batchnorm(network);
  CHECK(std::get<Linear>(network.layers[0].op).weight == random_linear(3, 3, true, 1).weight);
  CHECK(network == copy);
}
