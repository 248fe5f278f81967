// The passes together, and marking in place.
// SPDX-License-Identifier: Apache-2.0
#include "model/activation.hpp"
#include "pass/chain.hpp"
#include "pass/pass.hpp"
#include "support/catch.hpp"

using namespace lamina;
using namespace lamina::model;
using test::chain;
using test::names;
using Names = std::vector<std::string>;

namespace {

const Activation kRelu = with_torch_defaults(ActivationKind::relu);

BatchNorm unit_norm(std::int64_t features) {
  return {.num_features = features,
          .has_weight = false,
          .has_bias = false,
          .running_mean = Tensor(Shape{features}),
          .running_var = Tensor(Shape{features}, std::vector<float>(static_cast<std::size_t>(features), 1.0f))};
}

}  // namespace

TEST_CASE("the order is data, and only folding changes bits") {
  Names order, rounding;
  for (const pass::Pass& pass : pass::passes()) {
    order.emplace_back(pass.name);
    if (pass.changes_bits) rounding.emplace_back(pass.name);
  }
  CHECK(order == Names{"drop_identity", "fold_batchnorm", "fuse_activation", "mark_in_place"});
  CHECK(rounding == Names{"fold_batchnorm"});
}

TEST_CASE("passes open the way for each other") {
  const Linear linear{2, 2, false, Tensor(Shape{2, 2}, {1, 2, 3, 4})};
  const Network network =
      pass::run_passes(chain({linear, Dropout{}, unit_norm(2), Identity{}, kRelu, Linear{2, 1}}), true);
  CHECK(names(network) == Names{"0+1+2+3+4", "5"});
  CHECK(network.layers[0].epilogue);
}

TEST_CASE("without fusion a network is flattened and nothing else") {
  Network network = chain({Sequential{{{"a", Linear{2, 2}}, {"b", Sequential{{{"c", kRelu}}}}}}, Dropout{}});
  const Network flat = pass::run_passes(network, false);
  CHECK(names(flat) == Names{"0.a", "0.b.c", "1"});
  for (const Layer& layer : flat.layers) {
    CHECK_FALSE(layer.epilogue);
    CHECK_FALSE(layer.in_place);
  }
  CHECK(names(pass::run_passes(network, true)) == Names{"0.a+0.b.c+1"});
}

TEST_CASE("passes leave the network that they were given alone") {
  const Network network = chain({Linear{2, 2, false, Tensor(Shape{2, 2}, {1, 2, 3, 4})}, unit_norm(2), kRelu});
  const Network copy = network;
  (void)pass::run_passes(network, true);
  CHECK(copy == network);
  CHECK(names(network) == Names{"0", "1", "2"});
}

TEST_CASE("layers that give one number per number are marked in place, others not") {
  const std::pair<Op, bool> cases[] = {
      {kRelu, true},       {PReLU{}, true},       {Softmax{.dims = {-1}}, true},
      {BatchNorm{}, true}, {LayerNorm{}, true},   {Affine{}, true},
      {UnitNorm{}, true},  {Dropout{}, true},     {Identity{}, true},
      {Linear{}, false},   {Glu{}, false},        {Flatten{}, false},
      {Reshape{}, false},  {Sequential{}, false},
  };
  for (const auto& [op, in_place] : cases) {
    INFO(op.index());
    CHECK(pass::mark_in_place(chain({op})).layers[0].in_place == in_place);
  }
}
