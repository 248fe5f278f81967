// What a network says about its input, and its layers once nesting is dissolved.
// SPDX-License-Identifier: Apache-2.0
#include "model/activation.hpp"
#include "model/infer.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

using namespace lamina;
using namespace lamina::model;

namespace {

std::optional<Shape> asked(std::vector<Op> ops) {
  Network network;
  for (Op& op : ops) network.layers.push_back({std::to_string(network.layers.size()), std::move(op)});
  return input_shape(network);
}

const Activation kRelu = with_torch_defaults(ActivationKind::relu);

/// `levels` Sequential layers around an Identity.
Layer nested(int levels) {
  Layer layer{"leaf", Identity{}};
  for (int i = 0; i < levels; ++i) layer = {"s", Sequential{{layer}}};
  return layer;
}

}  // namespace

TEST_CASE("the file's own input shape comes first") {
  Network network;
  network.layers = {{"0", Linear{4, 2}}};
  network.input_shape = Shape{7, 4};
  CHECK(input_shape(network) == Shape{7, 4});
}

TEST_CASE("the first layer that has a size gives the input shape") {
  CHECK(asked({Linear{784, 10}}) == Shape{784});
  CHECK(asked({BatchNorm{.num_features = 5}, Linear{5, 2}}) == Shape{5});
  CHECK(asked({BatchNorm{.num_features = 5, .axis = -1}}) == Shape{5});
  CHECK(asked({LayerNorm{{4, 3}}}) == Shape{4, 3});
  CHECK(asked({Dropout{}, kRelu, Identity{}, PReLU{}, UnitNorm{}, Softmax{.dims = {1}}, Affine{}, Linear{6, 2}}) ==
        Shape{6});
  CHECK(asked({Sequential{{{"0", kRelu}, {"1", Sequential{{{"0", Linear{3, 2}}}}}}}}) == Shape{3});
}

TEST_CASE("a leading Flatten of the whole row may as well have a flat input") {
  CHECK(asked({Flatten{}, Linear{784, 10}}) == Shape{784});
  CHECK(asked({kRelu, Dropout{}, Flatten{}, Linear{784, 10}}) == Shape{784});
}

TEST_CASE("what is not determined stays unknown") {
  CHECK(asked({}) == std::nullopt);
  CHECK(asked({kRelu}) == std::nullopt);
  CHECK(asked({Softmax{.dims = {2}}, Flatten{}, Linear{784, 10}}) == std::nullopt);
  CHECK(asked({Flatten{2, -1}, Linear{784, 10}}) == std::nullopt);
  CHECK(asked({Reshape{{784}}, Linear{784, 10}}) == std::nullopt);
  CHECK(asked({Glu{}, Linear{4, 2}}) == std::nullopt);
  CHECK(asked({BatchNorm{.num_features = 5, .axis = 2}, Linear{5, 2}}) == std::nullopt);
}

TEST_CASE("flatten joins names with dots and keeps the order and the flags") {
  Network network;
  network.layers = {
      {"body", Sequential{{{"0", Linear{2, 3}}, {"act", Sequential{{{"0", kRelu}}}}, {"none", Sequential{}}}}},
      {.name = "head", .op = Linear{3, 1}, .functional = true}};
  const std::vector<Layer> flat = flatten(network);
  REQUIRE(flat.size() == 3);
  CHECK(flat[0] == Layer{"body.0", Linear{2, 3}});
  CHECK(flat[1] == Layer{"body.act.0", kRelu});
  CHECK(flat[2] == network.layers[1]);
}

TEST_CASE("16 levels of Sequential are taken, 17 are not") {
  CHECK(flatten(nested(16)).size() == 1);
  CHECK(test::failure([] {
          (void)flatten(nested(17));
        }).find("nesting: expected at most 16 levels of Sequential, got more") != std::string::npos);
  CHECK(test::failure([] { (void)flatten(nested(17)); }).starts_with("limit_exceeded"));
}
