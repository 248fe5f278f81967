// output_shape(), row_axis(), softmax_axes() and couples_batch() of every layer, for rows of several ranks.
// SPDX-License-Identifier: Apache-2.0
#include "model/activation.hpp"
#include "model/infer.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

using namespace lamina;
using namespace lamina::model;
using test::failure;

namespace {

Shape after(Op op, const Shape& input) { return output_shape(Layer{.name = "2", .op = std::move(op)}, input); }

std::string refusal(Op op, const Shape& input) {
  return failure([&] { (void)after(std::move(op), input); });
}

bool couples(Op op, std::size_t row_rank) { return couples_batch(Layer{.name = "2", .op = std::move(op)}, row_rank); }

}  // namespace

TEST_CASE("Linear changes the last dimension of a row of any rank") {
  CHECK(after(Linear{128, 10}, {128}) == Shape{10});
  CHECK(after(Linear{128, 10}, {7, 128}) == Shape{7, 10});
  CHECK(after(Linear{128, 10}, {2, 3, 4, 128}) == Shape{2, 3, 4, 10});
  CHECK(refusal(Linear{128, 10}, {64}) ==
        "shape_mismatch: layer '2' (Linear): input: expected last dimension 128, got [64]");
  CHECK(refusal(Linear{128, 10}, {128, 64}) ==
        "shape_mismatch: layer '2' (Linear): input: expected last dimension 128, got [128, 64]");
  CHECK(refusal(Linear{1, 10}, {}) == "shape_mismatch: layer '2' (Linear): input: expected last dimension 1, got []");
}

TEST_CASE("layers that work on each number keep any shape") {
  for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3}}) {
    CHECK(after(with_torch_defaults(ActivationKind::gelu), shape) == shape);
    CHECK(after(Dropout{}, shape) == shape);
    CHECK(after(Identity{}, shape) == shape);
    CHECK(after(PReLU{}, shape) == shape);
    CHECK(after(Affine{}, shape) == shape);
  }
}

TEST_CASE("PReLU has one weight per entry of dimension 1 in PyTorch") {
  CHECK(after(PReLU{.num_parameters = 5}, {5}) == Shape{5});
  CHECK(after(PReLU{.num_parameters = 5}, {5, 3}) == Shape{5, 3});
  CHECK(refusal(PReLU{.num_parameters = 5}, {3, 5}) ==
        "shape_mismatch: layer '2' (PReLU): input: expected first dimension of a row 5, got [3, 5]");
  CHECK(refusal(PReLU{.num_parameters = 5}, {}).starts_with("shape_mismatch: layer '2' (PReLU)"));
}

TEST_CASE("PReLU of Keras and ONNX broadcasts from the right and never grows the row") {
  const auto prelu = [](Shape alpha) { return PReLU{.per_position = true, .alpha_shape = std::move(alpha)}; };
  CHECK(after(prelu({4, 3}), {4, 3}) == Shape{4, 3});
  CHECK(after(prelu({3}), {4, 3}) == Shape{4, 3});
  CHECK(after(prelu({1, 3}), {4, 3}) == Shape{4, 3});
  CHECK(after(prelu({4, 1}), {4, 3}) == Shape{4, 3});
  CHECK(after(prelu({}), {4, 3}) == Shape{4, 3});
  CHECK(refusal(prelu({4}), {4, 3}) ==
        "shape_mismatch: layer '2' (PReLU): input: expected a row that [4] broadcasts over, got [4, 3]");
  CHECK(refusal(prelu({2, 4, 3}), {4, 3}).starts_with("shape_mismatch"));
  CHECK(refusal(prelu({3}), {1}).starts_with("shape_mismatch"));
}

TEST_CASE("Softmax keeps the shape and needs its dimensions") {
  CHECK(after(Softmax{.dims = {1}}, {10}) == Shape{10});
  CHECK(after(Softmax{.dims = {0}}, {10}) == Shape{10});
  CHECK(after(Softmax{.dims = {1, -1}}, {4, 10}) == Shape{4, 10});
  CHECK(refusal(Softmax{.dims = {2}}, {10}) ==
        "shape_mismatch: layer '2' (Softmax): dimension: expected -2 to 1, got 2");
  CHECK(refusal(Softmax{.dims = {-3}}, {10}).starts_with("shape_mismatch"));
  CHECK(refusal(Softmax{.dims = {1, -1}}, {10}) ==
        "shape_mismatch: layer '2' (Softmax): dimensions: expected each once, got one twice");
}

