// Every kind of layer through compile and run -> compared with a scalar double oracle written here.
// SPDX-License-Identifier: Apache-2.0
#include "model/network.hpp"
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <cmath>
#include <random>

using namespace lamina;

namespace {

std::vector<float> random_floats(std::size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& v : values) v = normal(engine);
  return values;
}

std::vector<float> run(const Model& model, const std::vector<float>& x, const CompileOptions& options = {}) {
  const Plan plan = model.compile(options);
  const std::size_t rows = x.size() / plan.input_size();
  std::vector<float> y(rows * plan.output_size());
  Workspace workspace = plan.workspace(rows);
  plan.run(x, y, workspace);
  return y;
}

Model one_layer(model::Op op, std::optional<Shape> input) {
  model::Network network;
  network.layers.push_back({"only", std::move(op)});
  network.input_shape = std::move(input);
  return Model(network);
}

}  // namespace

TEST_CASE("a Linear acts on the last of several dimensions") {
  Model model = Sequential{Linear(5, 3), Tanh(), Linear(3, 2)};
  model.randomize(1);
  const std::vector<float> x = random_floats(4 * 6 * 5, 2);
  // As rows of shape [6, 5] and as six times as many rows of shape [5]: the same bits.
  REQUIRE(run(model, x, {.input_shape = Shape{6, 5}}) == run(model, x));
}

TEST_CASE("Flatten joins the dimensions of a row without a step") {
  Model flat = Sequential{Linear(12, 3)}, shaped = Sequential{Flatten(), Linear(12, 3)};
  flat.randomize(4);
  shaped.randomize(4);
  const std::vector<float> x = random_floats(24, 1);
  const Plan plan = shaped.compile({.input_shape = Shape{3, 4}});
  REQUIRE(plan.steps().size() == 1);
  REQUIRE(run(shaped, x, {.input_shape = Shape{3, 4}}) == run(flat, x));
}

TEST_CASE("softmax works over each dimension") {
  const std::vector<float> x = random_floats(2 * 3 * 4 * 5, 7);
  const Shape full{2, 3, 4, 5};
  for (int dim = -4; dim < 4; ++dim) {
    const auto axis = static_cast<std::size_t>(dim < 0 ? dim + 4 : dim);
    std::size_t inner = 1;
    for (std::size_t d = axis + 1; d < 4; ++d) inner *= static_cast<std::size_t>(full[d]);
    const auto extent = static_cast<std::size_t>(full[axis]);
    const std::vector<float> y = run(one_layer(model::Softmax{model::SoftmaxKind::softmax, {dim}}, Shape{3, 4, 5}), x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t first = i - i / inner % extent * inner;
      double sum = 0;
      for (std::size_t j = 0; j < extent; ++j) sum += std::exp(static_cast<double>(x[first + j * inner]));
      REQUIRE(y[i] == Approx(std::exp(static_cast<double>(x[i])) / sum).epsilon(1e-6));
    }
  }
}

TEST_CASE("softmax over the batch couples rows, and says so") {
  const Model model = one_layer(model::Softmax{model::SoftmaxKind::softmax, {0}}, Shape{3});
  const Plan plan = model.compile();
  REQUIRE(plan.batch_coupled());
  const Model wide = [] {
    Model m = Sequential{Linear(3, 2), Softmax(0), Linear(2, 2)};
    m.randomize(1);
    return m;
  }();
  const Plan coupled = wide.compile({.threads = 2});
  REQUIRE(coupled.batch_coupled());
  REQUIRE_THROWS_AS(coupled.workspace(), Error);
  REQUIRE_NOTHROW(coupled.workspace(10));
}

TEST_CASE("PReLU has one weight, one per channel or one per position") {
  const std::vector<float> x = random_floats(2 * 3 * 4, 9);
  const Tensor per_channel(Shape{3}, {0.1f, 0.2f, 0.3f});
  model::PReLU channel;
  channel.num_parameters = 3;
  channel.weight = per_channel;
  const std::vector<float> y = run(one_layer(channel, Shape{3, 4}), x);
  model::PReLU position;
  position.per_position = true;
  position.alpha_shape = Shape{1, 4};
  position.weight = Tensor(Shape{1, 4}, {0.5f, 0.6f, 0.7f, 0.8f});
  const std::vector<float> z = run(one_layer(position, Shape{3, 4}), x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    REQUIRE(y[i] == (x[i] > 0 ? x[i] : per_channel.values()[i / 4 % 3] * x[i]));
    REQUIRE(z[i] == (x[i] > 0 ? x[i] : position.weight.values()[i % 4] * x[i]));
  }
}

