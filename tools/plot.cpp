// lamina plot: names of activations -> an SVG of their curves, computed by the kernels that run them.
// SPDX-License-Identifier: Apache-2.0
#include "chart.hpp"
#include "command.hpp"

#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

namespace lamina::tools {
namespace {

struct PlotOptions {
  std::vector<std::string> names;
  std::string output = "-";
  double from = -5;
  double to = 5;
};

constexpr int kSamples = 641;  // about one per pixel of the plot
constexpr double kFurthest = 1e6;

/// Evenly spaced, and zero, where most activations have their kink.
std::vector<float> sample_points(double from, double to) {
  std::vector<float> x;
  for (int i = 0; i < kSamples; ++i) x.push_back(static_cast<float>(from + (to - from) * i / (kSamples - 1)));
  if (from < 0 && to > 0) x.push_back(0.0f);
  std::sort(x.begin(), x.end());
  x.erase(std::unique(x.begin(), x.end()), x.end());
  return x;
}

/// Throws UsageError for a name that is none, or that has no curve: softmax of a number depends on its neighbours.
Curve draw(const std::string& name, const std::vector<float>& x) {
  const auto apply_to = [&](std::size_t count) {
    return functional::apply(name, Tensor({static_cast<std::int64_t>(count)}, std::span(x).first(count)));
  };
  try {
    const Tensor y = apply_to(x.size()), half = apply_to(x.size() / 2);
    if (y.size() != x.size() || Tensor(half.shape(), y.values().first(half.size())) != half) {
      throw UsageError("'" + name + "' works over a row of numbers, so it has no curve over one");
    }
    return {name, {y.values().begin(), y.values().end()}};
  } catch (const Error& error) {  // the names are arguments of the command
    throw UsageError(error.what());
  }
}

ExitStatus plot(const PlotOptions& options) {
  if (!(options.from < options.to) || std::fabs(options.from) > kFurthest || std::fabs(options.to) > kFurthest) {
    throw UsageError("--from, --to: expected an ascending range within -1e6 and 1e6");
  }
  Chart chart{"Activation functions", sample_points(options.from, options.to), {}};
  if (chart.x.size() < 2) throw UsageError("--from, --to: too close to each other for float32");
  for (const std::string& name : options.names) chart.curves.push_back(draw(name, chart.x));
  data::TextWriter out(options.output);
  out.write(to_svg(chart));
  out.finish();
  return kDone;
}

}  // namespace

Action add_plot(CLI::App& app) {
  const auto options = std::make_shared<PlotOptions>();
  app.add_option("NAMES", options->names, "PyTorch's or Keras's names with parameters: relu 'leaky_relu(0.1)'")
      ->required();
  app.add_option("-o,--output", options->output, "SVG file; - is standard output, the default")->type_name("OUT.svg");
  app.add_option("--from", options->from, "First x (default -5)")->type_name("X");
  app.add_option("--to", options->to, "Last x (default 5)")->type_name("X");
  return [options] { return plot(*options); };
}

}  // namespace lamina::tools