TEST_CASE("Softmax without dim follows PyTorch up to rank 2 and is refused beyond") {
  CHECK(softmax_axes({"2", Softmax{}}, 1) == std::vector<int>{0});
  CHECK(softmax_axes({"2", Softmax{}}, 0) == std::vector<int>{-1});
  CHECK(refusal(Softmax{}, {4, 10}) ==
        "shape_mismatch: layer '2' (Softmax): dim=None: expected a dim, or an input of rank 2 with its batch, got "
        "rank 3");
  CHECK(refusal(Softmax{SoftmaxKind::log_softmax, {}}, {4, 5, 10}).starts_with("shape_mismatch: layer '2' (LogS"));
}

TEST_CASE("Softmax2d works over dimension -3 of rank 3 or 4") {
  const Softmax softmax{SoftmaxKind::softmax2d, {}};
  CHECK(after(softmax, {3, 4, 5}) == Shape{3, 4, 5});
  CHECK(softmax_axes({"2", softmax}, 3) == std::vector<int>{0});
  CHECK(softmax_axes({"2", softmax}, 2) == std::vector<int>{-1});
  CHECK(couples(softmax, 2));
  CHECK_FALSE(couples(softmax, 3));
  CHECK(refusal(softmax, {5}) ==
        "shape_mismatch: layer '2' (Softmax2d): rank of the input with its batch: expected 3 or 4, got 2");
  CHECK(refusal(softmax, {2, 3, 4, 5}).starts_with("shape_mismatch"));
}

TEST_CASE("GLU halves an even dimension of the row") {
  CHECK(after(Glu{}, {8}) == Shape{4});
  CHECK(after(Glu{1}, {8, 3}) == Shape{4, 3});
  CHECK(after(Glu{-2}, {8, 3}) == Shape{4, 3});
  CHECK(refusal(Glu{}, {7}) ==
        "shape_mismatch: layer '2' (GLU): input: expected an even size in dimension -1, got [7]");
  CHECK(refusal(Glu{0}, {8}) ==
        "unsupported_feature: layer '2' (GLU): dimension 0: expected a dimension of the row, got the batch");
  CHECK(refusal(Glu{-2}, {8}).starts_with("unsupported_feature"));
  CHECK(refusal(Glu{2}, {8}).starts_with("shape_mismatch"));
}

TEST_CASE("BatchNorm finds its features on its axis") {
  CHECK(after(BatchNorm{.num_features = 5}, {5}) == Shape{5});
  CHECK(after(BatchNorm{.num_features = 5}, {5, 3}) == Shape{5, 3});
  CHECK(after(BatchNorm{.num_features = 3, .axis = -1}, {5, 3}) == Shape{5, 3});
  CHECK(refusal(BatchNorm{.num_features = 3}, {5, 3}) ==
        "shape_mismatch: layer '2' (BatchNorm1d): input: expected 3 features in dimension 0 of a row, got [5, 3]");
  CHECK(refusal(BatchNorm{.num_features = 5, .axis = -2}, {5}).starts_with("unsupported_feature"));
  CHECK(refusal(BatchNorm{.num_features = 5}, {}).starts_with("shape_mismatch"));
}

TEST_CASE("LayerNorm and UnitNormalization work over trailing dimensions") {
  CHECK(after(LayerNorm{{3}}, {3}) == Shape{3});
  CHECK(after(LayerNorm{{4, 3}}, {5, 4, 3}) == Shape{5, 4, 3});
  CHECK(refusal(LayerNorm{{4, 3}}, {4, 5}) ==
        "shape_mismatch: layer '2' (LayerNorm): input: expected last dimensions [4, 3], got [4, 5]");
  CHECK(refusal(LayerNorm{{4, 3}}, {3}).starts_with("shape_mismatch"));
  CHECK(after(UnitNorm{}, {4, 3}) == Shape{4, 3});
  CHECK(refusal(UnitNorm{}, {}).starts_with("shape_mismatch: layer '2' (UnitNorm)"));
}

TEST_CASE("Flatten joins dimensions of the row, counting the batch as 0") {
  CHECK(after(Flatten{}, {28, 28}) == Shape{784});
  CHECK(after(Flatten{}, {5}) == Shape{5});
  CHECK(after(Flatten{2, -1}, {2, 3, 4}) == Shape{2, 12});
  CHECK(after(Flatten{1, 2}, {2, 3, 4}) == Shape{6, 4});
  CHECK(after(Flatten{-2, -1}, {2, 3, 4}) == Shape{2, 12});
  CHECK(after(Flatten{2, 2}, {2, 3, 4}) == Shape{2, 3, 4});
  CHECK(refusal(Flatten{0, -1}, {2, 3}) ==
        "unsupported_feature: layer '2' (Flatten): dimension 0: expected a dimension of the row, got the batch");
  CHECK(refusal(Flatten{-3, -1}, {2, 3}).starts_with("unsupported_feature"));
  CHECK(refusal(Flatten{2, 1}, {2, 3}) ==
        "shape_mismatch: layer '2' (Flatten): input: expected start_dim not after end_dim, got [2, 3]");
  CHECK(refusal(Flatten{}, {}).starts_with("shape_mismatch"));
  CHECK(refusal(Flatten{1, 4}, {2, 3}).starts_with("shape_mismatch"));
}

