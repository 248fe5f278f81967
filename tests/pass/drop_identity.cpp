// Layers that do nothing at inference leave only their names.
// SPDX-License-Identifier: Apache-2.0
#include "pass/chain.hpp"
#include "pass/pass.hpp"
#include "support/catch.hpp"

using namespace lamina;
using namespace lamina::model;
using test::chain;
using test::names;
using Names = std::vector<std::string>;

TEST_CASE("every kind of Dropout goes, and the layer before it carries its name") {
  for (int kind = 0; kind <= static_cast<int>(DropoutKind::activity_regularization); ++kind) {
    const Dropout dropout{.kind = static_cast<DropoutKind>(kind)};
    CHECK(names(pass::drop_identity(chain({Linear{2, 2}, dropout, Linear{2, 2}}))) == Names{"0+1", "2"});
  }
}

TEST_CASE("Identity and an Affine without parts go, an Affine with one stays") {
  CHECK(names(pass::drop_identity(chain({Linear{2, 2}, Identity{}, Affine{}}))) == Names{"0+1+2"});
  CHECK(names(pass::drop_identity(chain({Linear{2, 2}, Affine{.shift = Tensor(Shape{2})}}))) == Names{"0", "1"});
}

TEST_CASE("leading ones are carried by the layer after them, in their order") {
  CHECK(names(pass::drop_identity(chain({Dropout{}, Identity{}, Linear{2, 2}, Dropout{}}))) == Names{"2+0+1+3"});
}

TEST_CASE("layers that change numbers or shapes stay") {
  const std::vector<Op> ops = {Activation{.kind = ActivationKind::hardtanh, .parameters = {-1, 1}}, Flatten{},
                               Reshape{{-1}}, PReLU{}, UnitNorm{}};
  CHECK(names(pass::drop_identity(chain(ops))) == Names{"0", "1", "2", "3", "4"});
}

TEST_CASE("a network of nothing but identities becomes empty") {
  CHECK(pass::drop_identity(chain({Dropout{}, Identity{}})).layers.empty());
  CHECK(pass::drop_identity(chain({})).layers.empty());
}
