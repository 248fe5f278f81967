// Equality of networks, and the tensors that each layer takes.
// SPDX-License-Identifier: Apache-2.0
#include "model/network.hpp"

#include "model/infer.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <limits>

using namespace lamina;
using namespace lamina::model;

namespace {

using Slots = std::vector<std::pair<std::string, Shape>>;

Slots slots(Op op) {
  const Layer layer{"0", std::move(op)};
  Slots names;
  for (const ConstSlot& slot : weight_slots(layer)) names.emplace_back(slot.name, slot.shape);
  return names;
}

}  // namespace

TEST_CASE("two layers are equal by name, operation and flags, whatever the passes added") {
  const Layer layer{"0", Linear{2, 3}};
  Layer other = layer;
  other.epilogue = Activation{};
  other.in_place = true;
  other.absorbed = {"1"};
  CHECK(other == layer);
  CHECK_FALSE(Layer{"1", Linear{2, 3}} == layer);
  CHECK_FALSE(Layer{"0", Linear{2, 4}} == layer);
  CHECK_FALSE(Layer{"0", Identity{}} == layer);
  CHECK_FALSE(Layer{.name = "0", .op = Linear{2, 3}, .functional = true} == layer);
  CHECK_FALSE(Layer{.name = "0", .op = Linear{2, 3}, .joined = true} == layer);
}

TEST_CASE("weights compare by their bits") {
  const auto with = [](float weight) { return Layer{"0", Linear{1, 1, false, Tensor(Shape{1, 1}, {weight})}}; };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(with(1) == with(1));
  CHECK(with(nan) == with(nan));
  CHECK_FALSE(with(0.0f) == with(-0.0f));
}

TEST_CASE("a BatchNorm without momentum equals itself") {
  BatchNorm none{.num_features = 3, .momentum = std::numeric_limits<double>::quiet_NaN()};
  CHECK(none == none);
  CHECK_FALSE(none == BatchNorm{.num_features = 3});
  BatchNorm other = none;
  other.eps = 1e-3;
  CHECK_FALSE(none == other);
}

TEST_CASE("two networks are equal by class, layers and input shape, not by notes") {
  Network a;
  a.layers = {{"0", Sequential{{{"0", Linear{2, 3}}}}}};
  a.input_shape = Shape{2};
  Network b = a;
  b.notes = {"assumed"};
  b.name = "model";
  CHECK(a == b);
  b.input_shape.reset();
  CHECK_FALSE(a == b);
  b = a;
  b.root_class = "Net";
  CHECK_FALSE(a == b);
  b = a;
  std::get<Sequential>(b.layers[0].op).layers[0].name = "1";
  CHECK_FALSE(a == b);
}

TEST_CASE("each layer takes its tensors in PyTorch's order") {
  CHECK(slots(Linear{2, 3}) == Slots{{"weight", {3, 2}}, {"bias", {3}}});
  CHECK(slots(Linear{2, 3, false}) == Slots{{"weight", {3, 2}}});
  CHECK(slots(PReLU{.num_parameters = 4}) == Slots{{"weight", {4}}});
  CHECK(slots(PReLU{.per_position = true, .alpha_shape = {4, 1}}) == Slots{{"weight", {4, 1}}});
  CHECK(slots(BatchNorm{.num_features = 5}) ==
        Slots{{"weight", {5}}, {"bias", {5}}, {"running_mean", {5}}, {"running_var", {5}}});
  CHECK(slots(BatchNorm{.num_features = 5, .has_weight = false}) ==
        Slots{{"bias", {5}}, {"running_mean", {5}}, {"running_var", {5}}});
  CHECK(slots(LayerNorm{{2, 3}}) == Slots{{"weight", {2, 3}}, {"bias", {2, 3}}});
  CHECK(slots(LayerNorm{{2, 3}, 1e-5, false, false}).empty());
  CHECK(slots(Affine{Tensor(Shape{2}), {}, Tensor(Shape{})}) == Slots{{"shift", {2}}, {"offset", {}}});
  CHECK(slots(Affine{{}, Tensor(Shape{3}), {}}) == Slots{{"scale", {3}}});
  for (const Op& op : {Op{Activation{}}, Op{Softmax{}}, Op{Glu{}}, Op{Dropout{}}, Op{Identity{}}, Op{Flatten{}},
                       Op{Reshape{}}, Op{UnitNorm{}}, Op{Sequential{}}}) {
    CHECK(slots(op).empty());
  }
}

TEST_CASE("a slot leads to the layer's own tensor") {
  Layer layer{"0", Linear{1, 2}};
  for (const Slot& slot : weight_slots(layer)) *slot.tensor = Tensor(slot.shape);
  CHECK(std::get<Linear>(layer.op).weight.shape() == Shape{2, 1});
  CHECK(std::get<Linear>(layer.op).bias.shape() == Shape{2});
}

TEST_CASE("parameters are counted through nesting and without overflow") {
  CHECK(parameter_count({"0", Linear{784, 128}}) == 100480);
  CHECK(parameter_count({"0", BatchNorm{.num_features = 5}}) == 20);
  CHECK(parameter_count({"0", Sequential{{{"0", Linear{2, 3}}, {"1", Sequential{{{"0", PReLU{}}}}}}}}) == 10);
  CHECK(parameter_count({"0", Identity{}}) == 0);
  CHECK(test::failure([] {
          (void)parameter_count({"0", Linear{INT64_MAX, INT64_MAX}});
        }).starts_with("limit_exceeded"));
}