TEST_CASE("BatchNorm alone follows its formula over its dimension") {
  model::BatchNorm norm;
  norm.num_features = 3;
  norm.running_mean = Tensor(Shape{3}, {0.5f, -1.0f, 2.0f});
  norm.running_var = Tensor(Shape{3}, {0.25f, 4.0f, 1.5f});
  norm.weight = Tensor(Shape{3}, {1.0f, 2.0f, -0.5f});
  norm.bias = Tensor(Shape{3}, {0.0f, 0.1f, 0.2f});
  const std::vector<float> x = random_floats(5 * 3 * 4, 3);
  const std::vector<float> y = run(one_layer(norm, Shape{3, 4}), x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i / 4 % 3;
    const double expected = (static_cast<double>(x[i]) - norm.running_mean.values()[c]) /
                                std::sqrt(static_cast<double>(norm.running_var.values()[c]) + norm.eps) *
                                norm.weight.values()[c] +
                            norm.bias.values()[c];
    REQUIRE(y[i] == Approx(expected).epsilon(1e-6).margin(1e-6));
  }
}

TEST_CASE("GLU halves its dimension") {
  const std::vector<float> x = random_floats(2 * 4 * 3, 5);
  const std::vector<float> y = run(one_layer(model::Glu{1}, Shape{4, 3}), x);
  REQUIRE(y.size() == 12);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t i = 0; i < 6; ++i) {
      const double a = x[row * 12 + i], b = x[row * 12 + 6 + i];
      REQUIRE(y[row * 6 + i] == Approx(a / (1 + std::exp(-b))).epsilon(1e-6));
    }
  }
}

TEST_CASE("LayerNorm, Affine and UnitNorm follow their formulas") {
  const std::vector<float> x = random_floats(3 * 2 * 5, 6);
  model::LayerNorm norm;
  norm.normalized_shape = Shape{5};
  norm.weight = Tensor(Shape{5}, {1, 2, 3, 4, 5});
  norm.bias = Tensor(Shape{5}, {0, 1, 0, -1, 0});
  const std::vector<float> y = run(one_layer(norm, Shape{2, 5}), x);
  const std::vector<float> unit = run(one_layer(model::UnitNorm{}, Shape{2, 5}), x);
  model::Affine affine;
  affine.shift = Tensor(Shape{5}, {1, 2, 3, 4, 5});
  affine.scale = Tensor(Shape{1}, {0.5f});
  const std::vector<float> z = run(one_layer(affine, Shape{2, 5}), x);
  for (std::size_t v = 0; v < 6; ++v) {
    double mean = 0, variance = 0, square = 0;
    for (std::size_t i = 0; i < 5; ++i) mean += x[v * 5 + i] / 5.0;
    for (std::size_t i = 0; i < 5; ++i) variance += (x[v * 5 + i] - mean) * (x[v * 5 + i] - mean) / 5.0;
    for (std::size_t i = 0; i < 5; ++i) square += static_cast<double>(x[v * 5 + i]) * x[v * 5 + i];
    for (std::size_t i = 0; i < 5; ++i) {
      const double normal = (x[v * 5 + i] - mean) / std::sqrt(variance + 1e-5);
      REQUIRE(y[v * 5 + i] ==
              Approx(normal * norm.weight.values()[i] + norm.bias.values()[i]).epsilon(1e-5).margin(1e-5));
      REQUIRE(unit[v * 5 + i] == Approx(x[v * 5 + i] / std::sqrt(square)).epsilon(1e-6));
      REQUIRE(z[v * 5 + i] == (x[v * 5 + i] - affine.shift.values()[i]) * 0.5f);
    }
  }
}

TEST_CASE("what a plan needs and does not have is an error that names the layer") {
  const auto code = [](const Model& model, const CompileOptions& options = {}) {
    try {
      (void)model.compile(options);
    } catch (const Error& error) {
      return error.code();
    }
    return Errc::internal;
  };
  REQUIRE(code(Sequential{Linear(3, 4)}) == Errc::missing_weight);
  REQUIRE(code(Sequential{ReLU()}) == Errc::invalid_argument);
  REQUIRE(code(Sequential{ReLU()}, {.threads = -1, .input_shape = Shape{3}}) == Errc::invalid_argument);
  REQUIRE(code(Sequential{ReLU()}, {.input_shape = Shape{0}}) == Errc::invalid_argument);
  Model chain = Sequential{Linear(3, 4), Linear(5, 6)};
  chain.randomize(1);
  REQUIRE(code(chain) == Errc::shape_mismatch);
}
