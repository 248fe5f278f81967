// Any Network without weights -> the text that save() stores -> the same Network: random networks over every layer.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture_reading.hpp"
#include "model/activation.hpp"

#include <cmath>
#include <limits>
#include <random>

using namespace lamina;
using namespace lamina::test;

namespace {

class RandomNetwork {
 public:
  explicit RandomNetwork(unsigned seed) : generator_(seed) {}

  model::Network operator()() {
    model::Network network;
    network.root_class = flip() ? "Sequential" : name();
    network.name = flip() ? "" : name();
    network.outputs = {name(), "b"};
    network.layers = layers(0);
    // Sizes need not fit from layer to layer: behind this one nobody knows the shape.
    network.layers.insert(network.layers.begin(), {.name = "first", .op = model::Reshape{.target = {-1}}});
    return network;
  }

  static constexpr std::size_t kOps = std::variant_size_v<model::Op>;

 private:
  std::vector<model::Layer> layers(int depth) {
    std::vector<model::Layer> result;
    for (std::size_t i = size(6); i > 0; --i) {
      result.push_back({.name = name(), .op = op(depth), .functional = flip(), .joined = flip()});
    }
    return result;
  }

  model::Op op(int depth) {
    using namespace model;
    switch (size(kOps) - 1) {
      case 0: {
        Linear l;
        l.in_features = number(), l.out_features = number(), l.has_bias = flip();
        return l;
      }
      case 1:
        return activation();
      case 2: {
        PReLU p;
        p.per_position = flip(), p.num_parameters = number(), p.init = real();
        if (p.per_position) p.alpha_shape = shape();
        return p;
      }
      case 3:
        return softmax();
      case 4:
        return Glu{.dim = number() - 50};
      case 5: {
        BatchNorm b;
        b.num_features = number(), b.eps = positive(), b.has_weight = flip(), b.has_bias = flip();
        b.momentum = flip() ? std::numeric_limits<double>::quiet_NaN() : positive();
        b.axis = flip() ? number() : -number();
        return b;
      }
      case 6: {
        LayerNorm n;
        n.normalized_shape = shape(), n.eps = positive(), n.has_weight = flip(), n.has_bias = flip();
        return n;
      }
      case 7:
        return Dropout{.kind = static_cast<DropoutKind>(size(12) - 1), .p = fraction(), .inplace = flip()};
      case 8:
        return Identity{};
      case 9:
        return Flatten{.start_dim = number() - 50, .end_dim = number() - 50};
      case 10:
        return Reshape{.target = shape()};
      case 11: {
        Affine a;
        if (flip()) a.shift = Tensor(shape());
        if (flip()) a.scale = Tensor(Shape{});
        if (flip()) a.offset = Tensor(shape());
        a.divide = flip();
        return a;
      }
      case 12:
        return UnitNorm{};
      default:
        return Sequential{depth < 5 ? layers(depth + 1) : std::vector<Layer>()};
    }
  }

  model::Op activation() {
    const auto& info = model::activation_table()[size(model::kActivationCount) - 1];
    model::Activation activation{.kind = info.kind};
    for (std::size_t i = 0; i < info.parameters.size(); ++i)
      activation.parameters[i] = fraction() + static_cast<double>(i);
    if (info.kind == model::ActivationKind::gelu) activation.parameters[0] = flip() ? 1 : 0;
    if (info.kind == model::ActivationKind::keras_relu && flip()) {
      activation.parameters[0] = std::numeric_limits<double>::infinity();
    }
    activation.inplace = info.takes_inplace && flip();
    return activation;
  }

  model::Op softmax() {
    model::Softmax softmax{.kind = static_cast<model::SoftmaxKind>(size(5) - 1), .dims = {}};
    if (softmax.kind == model::SoftmaxKind::softmax2d) return softmax;
    if (softmax.kind == model::SoftmaxKind::sparsemax || flip()) softmax.dims = {-1};
    if (softmax.kind == model::SoftmaxKind::softmax && flip()) softmax.dims = {-1, -2};
    return softmax;
  }

