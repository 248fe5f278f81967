// Array files or a seed -> golden vectors of a model; the tolerance of a check.
// SPDX-License-Identifier: Apache-2.0
#include "golden.hpp"

#include "command.hpp"
#include "input_options.hpp"

#include <lamina/data.hpp>

#include <algorithm>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace lamina::tools {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;  // of one tensor: golden vectors are a sample

Shape with_rows(std::size_t rows, const Shape& row) {
  Shape shape = {static_cast<std::int64_t>(rows)};
  shape.insert(shape.end(), row.begin(), row.end());
  return shape;
}

void check_size(std::size_t rows, std::size_t row_size, const std::string& place) {
  const std::size_t most = kMostBytes / sizeof(float) / std::max<std::size_t>(1, row_size);
  if (rows <= most) return;
  throw Error(Errc::limit_exceeded,
              place + ": golden vectors: expected at most " + std::to_string(most) + " rows (256 MiB), got more");
}

/// All rows of a file, as rows of `shape` where one is given.
Tensor read_rows(const std::string& path, const std::optional<Shape>& shape) {
  data::ReadOptions options;
  options.allow_nonfinite = true;  // NaN is an answer that can be expected
  data::Reader reader(path, options);
  if (shape) fit_rows(reader, path, *shape);
  const std::size_t size = reader.row_size();
  const Shape row = shape.value_or(reader.row_shape());
  if (size == 0) throw Error(Errc::shape_mismatch, place_of(path) + ": has no rows");
  constexpr std::size_t kBlockRows = 256;
  std::vector<float> values;
  std::size_t rows = 0;
  for (std::size_t more = 1; more != 0; rows += more) {
    check_size(rows, size, place_of(path));
    values.resize((rows + kBlockRows) * size);
    more = reader.read(std::span(values).subspan(rows * size));
  }
  return {with_rows(rows, row), std::span<const float>(values).first(rows * size)};
}

/// The sum of twelve uniform numbers less six: mean 0, variance 1, the same on every machine.
float draw(std::mt19937_64& engine) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(engine() >> 40) * 0x1p-24;
  return static_cast<float>(sum);
}

}  // namespace

void add_tolerance_options(CLI::App& app, Tolerance& tolerance) {
  app.add_option("--rtol", tolerance.relative, "|y - e| <= atol + rtol |e| (default 1e-4)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("R");
  app.add_option("--atol", tolerance.absolute, "(default 1e-5)")->check(CLI::NonNegativeNumber)->type_name("A");
}

GoldenVectors read_golden(const Model& model, const std::string& files) {
  const std::size_t comma = files.find(',');
  if (comma == std::string::npos || comma == 0 || comma + 1 == files.size()) {
    throw UsageError("--golden: expected two files X,Y, got '" + files + "'");
  }
  const std::string x = files.substr(0, comma), y = files.substr(comma + 1);
  GoldenVectors golden;
  golden.input = read_rows(x, model.input_shape());
  CompileOptions how;
  how.input_shape = Shape(golden.input.shape().begin() + 1, golden.input.shape().end());
  golden.output = read_rows(y, model.compile(how).output_shape());
  const std::int64_t rows = golden.input.shape()[0], answers = golden.output.shape()[0];
  if (rows == answers) return golden;
  throw Error(Errc::shape_mismatch, place_of(y) + ": rows: expected " + std::to_string(rows) + ", as many as " +
                                        place_of(x) + " has, got " + std::to_string(answers));
}

GoldenVectors draw_golden(const Model& model, std::uint64_t seed, std::size_t rows) {
  const Plan plan = model.compile();
  check_size(rows, std::max(plan.input_size(), plan.output_size()), "--golden-rows");
  std::mt19937_64 engine(seed);
  GoldenVectors golden{Tensor(with_rows(rows, plan.input_shape())), Tensor(with_rows(rows, plan.output_shape()))};
  for (float& value : golden.input.mutable_values()) value = draw(engine);
  Workspace workspace = plan.workspace(rows);
  plan.run(golden.input.values(), golden.output.mutable_values(), workspace);
  return golden;
}

}  // namespace lamina::tools
