// Binding: by name, by --map and --prefix, by order only where it cannot be wrong; else an error with both sides.
// SPDX-License-Identifier: Apache-2.0
#include "format/bind_sample.hpp"
#include "support/catch.hpp"

using namespace lamina;
using namespace lamina::test;

namespace {

const std::string kNet = "nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Dropout(0.2), nn.Linear(3, 2))";
const std::string kSquare = "nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))";

bool has(const std::string& text, std::string_view part) {
  UNSCOPED_INFO("looking for '" << part << "' in '" << text << "'");
  return text.find(part) != std::string::npos;
}

LoadOptions mapped(std::vector<std::pair<std::string, std::string>> map) {
  LoadOptions options;
  options.map = std::move(map);
  return options;
}

LoadOptions prefixed(std::string prefix) {
  LoadOptions options;
  options.prefix = std::move(prefix);
  return options;
}

LoadOptions unused_allowed() {
  LoadOptions options;
  options.allow_unused = true;
  return options;
}

std::vector<Named> operator+(std::vector<Named> a, const std::vector<Named>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("names that agree bind whatever the order of the file") {
  std::vector<Named> shapes = linears({"0", "3"}, {4, 3, 2});
  std::swap(shapes[0], shapes[3]);
  const Bound bound = bind_text(kNet, shapes);
  CHECK(bound.taken == "0.weight=0.weight 0.bias=0.bias 3.weight=3.weight 3.bias=3.bias");
  CHECK(bound.notes.empty());
  // Equal shapes: the names decide, also against the order.
  CHECK(bind_text(kSquare, linears({"2", "0"}, {3, 3, 3}), true).taken ==
        "0.weight=0.weight 0.bias=0.bias 2.weight=2.weight 2.bias=2.bias");
}

TEST_CASE("layers within layers bind by names with dots") {
  const std::string nested =
      "nn.Sequential(nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)), nn.PReLU(), nn.Linear(3, 2))";
  std::vector<Named> shapes = linears({"0.0"}, {4, 3});
  shapes = shapes + std::vector<Named>{{"0.1.weight", {3}},
                                       {"0.1.bias", {3}},
                                       {"0.1.running_mean", {3}},
                                       {"0.1.running_var", {3}},
                                       {"0.1.num_batches_tracked", {}},
                                       {"1.weight", {1}}};
  add_linear(shapes, "2", 3, 2);
  CHECK(bind_text(nested, shapes).taken ==
        "0.0.weight=0.0.weight 0.0.bias=0.0.bias 0.1.weight=0.1.weight 0.1.bias=0.1.bias "
        "0.1.running_mean=0.1.running_mean 0.1.running_var=0.1.running_var 1.weight=1.weight 2.weight=2.weight "
        "2.bias=2.bias");
}

TEST_CASE("a prefix that all names have is taken off, with a note") {
  for (const std::string prefix : {"module.", "net.", "a.b."}) {
    const Bound bound = bind_text(kNet, linears({prefix + "0", prefix + "3"}, {4, 3, 2}));
    CHECK(bound.taken.starts_with("0.weight=" + prefix + "0.weight "));
    REQUIRE(bound.notes.size() == 1);
    CHECK(has(bound.notes[0], "took '" + prefix + "' off"));
  }
}

TEST_CASE("one of several networks is picked by --prefix, with or without its dot") {
  const std::vector<Named> two =
      linears({"actor.0", "actor.3"}, {4, 3, 2}) + linears({"critic.0", "critic.3"}, {4, 3, 2});
  CHECK(bind_text(kNet, two, false, prefixed("critic.")).taken.find("actor") == std::string::npos);
  CHECK(bind_text(kNet, two, false, prefixed("actor")).taken.starts_with("0.weight=actor.0.weight "));
  CHECK(has(bind_failure(kNet, two), "pick one network by its prefix (--prefix): actor. or critic."));
  CHECK(has(bind_failure(kNet, two, true), "pick one network by its prefix (--prefix): actor. or critic."));
  CHECK(has(bind_failure(kNet, two, false, unused_allowed()), "(--prefix): actor. or critic."));
  CHECK(bind_failure(kNet, two, false, prefixed("act")).starts_with("missing_weight: prefix 'act.': "));
}

TEST_CASE("--map takes layers to stems and slots to tensors") {
  const std::vector<Named> shapes = linears({"b", "a"}, {4, 3, 2});
  CHECK(bind_text(kNet, shapes, false, mapped({{"0", "b"}, {"3", "a"}})).taken ==
        "0.weight=b.weight 0.bias=b.bias 3.weight=a.weight 3.bias=a.bias");
  CHECK(bind_text(kNet, {{"w1", {3, 4}}, {"b1", {3}}, {"w2", {2, 3}}, {"b2", {2}}}, false,
                  mapped({{"0.weight", "w1"}, {"0.bias", "b1"}, {"3.weight", "w2"}, {"3.bias", "b2"}}))
            .taken == "0.weight=w1 0.bias=b1 3.weight=w2 3.bias=b2");
  // What is not mapped binds as always.
  CHECK(bind_text(kSquare, linears({"x", "y"}, {3, 3, 3}), false, mapped({{"0", "y"}})).taken ==
        "0.weight=y.weight 0.bias=y.bias 2.weight=x.weight 2.bias=x.bias");
}

TEST_CASE("a --map that cannot be followed is refused") {
  const std::vector<Named> shapes = linears({"a", "b"}, {4, 3, 2});
  CHECK(has(bind_failure(kNet, shapes, false, mapped({{"1", "a"}})), "map 1=a: no layer that takes tensors"));
  CHECK(has(bind_failure(kNet, shapes, false, mapped({{"0", "c"}})), "map 0=c: there is no tensor 'c.weight'"));
  CHECK(has(bind_failure(kNet, shapes, false, mapped({{"0", "a"}, {"3", "a"}})), "a second time"));
  CHECK(has(bind_failure(kNet, shapes, false, mapped({{"0", "a"}, {"0", "b"}})), "a second time"));
  CHECK(bind_failure(kNet, shapes, false, mapped({{"0", "b"}, {"3", "a"}}))
            .starts_with("shape_mismatch: layer '0' (Linear): "));
}

TEST_CASE("shapes that admit one assignment bind without names, in any order") {
  const Bound bound = bind_text(kNet, linears({"out"}, {3, 2}) + linears({"in"}, {4, 3}));
  CHECK(bound.taken == "0.weight=in.weight 0.bias=in.bias 3.weight=out.weight 3.bias=out.bias");
  REQUIRE(bound.notes.size() == 1);
  CHECK(has(bound.notes[0], "0=in,3=out"));
}

TEST_CASE("equal shapes bind by the numbers of one stem, in natural order") {
  const std::string three = "nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 3))";
  CHECK(
      bind_text(three, linears({"fc10", "fc2", "fc1"}, {3, 3, 3, 3})).taken ==
      "0.weight=fc1.weight 0.bias=fc1.bias 1.weight=fc2.weight 1.bias=fc2.bias 2.weight=fc10.weight 2.bias=fc10.bias");
  CHECK(bind_text(three, linears({"b.2.fc", "b.0.fc", "b.1.fc"}, {3, 3, 3, 3}))
            .taken.starts_with("0.weight=b.0.fc.weight"));
}

TEST_CASE("Linear and BatchNorm of equal width are told apart by what they take") {
  const std::string net =
      "nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, "
      "3))";
  std::vector<Named> shapes;
  for (const std::string i : {"1", "2"}) {
    add_linear(shapes, "fc" + i, 3, 3);
    for (const std::string leaf : {"weight", "bias", "running_mean", "running_var"}) {
      shapes.emplace_back("bn" + i + "." + leaf, Shape{3});
    }
  }
  add_linear(shapes, "fc3", 3, 3);
  const std::string taken = bind_text(net, shapes).taken;
  CHECK(has(taken, "1.running_mean=bn1.running_mean"));
  CHECK(has(taken, "3.weight=fc2.weight"));
  CHECK(has(taken, "4.running_var=bn2.running_var"));
  CHECK(has(taken, "5.weight=fc3.weight"));
}

TEST_CASE("equal shapes bind by order only where the file keeps it") {
  const std::vector<Named> shapes = linears({"enc", "dec"}, {3, 3, 3});
  const Bound bound = bind_text(kSquare, shapes, true);
  CHECK(bound.taken == "0.weight=enc.weight 0.bias=enc.bias 2.weight=dec.weight 2.bias=dec.bias");
  CHECK(has(bound.notes.at(0), "by their order"));
  const std::string message = bind_failure(kSquare, shapes);
  CHECK(message.starts_with("missing_weight: layer '0' (Linear): there is no tensor '0.weight' [3, 3]; there are "));
  CHECK(has(message, "if the file has them in order, the map (--map) is 0=enc,2=dec"));
}

TEST_CASE("order and numbers do not overrule a name that says otherwise") {
  // "2" is a layer of the network: it does not go to layer 0.
  CHECK(bind_failure(kSquare, linears({"2", "4"}, {3, 3, 3})).starts_with("missing_weight: "));
  CHECK(bind_failure(kSquare, linears({"2", "4"}, {3, 3, 3}), true).starts_with("missing_weight: "));
  // fc3 is the first layer by its shape, so the numbers do not follow the layers.
  const std::string net = "nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 3), nn.Linear(3, 3))";
  CHECK(bind_failure(net, linears({"fc3", "fc1", "fc2"}, {4, 3, 3, 3})).starts_with("missing_weight: "));
  // Numbers that are not distinct say nothing.
  CHECK(bind_failure(kSquare, linears({"fc1", "fc01"}, {3, 3, 3})).starts_with("missing_weight: "));
}

TEST_CASE("a missing tensor is named with its layer and shape") {
  std::vector<Named> shapes = linears({"0", "3"}, {4, 3, 2});
  shapes.pop_back();
  CHECK(bind_failure(kNet, shapes) == "missing_weight: layer '3' (Linear): there is no tensor '3.bias' [2]");
  for (Named& named : shapes) named.first = "module." + named.first;
  CHECK(bind_failure(kNet, shapes) == "missing_weight: layer '3' (Linear): there is no tensor 'module.3.bias' [2]");
  CHECK(has(bind_failure(kNet, {}), "there is no tensor '0.weight' [3, 4]; there are no tensors left"));
}

TEST_CASE("a tensor that no layer takes is an error, or a note") {
  const std::vector<Named> shapes = linears({"0", "3"}, {4, 3, 2}) + std::vector<Named>{{"log_std", {1}}};
  const std::string message = bind_failure(kNet, shapes);
  CHECK(message.starts_with(
      "extra_weight: no layer takes 'log_std' [1]: unused tensors can be allowed (--allow-unused)"));
  const Bound bound = bind_text(kNet, shapes, false, unused_allowed());
  REQUIRE(bound.notes.size() == 1);
  CHECK(bound.notes[0] == "tensor 'log_std' [1] was left aside: no layer takes it");
}

TEST_CASE("with --allow-unused the only prefix that fits is taken") {
  const std::vector<Named> shapes = linears({"pi.0", "pi.3"}, {4, 3, 2}) + linears({"vf.0", "vf.3"}, {4, 3, 1});
  const Bound bound = bind_text(kNet, shapes, false, unused_allowed());
  CHECK(bound.taken.starts_with("0.weight=pi.0.weight"));
  CHECK(bound.notes.size() == 5);
  CHECK(has(bind_failure(kNet, shapes), "pick one network by its prefix (--prefix): pi."));
}

TEST_CASE("a shape that differs names the layer, what it expects and what it got") {
  std::vector<Named> shapes = linears({"0", "3"}, {4, 3, 2});
  shapes[2].second = {2, 5};
  CHECK(bind_failure(kNet, shapes) ==
        "shape_mismatch: layer '3' (Linear): weight: expected [2, 3], got [2, 5] of '3.weight'");
  shapes[0].second = {4, 3};
  CHECK(bind_failure(kNet, shapes) ==
        "shape_mismatch: layer '0' (Linear): weight: expected [3, 4], got [4, 3] of '0.weight': it is transposed "
        "(PyTorch keeps [outputs, inputs])");
  CHECK(bind_failure(kNet, linears({"fc1", "fc2"}, {4, 5, 2}))
            .starts_with("shape_mismatch: layer '0' (Linear): weight: expected [3, 4], got [5, 4] of 'fc1.weight'"));
}

TEST_CASE("problems list every slot and every tensor that is left") {
  try {
    (void)bind_text(kSquare, linears({"enc", "dec"}, {3, 3, 3}));
    FAIL("bound");
  } catch (const Error& error) {
    CHECK(error.problems() == std::vector<std::string>{"layer '0' (Linear): there is no tensor '0.weight' [3, 3]",
                                                       "layer '0' (Linear): there is no tensor '0.bias' [3]",
                                                       "layer '2' (Linear): there is no tensor '2.weight' [3, 3]",
                                                       "layer '2' (Linear): there is no tensor '2.bias' [3]",
                                                       "tensor 'enc.weight' [3, 3]: no layer takes it",
                                                       "tensor 'enc.bias' [3]: no layer takes it",
                                                       "tensor 'dec.weight' [3, 3]: no layer takes it",
                                                       "tensor 'dec.bias' [3]: no layer takes it"});
  }
}

TEST_CASE("a tensor given twice is refused") {
  CHECK(bind_failure(kNet, linears({"0", "0"}, {4, 3, 2})) == "malformed: tensor '0.weight': is given twice");
}

TEST_CASE("a network without weights takes no tensors") {
  CHECK(bind_text("nn.Sequential(nn.ReLU())", {}).taken.empty());
  CHECK(bind_failure("nn.Sequential(nn.ReLU())", linears({"0"}, {2, 2})).starts_with("extra_weight: "));
}

TEST_CASE("constants that the architecture brings along stay, unless the file has them") {
  const std::string text =
      "keras.Sequential([Normalization(mean=[1.0, 2.0], variance=[4.0, 9.0], input_shape=(2,)), Dense(2)])";
  model::Network network = format::parse_architecture(text, {.keras_version = 3, .arguments = {}, .limits = {}});
  const std::vector<model::Layer> before = model::flatten(network);
  std::string dense;
  for (const model::Layer& layer : before) {
    if (std::holds_alternative<model::Linear>(layer.op)) dense = layer.name;
  }
  const model::Network bound = format::bind(network, tensors_of(linears({dense}, {2, 2})), false, {});
  CHECK(bound.layers[0] == network.layers[0]);
}