  std::size_t size(std::size_t most) { return std::uniform_int_distribution<std::size_t>(1, most)(generator_); }
  std::int64_t number() { return static_cast<std::int64_t>(size(100)); }
  bool flip() { return size(2) == 1; }
  double fraction() { return std::uniform_real_distribution<double>(1e-9, 1)(generator_); }
  double positive() { return std::exp2(std::uniform_real_distribution<double>(-60, 0)(generator_)); }
  double real() { return std::uniform_real_distribution<double>(-5, 5)(generator_); }

  Shape shape() {
    Shape shape;
    for (std::size_t i = size(3); i > 0; --i) shape.push_back(static_cast<std::int64_t>(size(9)));
    return shape;
  }

  /// Distinct, with characters that a text has to escape.
  std::string name() {
    constexpr const char* kStems[] = {"fc", "a b", "q\"\\'n", "line\nend\t\x01", "\xC3\xA4 name", "#(", ""};
    return kStems[size(7) - 1] + std::to_string(++names_);
  }

  std::mt19937 generator_;
  int names_ = 0;
};

}  // namespace

TEST_CASE("reading what was written gives the same network, whatever its layers") {
  std::vector<bool> seen(RandomNetwork::kOps);
  for (unsigned seed = 0; seed < 400; ++seed) {
    const model::Network network = RandomNetwork(seed)();
    const std::string text = format::write_architecture(network);
    INFO(text);
    const model::Network again = parse(text);
    REQUIRE(again == network);
    REQUIRE(again.name == network.name);
    REQUIRE(again.outputs == network.outputs);
    REQUIRE(format::write_architecture(again) == text);
    for (const auto& layer : network.layers) seen[layer.op.index()] = true;
  }
  CHECK(std::find(seen.begin(), seen.end(), false) == seen.end());
}

TEST_CASE("every activation is written with parameters that read back bit for bit") {
  for (const auto& info : model::activation_table()) {
    model::Network network;
    model::Activation activation{.kind = info.kind};
    for (std::size_t i = 0; i < info.parameters.size(); ++i)
      activation.parameters[i] = static_cast<double>(i + 1) * 0.1 + 1e-17;
    if (info.kind == model::ActivationKind::gelu) activation.parameters[0] = 1;
    network.layers.push_back({.name = "a", .op = activation});
    CHECK(parse(format::write_architecture(network)) == network);
  }
}

TEST_CASE("the shape of the input is written") {
  model::Network network;
  network.layers.push_back({.name = "a", .op = model::Softmax{.dims = {2}}});
  for (const Shape& shape : {Shape{3, 4}, Shape{1, 2, 3, 4, 5}}) {
    network.input_shape = shape;
    CHECK(parse(format::write_architecture(network)).input_shape == shape);
  }
  network.input_shape = Shape{3};
  CHECK(error_of(format::write_architecture(network)).code() == Errc::shape_mismatch);
}

TEST_CASE("sixteen levels of Sequential can be written and read, seventeen are refused") {
  model::Op op = model::Identity{};
  model::Network network;
  for (int i = 0; i < 17; ++i) {
    network.layers = {{.name = "n", .op = op}};
    if (i == 16) CHECK(parse(format::write_architecture(network)) == network);
    op = model::Sequential{{{.name = "s", .op = op}}};
  }
  network.layers = {{.name = "n", .op = op}};
  CHECK(error_of(format::write_architecture(network)).code() == Errc::limit_exceeded);
}

TEST_CASE("a text of a later version is refused") {
  CHECK(error_of("# lamina architecture 2\nNetwork()").code() == Errc::unsupported_feature);
  CHECK(error_of("# lamina architecture x\nNetwork()").code() == Errc::malformed);
  CHECK(error_of("# lamina architecture 1\nNetwork()").code() == Errc::malformed);
  CHECK(error_of("# lamina architecture 1\nnn.ReLU()").code() == Errc::malformed);
}
