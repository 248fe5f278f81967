// Bytes of a model file -> its network, compiled and run once: what a user does with a file from elsewhere.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/reader.hpp"
#include "fuzz/survive.hpp"

#include <lamina/lamina.hpp>

#include <optional>
#include <vector>

namespace lamina::fuzz {

/// Networks beyond these would take long and say nothing about the reader.
inline constexpr std::size_t kMostParameters = 1 << 16;
inline constexpr std::size_t kMostFeatures = 1 << 16;

/// One row of ones.
inline void compile_and_run(const Model& model) {
  if (!model.has_weights() || model.parameter_count() > kMostParameters) return;
  CompileOptions options;
  if (!model.input_shape()) options.input_shape = Shape{3};
  const Plan plan = model.compile(options);
  if (plan.input_size() > kMostFeatures || plan.output_size() > kMostFeatures) return;
  const std::vector<float> x(plan.input_size(), 1.0F);
  std::vector<float> y(plan.output_size());
  Workspace workspace = plan.workspace(1);
  plan.run(x, y, workspace);
}

inline void load_and_run(const base::ByteSource& file, const LoadOptions& options) {
  const Model model(format::read_network(file, options));
  (void)to_string(model);
  (void)summary(model);
  compile_and_run(model);
}

/// With the file's own architecture or, where it has none, with a text that the seeds' tensors fit.
inline int read_model(const std::uint8_t* data, std::size_t size) {
  const base::ByteSource file = source(data, size);
  LoadOptions options;
  options.limits = limits();
  try {
    load_and_run(file, options);
    return 0;
  } catch (const Error& error) {
    check(error);
    if (error.code() != Errc::invalid_argument) return 0;
  }
  options.architecture = "nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))";
  options.allow_unused = true;
  return survive([&] { load_and_run(file, options); });
}

}  // namespace lamina::fuzz
