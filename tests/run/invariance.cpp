// Promise 1: the same row gives the same bits in any batch, at any position, with any number of threads, fused or not,
// on every instruction set with fma.
// SPDX-License-Identifier: Apache-2.0
#include "model/activation.hpp"
#include "model/network.hpp"
#include "support/catch.hpp"

#include <lamina/lamina.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

using namespace lamina;

namespace {

bool same_bits(std::span<const float> a, std::span<const float> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::memcmp(&a[i], &b[i], sizeof(float)) != 0) return false;
  }
  return a.size() == b.size();
}

std::vector<float> rows_with_specials(std::size_t rows, std::size_t size) {
  std::mt19937 engine(42);
  std::normal_distribution<float> normal(0.0f, 2.0f);
  std::vector<float> x(rows * size);
  for (float& v : x) v = normal(engine);
  const float specials[] = {std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN(),
                            1e-42f,
                            -0.0f,
                            0.0f,
                            1e30f,
                            -1e30f};
  for (std::size_t i = 0; i < std::size(specials) && i * 5 < rows; ++i) x[i * 5 * size + i % size] = specials[i];
  return x;
}

// ThreadSanitizer makes kernels some thirty times slower: fewer rows, every batch size still.
#if defined(__SANITIZE_THREAD__)
constexpr std::size_t kRows = 101;
constexpr std::size_t kManyRows = 400;
#else
constexpr std::size_t kRows = 203;
constexpr std::size_t kManyRows = 3000;
#endif

struct Case {
  std::string name;
  Model model;
};

Model with_layer(model::Op op) {
  model::Network network;
  network.layers.push_back({"0", model::Linear{19, 37}});
  network.layers.push_back({"1", std::move(op)});
  network.layers.push_back({"2", model::Linear{37, 5}});
  Model model(network);
  model.randomize(3);
  return model;
}

/// A net around each activation and layer, and the six networks of the benchmark in small.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const model::ActivationInfo& info : model::activation_table()) {
    model::Activation activation = model::with_torch_defaults(info.kind);
    for (double& p : activation.parameters) {
      if (std::isnan(p)) p = 0.5;
    }
    all.push_back({std::string(info.module), with_layer(activation)});
  }
  for (const auto kind : {model::SoftmaxKind::softmax, model::SoftmaxKind::log_softmax, model::SoftmaxKind::softmin,
                          model::SoftmaxKind::sparsemax}) {
    all.push_back({"softmax kind", with_layer(model::Softmax{kind, {-1}})});
  }
  all.push_back({"prelu", with_layer(model::PReLU{})});
  all.push_back({"unit norm", with_layer(model::UnitNorm{})});
  model::LayerNorm layer_norm;
  layer_norm.normalized_shape = {37};
  all.push_back({"layer norm", with_layer(layer_norm)});
  const auto net = [&](std::string name, Model model) {
    model.randomize(7);
    all.push_back({std::move(name), std::move(model)});
  };
  net("seed", Sequential{Linear(79, 128), ReLU(), Dropout(0.2), Linear(128, 10), Softmax(1)});
  net("tab", Sequential{Linear(32, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 1), Sigmoid()});
  net("rl", Sequential{Linear(64, 256), Tanh(), Linear(256, 256), Tanh(), Linear(256, 8), Tanh()});
  net("nerf", Sequential{Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 16)});
  net("odd", Sequential{Linear(33, 77), GELU(), Linear(77, 5)});
  net("wide", Sequential{Linear(50, 1000), ELU(), Linear(1000, 3), LogSoftmax(1)});
  return all;
}

std::vector<float> run(const Plan& plan, std::span<const float> x) {
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  Workspace workspace = plan.workspace();
  plan.run(x, y, workspace);
  return y;
}

}  // namespace

TEST_CASE("one row, one answer: batch size, position and threads change no bit") {
  for (const Isa isa : system_info().instruction_sets) {
    for (const Case& c : cases()) {
      CAPTURE(c.name, to_string(isa));
      const Plan plan = c.model.compile({.isa = isa});
      const std::size_t rows = kRows, in = plan.input_size(), out = plan.output_size();
      const std::vector<float> x = rows_with_specials(rows, in);
      const std::vector<float> whole = run(plan, x);
      Workspace workspace = plan.workspace();
      for (const std::size_t batch : {1u, 2u, 3u, 5u, 6u, 7u, 12u, 13u, 64u, 100u}) {
        for (std::size_t begin = 0; begin + batch <= rows; begin += batch) {
          std::vector<float> y(batch * out);
          plan.run(std::span(x).subspan(begin * in, batch * in), y, workspace);
          REQUIRE(same_bits(y, std::span(whole).subspan(begin * out, batch * out)));
        }
      }
      for (const int threads : {2, 3, 4})
        REQUIRE(same_bits(run(c.model.compile({.threads = threads, .isa = isa}), x), whole));
    }
  }
}

TEST_CASE("large batches really run on several threads, with the same bits") {
  Model model = Sequential{Linear(64, 256), ReLU(), Linear(256, 256), ReLU(), Linear(256, 8)};
  model.randomize(1);
  const std::vector<float> x = rows_with_specials(kManyRows, 64);
  const std::vector<float> one = run(model.compile(), x);
  for (const int threads : {2, 3, 4}) REQUIRE(same_bits(run(model.compile({.threads = threads}), x), one));
}

TEST_CASE("fusion changes no bit") {
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    const Plan fused = c.model.compile(), plain = c.model.compile({.fuse = false});
    REQUIRE(plain.steps().size() >= fused.steps().size());
    const std::vector<float> x = rows_with_specials(50, fused.input_size());
    REQUIRE(same_bits(run(fused, x), run(plain, x)));
  }
}

TEST_CASE("every instruction set with fma gives the same bits") {
  std::vector<Isa> fused;
  for (const Isa isa : system_info().instruction_sets) {
    if (isa != Isa::sse4) fused.push_back(isa);
  }
  if (fused.size() < 2) {
    WARN("this CPU has only one instruction set with fma: nothing to compare");
    return;
  }
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    const std::vector<float> x = rows_with_specials(61, c.model.compile().input_size());
    REQUIRE(same_bits(run(c.model.compile({.isa = fused[0]}), x), run(c.model.compile({.isa = fused[1]}), x)));
  }
}
