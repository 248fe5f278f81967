// Golden vectors: they travel with a model, are checked when it is loaded, and are no part of what it is.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/failure.hpp"
#include "support/folder.hpp"

#include <lamina/lamina.hpp>

#include <cmath>
#include <fstream>
#include <limits>
#include <string>

using namespace lamina;
using namespace lamina::test;

namespace {

/// y = (x0 + 0.5, x1, x0 + x1 - 1).
Model sum() {
  Model model = Sequential{Linear(2, 3)};
  model.load_state_dict({{"0.weight", Tensor({3, 2}, {1, 0, 0, 1, 1, 1})}, {"0.bias", Tensor({3}, {0.5F, 0, -1})}});
  return model;
}

const GoldenVectors kRight{Tensor({2, 2}, {1, 2, -4, 0.25F}), Tensor({2, 3}, {1.5F, 2, 2, -3.5F, 0.25F, -4.75F})};
const GoldenVectors kWrong{kRight.input, Tensor({2, 3}, {1.5F, 2, 2, -3.5F, 0.25F, -4})};

Model with(const GoldenVectors& golden) {
  Model model = sum();
  model.set_golden_vectors(golden);
  return model;
}

std::string load_failure(const std::filesystem::path& path, const LoadOptions& options) {
  return failure([&] { (void)load(path, options); });
}

bool has(const std::string& text, std::string_view part) {
  UNSCOPED_INFO("looking for '" << part << "' in '" << text << "'");
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("golden vectors are saved and loaded, also a second time") {
  const Folder folder;
  save(with(kRight), folder / "a.safetensors");
  const Model first = load(folder / "a.safetensors", {.verify = true});
  REQUIRE(first.golden_vectors().has_value());
  CHECK(*first.golden_vectors() == kRight);
  save(first, folder / "b.safetensors");
  CHECK(content_of(folder / "b.safetensors") == content_of(folder / "a.safetensors"));
}

TEST_CASE("they are neither weights nor part of what a model is") {
  const Folder folder;
  save(with(kRight), folder / "a.safetensors");
  const Model model = load(folder / "a.safetensors");
  CHECK(model == sum());
  CHECK(model.parameter_count() == 9);
  CHECK(model.state_dict().size() == 2);
  CHECK_FALSE(sum().golden_vectors().has_value());
}

TEST_CASE("a model whose answers are others is not handed over when it is to be verified") {
  const Folder folder;
  save(with(kWrong), folder / "a.safetensors");
  CHECK(load(folder / "a.safetensors") == sum());
  const std::string message = load_failure(folder / "a.safetensors", {.verify = true});
  CHECK(message.starts_with("verification_failed: "));
  CHECK(has(message,
            "a.safetensors: golden vectors: largest error 0.75 at row 1, column 2 (from 0): got -4.75, "
            "expected -4; 1 of 6 values beyond 1e-05 + 0.0001 |expected|; furthest at row 1, column 2"));
  CHECK(load(folder / "a.safetensors", {.verify = true, .tolerance = {.absolute = 0.75}}) == sum());
  for (const double none : {std::nan(""), -1.0}) {
    CHECK(has(load_failure(folder / "a.safetensors", {.verify = true, .tolerance = {.absolute = none}}),
              "verify: tolerance: expected numbers of 0 or more"));
  }
  const std::string bytes = content_of(folder / "a.safetensors");
  CHECK(failure([&] {
          (void)load(std::as_bytes(std::span(bytes)), {.verify = true});
        }).starts_with("verification_failed: golden vectors: "));
}

TEST_CASE("a damaged weight is found") {
  const Folder folder;
  save(with(kRight), folder / "a.safetensors");
  std::string bytes = content_of(folder / "a.safetensors");
  const std::size_t data = bytes.size() - (9 + 4 + 6) * sizeof(float);  // 0.weight starts there: 1.0f
  bytes[data + 3] = 0x40;
  folder.put("b.safetensors", bytes);
  CHECK(load_failure(folder / "b.safetensors", {}) == "no error");
  CHECK(load_failure(folder / "b.safetensors", {.verify = true}).starts_with("verification_failed: "));
}

TEST_CASE("asking to verify a model without golden vectors is an error, not a pass") {
  const Folder folder;
  save(sum(), folder / "a.safetensors");
  CHECK(has(load_failure(folder / "a.safetensors", {.verify = true}),
            "a.safetensors: golden vectors: there are none to verify the model with"));
}

TEST_CASE("their shapes are checked") {
  const auto verdict = [](Tensor input, Tensor output) {
    Model model = sum();
    return failure([&] { model.set_golden_vectors(GoldenVectors{std::move(input), std::move(output)}); });
  };
  CHECK(verdict(Tensor({1, 2}), Tensor({1, 3})) == "no error");
  CHECK(verdict(Tensor({1, 3}), Tensor({1, 3})) ==
        "shape_mismatch: golden vectors: layer '0' (Linear): input: expected last dimension 2, got [3]");
  CHECK(verdict(Tensor({1, 2}), Tensor({1, 4})) ==
        "shape_mismatch: golden vectors: row of output: expected [3], got [4]");
  CHECK(verdict(Tensor({2, 2}), Tensor({1, 3})) ==
        "shape_mismatch: golden vectors: rows of output: expected 2, as of input, got 1");
  CHECK(
      verdict(Tensor(Shape{0, 2}), Tensor(Shape{0, 3})).starts_with("shape_mismatch: golden vectors: input: expected"));
  CHECK(verdict(Tensor(Shape{}), Tensor(Shape{})).starts_with("shape_mismatch: golden vectors: input: expected"));
}

TEST_CASE("a refused attachment changes nothing, and they can be taken off") {
  Model model = with(kRight);
  CHECK(failure([&] { model.set_golden_vectors(GoldenVectors{Tensor({1, 5}), Tensor({1, 3})}); }) != "no error");
  CHECK(*model.golden_vectors() == kRight);
  model.set_golden_vectors(std::nullopt);
  CHECK_FALSE(model.golden_vectors().has_value());
}

TEST_CASE("new weights drop the golden vectors of the old ones") {
  Model loaded = with(kRight), drawn = with(kRight);
  loaded.load_state_dict(sum().state_dict());
  CHECK_FALSE(loaded.golden_vectors().has_value());
  drawn.randomize(1);
  CHECK_FALSE(drawn.golden_vectors().has_value());
}

TEST_CASE("rows of any shape, over the batch too, and NaN as an answer") {
  const Folder folder;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Model relu = Sequential{ReLU()};
  relu.set_golden_vectors(GoldenVectors{Tensor({1, 2, 2}, {-1, 2, nan, 0}), Tensor({1, 2, 2}, {0, 2, nan, 0})});
  save(relu, folder / "relu.safetensors");
  CHECK(load(folder / "relu.safetensors", {.verify = true}) == relu);
  Model coupled = Sequential{Softmax(0)};
  coupled.set_golden_vectors(GoldenVectors{Tensor({2, 1}, {3, 3}), Tensor({2, 1}, {0.5F, 0.5F})});
  save(coupled, folder / "coupled.safetensors");
  CHECK(load(folder / "coupled.safetensors", {.verify = true}) == coupled);
}

TEST_CASE("a Plan is compared with any rows and answers") {
  const Plan plan = sum().compile();
  CHECK(verify(plan, kRight).failures() == 0);
  const Comparison comparison = verify(plan, kWrong);
  CHECK(comparison.failures() == 1);
  CHECK(comparison.rows() == 2);
  CHECK(comparison.values() == 6);
  CHECK(to_string(comparison.largest()) == "0.75 at row 1, column 2 (from 0): got -4.75, expected -4");
  CHECK(failure([&] {
          (void)verify(plan, {Tensor({1, 3}), Tensor({1, 3})});
        }) == "shape_mismatch: golden vectors: shapes: expected rows of 2 inputs and 3 outputs, got [1, 3] and [1, 3]");
  CHECK(failure([&] { (void)verify(plan, {Tensor(Shape{0, 2}), Tensor(Shape{0, 3})}); }) != "no error");
}

TEST_CASE("the shape of a row is stated once, where the model leaves it open") {
  Model model = Sequential{ReLU(), Flatten()};
  CHECK_FALSE(model.output_shape().has_value());
  model.set_input_shape({4, 4});
  CHECK(model.output_shape() == Shape{16});
  CHECK(model.compile().input_size() == 16);
  CHECK(failure([&] { model.set_input_shape({5}); }) ==
        "shape_mismatch: input shape: the model states its own: expected [4, 4], got [5]");
  Model linear = sum();
  CHECK(failure([&] { linear.set_input_shape({3}); }).starts_with("shape_mismatch: layer '0' (Linear)"));
  CHECK(linear == sum());
}
