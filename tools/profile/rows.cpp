// A file, or a seed -> the rows that are run.
// SPDX-License-Identifier: Apache-2.0
#include "profile/rows.hpp"

#include <algorithm>
#include <random>
#include <span>

namespace lamina::tools {
namespace {

constexpr std::size_t kMostFloats = std::size_t{1} << 28;

std::vector<float> read_rows(const InputOptions& input, const Plan& plan) {
  data::Reader reader = open_input(input);
  fit_rows(reader, input.path, plan.input_shape());
  std::vector<float> rows;
  const std::size_t chunk = std::max<std::size_t>(1, (std::size_t{1} << 16) / plan.input_size()) * plan.input_size();
  for (std::size_t read = 1; read != 0 && rows.size() + chunk <= kMostFloats;) {
    const std::size_t old = rows.size();
    rows.resize(old + chunk);
    read = reader.read(std::span(rows).subspan(old));
    rows.resize(old + read * plan.input_size());
  }
  if (rows.empty()) throw Error(Errc::invalid_argument, place_of(input.path) + ": has no rows to run");
  return rows;
}

std::vector<float> draw_rows(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> rows(size);
  for (float& x : rows) x = normal(engine);
  return rows;
}

}  // namespace

const std::vector<float>& Rows::get(const Plan& plan, std::size_t count) {
  if (!flags_.input.path.empty()) {
    if (!rows_.empty()) return rows_;
    rows_ = read_rows(flags_.input, plan);
    description_ = std::to_string(rows_.size() / plan.input_size()) + " rows of " + place_of(flags_.input.path);
  } else if (rows_.size() < count * plan.input_size()) {
    const std::uint64_t seed = flags_.model.seed.value_or(0);
    rows_ = draw_rows(seed, count * plan.input_size());
    description_ = "drawn from seed " + std::to_string(seed);
  }
  return rows_;
}

std::size_t Rows::all(const Plan& plan) {
  constexpr std::size_t kOffline = 24576;
  if (!flags_.input.path.empty()) return get(plan, 1).size() / plan.input_size();
  return std::clamp<std::size_t>(kMostFloats / plan.input_size(), 1, kOffline);
}

}  // namespace lamina::tools