TEST_CASE("Reshape keeps the count of numbers and fills in one -1") {
  CHECK(after(Reshape{{2, 6}}, {12}) == Shape{2, 6});
  CHECK(after(Reshape{{2, -1}}, {3, 4}) == Shape{2, 6});
  CHECK(after(Reshape{{-1}}, {3, 4}) == Shape{12});
  CHECK(after(Reshape{{}}, {1}) == Shape{});
  CHECK(refusal(Reshape{{5, -1}}, {12}) ==
        "shape_mismatch: layer '2' (Reshape): input: expected as many numbers as [5, -1], got [12]");
  CHECK(refusal(Reshape{{5}}, {12}).starts_with("shape_mismatch"));
  CHECK(refusal(Reshape{{0, -1}}, {12}).starts_with("shape_mismatch"));
  CHECK(refusal(Reshape{{-1, -1}}, {12}).starts_with("shape_mismatch"));
  CHECK(refusal(Reshape{{-2, -6}}, {12}).starts_with("shape_mismatch"));
  CHECK(refusal(Reshape{{INT64_MAX, INT64_MAX}}, {1}).starts_with("shape_mismatch"));
}

TEST_CASE("Affine broadcasts from the right and never grows the row") {
  const auto shift = [](Shape shape) { return Affine{.shift = Tensor(std::move(shape))}; };
  CHECK(after(shift({3}), {4, 3}) == Shape{4, 3});
  CHECK(after(shift({4, 1}), {4, 3}) == Shape{4, 3});
  CHECK(after(shift({}), {4, 3}) == Shape{4, 3});
  CHECK(refusal(shift({4}), {4, 3}) ==
        "shape_mismatch: layer '2' (Affine): input: expected a row that [4] broadcasts over, got [4, 3]");
  CHECK(refusal(shift({1, 4, 3}), {4, 3}).starts_with("shape_mismatch"));
  CHECK(refusal(Affine{.offset = Tensor(Shape{3})}, {1}).starts_with("shape_mismatch"));
}

TEST_CASE("a nested Sequential has the shape of its last layer and errors that name the inner one") {
  const Sequential inner{{{"0", Linear{4, 8}}, {"1", Sequential{{{"0", Glu{}}}}}}};
  CHECK(after(inner, {4}) == Shape{4});
  CHECK(after(Sequential{}, {4}) == Shape{4});
  CHECK(refusal(inner, {5}) == "shape_mismatch: layer '2.0' (Linear): input: expected last dimension 4, got [5]");
}

TEST_CASE("row_axis counts the batch as dimension 0 and negative numbers from the end") {
  CHECK(row_axis(0, 2, "here") == -1);
  CHECK(row_axis(1, 2, "here") == 0);
  CHECK(row_axis(2, 2, "here") == 1);
  CHECK(row_axis(-1, 2, "here") == 1);
  CHECK(row_axis(-3, 2, "here") == -1);
  CHECK(row_axis(-1, 0, "here") == -1);
  CHECK(failure([] { (void)row_axis(3, 2, "here"); }) == "shape_mismatch: here: dimension: expected -3 to 2, got 3");
  CHECK(failure([] { (void)row_axis(INT64_MIN, 2, "here"); }).starts_with("shape_mismatch: here"));
}

TEST_CASE("layers over dimension 0 couple the batch") {
  CHECK(couples(Softmax{.dims = {0}}, 1));
  CHECK(couples(Softmax{.dims = {-2}}, 1));
  CHECK_FALSE(couples(Softmax{.dims = {-2}}, 2));
  CHECK_FALSE(couples(Softmax{.dims = {1}}, 1));
  CHECK(couples(Softmax{.dims = {2, 0}}, 2));
  CHECK(couples(Softmax{}, 0));
  CHECK_FALSE(couples(Softmax{}, 1));
  CHECK(couples(Softmax{SoftmaxKind::sparsemax, {0}}, 1));
  CHECK(couples(Glu{0}, 1));
  CHECK_FALSE(couples(Glu{}, 1));
  CHECK_FALSE(couples(Linear{2, 2}, 1));
}

TEST_CASE("output_shapes stops being known at the first layer that does not fit") {
  const std::vector<Layer> layers = {{"0", Linear{4, 8}}, {"1", Linear{9, 2}}, {"2", Identity{}}};
  using Shapes = std::vector<std::optional<Shape>>;
  CHECK(output_shapes(layers, Shape{4}) == Shapes{Shape{8}, std::nullopt, std::nullopt});
  CHECK(output_shapes(layers, std::nullopt) == Shapes(3));
  CHECK(output_shapes({}, Shape{4}).empty());
}
