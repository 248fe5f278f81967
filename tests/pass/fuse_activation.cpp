// A Linear takes exactly one activation, and a Softmax only where it runs over the Linear's outputs.
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

Names fused(std::vector<Op> ops, std::optional<Shape> input = {}) {
  Network network = chain(std::move(ops));
  network.input_shape = std::move(input);
  return names(pass::fuse_activation(std::move(network)));
}

const Activation kRelu = with_torch_defaults(ActivationKind::relu);

}  // namespace

TEST_CASE("every activation becomes the epilogue of the Linear before it") {
  for (const ActivationInfo& row : activation_table()) {
    const Activation activation = with_torch_defaults(row.kind);
    const Network network = pass::fuse_activation(chain({Linear{2, 3}, activation, Linear{3, 1}}));
    INFO(row.module);
    REQUIRE(names(network) == Names{"0+1", "2"});
    REQUIRE(network.layers[0].epilogue);
    const auto& epilogue = std::get<Activation>(*network.layers[0].epilogue);
    CHECK(epilogue.kind == row.kind);
    CHECK_FALSE(network.layers[1].epilogue);
  }
}

TEST_CASE("a second activation stands alone") {
  CHECK(fused({Linear{2, 3}, kRelu, kRelu}) == Names{"0+1", "2"});
  CHECK(fused({Linear{2, 3}, Softmax{.dims = {-1}}, kRelu}) == Names{"0+1", "2"});
}

TEST_CASE("an activation after anything else stays") {
  CHECK(fused({kRelu, Linear{2, 3}}) == Names{"0", "1"});
  CHECK(fused({Linear{2, 3}, UnitNorm{}, kRelu}) == Names{"0", "1", "2"});
  CHECK(fused({Linear{2, 3}, PReLU{}}) == Names{"0", "1"});
  CHECK(fused({Linear{2, 4}, Glu{}}) == Names{"0", "1"});
}

TEST_CASE("Softmax and kin over the last dimension are fused") {
  for (const auto kind : {SoftmaxKind::softmax, SoftmaxKind::log_softmax, SoftmaxKind::softmin}) {
    for (const std::vector<std::int64_t>& dims : {std::vector<std::int64_t>{-1}, {1}, {}}) {
      CHECK(fused({Linear{2, 3}, Softmax{kind, dims}}) == Names{"0+1"});
    }
    CHECK(fused({Linear{2, 3}, Softmax{kind, {2}}}, Shape{5, 2}) == Names{"0+1"});
    CHECK(fused({Linear{2, 3}, Softmax{kind, {-1}}}, Shape{5, 2}) == Names{"0+1"});
  }
}

TEST_CASE("Softmax over another dimension, or several, is not") {
  CHECK(fused({Linear{2, 3}, Softmax{.dims = {0}}}) == Names{"0", "1"});
  CHECK(fused({Linear{2, 3}, Softmax{.dims = {1}}}, Shape{5, 2}) == Names{"0", "1"});
  CHECK(fused({Linear{2, 3}, Softmax{.dims = {1, 2}}}, Shape{5, 2}) == Names{"0", "1"});
  CHECK(fused({Linear{2, 3}, Softmax{SoftmaxKind::softmax2d, {}}}, Shape{4, 5, 2}) == Names{"0", "1"});
  CHECK(fused({Linear{2, 3}, Softmax{SoftmaxKind::sparsemax, {-1}}}) == Names{"0", "1"});
}

TEST_CASE("without a known rank only dim=-1 is sure to be the last") {
  CHECK(fused({Reshape{{-1, 2}}, Linear{2, 3}, Softmax{.dims = {1}}}) == Names{"0", "1", "2"});
  CHECK(fused({Reshape{{-1, 2}}, Linear{2, 3}, Softmax{.dims = {-1}}}) == Names{"0", "1+2"});
}

TEST_CASE("names that the activation carries go along") {
  Network network = chain({Linear{2, 3}, kRelu});
  network.layers[1].absorbed = {"dropout"};
  CHECK(names(pass::fuse_activation(network)) == Names{"0+1+dropout"});
}
