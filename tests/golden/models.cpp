// Every model of models/ -> PyTorch's own answers, and the quality that its README states.
// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path kModels = LAMINA_MODELS;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> answers(const lamina::Plan& plan, const lamina::Tensor& x) {
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  auto workspace = plan.workspace();
  plan.run(x.values(), y, workspace);
  return y;
}

std::vector<float> answers(const std::string& folder) {
  return answers(lamina::load(kModels / folder / "model.safetensors").compile(),
                 lamina::data::read_array(kModels / folder / "x.npy"));
}

std::set<fs::path> folders() {
  std::set<fs::path> found;
  for (const auto& entry : fs::directory_iterator(kModels)) {
    if (fs::exists(entry.path() / "model.safetensors")) found.insert(entry.path());
  }
  return found;
}

/// |y - e| <= 1e-5 + 1e-4 |e| for every element.
void check_close(const std::vector<float>& y, const lamina::Tensor& expected) {
  REQUIRE(y.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double e = double{expected.values()[i]};
    worst = std::max(worst, std::abs(double{y[i]} - e) / (1e-5 + 1e-4 * std::abs(e)));
  }
  CHECK(worst <= 1.0);
}

template <class... Arguments>
std::string formatted(const char* format, Arguments... arguments) {
  char text[100];
  REQUIRE(std::snprintf(text, sizeof text, format, arguments...) > 0);
  return text;
}

}  // namespace

TEST_CASE("every model of models/ gives PyTorch's answers, fused or not") {
  REQUIRE(folders().size() >= 2);
  for (const fs::path& folder : folders()) {
    CAPTURE(folder.string());
    const auto model = lamina::load(folder / "model.safetensors");
    const auto x = lamina::data::read_array(folder / "x.npy");
    const auto expected = lamina::data::read_array(folder / "expected.npy");
    check_close(answers(model.compile(), x), expected);
    check_close(answers(model.compile({.fuse = false}), x), expected);
  }
}

TEST_CASE("digits are classified as well as the README of the model states") {
  const auto y = answers("digits");
  const auto labels = lamina::data::read_labels(kModels / "digits" / "labels.npy");
  REQUIRE(y.size() == labels.size() * 10);
  int right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = y.begin() + static_cast<std::ptrdiff_t>(i * 10);
    right += std::max_element(row, row + 10) - row == labels[i];
  }
  const auto rows = static_cast<int>(labels.size());
  const std::string stated = formatted("**%d of %d right (%.2f %%)**", right, rows, 100.0 * right / rows);
  CHECK_THAT(text_of(kModels / "digits" / "README.md"), Catch::Matchers::Contains(stated));
}

TEST_CASE("diabetes is predicted as well as the README of the model states") {
  const auto y = answers("diabetes");
  const auto targets = lamina::data::read_array(kModels / "diabetes" / "targets.npy");
  REQUIRE(y.size() == targets.size());
  double mean = 0, error = 0, variance = 0;
  for (const float target : targets.values()) mean += double{target} / static_cast<double>(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double target = double{targets.values()[i]};
    error += (double{y[i]} - target) * (double{y[i]} - target);
    variance += (target - mean) * (target - mean);
  }
  const std::string stated = formatted("**R^2 %.3f**", 1 - error / variance);
  const std::string deviation = formatted("error %.2f", std::sqrt(error / static_cast<double>(y.size())));
  const std::string readme = text_of(kModels / "diabetes" / "README.md");
  CHECK_THAT(readme, Catch::Matchers::Contains(stated));
  CHECK_THAT(readme, Catch::Matchers::Contains(deviation));
}

TEST_CASE("a model read from memory is the model read from its file") {
  for (const fs::path& folder : folders()) {
    const std::string bytes = text_of(folder / "model.safetensors");
    const auto from_memory = lamina::load(std::as_bytes(std::span(bytes)));
    CHECK(from_memory == lamina::load(folder / "model.safetensors"));
  }
}
