// Two measurements -> by how much one is slower, and how sure that is.
// SPDX-License-Identifier: Apache-2.0
#include "profile/difference.hpp"

#include "command.hpp"
#include "profile/figures.hpp"

#include <lamina/error.hpp>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <random>
#include <string_view>

namespace lamina::tools {
namespace {

constexpr int kResamples = 400;

/// What is looked at: the mean, then percentiles.
class Metrics {
 public:
  explicit Metrics(std::size_t samples) {
    for (const Percentile& p : summarize({}).percentiles) {
      if (samples < p.least) continue;
      names_.push_back(p.name);
      shares_.push_back(p.q);
    }
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  [[nodiscard]] std::vector<double> of(std::vector<double> samples) const {
    const auto count = static_cast<double>(samples.size());
    std::vector<double> values = {std::accumulate(samples.begin(), samples.end(), 0.0) / count};
    std::ranges::sort(samples);
    for (const double q : shares_) values.push_back(quantile(samples, q));
    return values;
  }

 private:
  std::vector<std::string> names_ = {"mean"};
  std::vector<double> shares_;
};

std::size_t count(const Blocks& blocks) {
  return std::accumulate(blocks.begin(), blocks.end(), std::size_t{0},
                         [](std::size_t sum, const std::vector<double>& block) { return sum + block.size(); });
}

/// The step of the clock: the least difference between two samples. No ratio is known better than to that.
double resolution(std::vector<double> samples) {
  std::ranges::sort(samples);
  double least = samples.back() - samples.front();
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const double gap = samples[i] - samples[i - 1];
    if (gap > 0) least = std::min(least, gap);
  }
  return least;
}

std::vector<double> joined(const Blocks& blocks, const std::vector<std::size_t>& which) {
  std::vector<double> samples;
  for (const std::size_t i : which) samples.insert(samples.end(), blocks[i].begin(), blocks[i].end());
  return samples;
}

std::vector<std::size_t> all_of(const Blocks& blocks) {
  std::vector<std::size_t> which(blocks.size());
  std::iota(which.begin(), which.end(), std::size_t{0});
  return which;
}

std::vector<std::size_t> draw(const Blocks& blocks, std::mt19937_64& engine) {
  std::uniform_int_distribution<std::size_t> one(0, blocks.size() - 1);
  std::vector<std::size_t> which(blocks.size());
  for (std::size_t& i : which) i = one(engine);
  return which;
}

[[noreturn]] void refuse(const std::string& text) {
  throw UsageError("--fail-if: expected limits such as p99>+10% or mean>+2.5%,p50>+5%, got '" + text + "'");
}

Threshold parse_threshold(const std::string& text, const std::string& whole) {
  const std::size_t sign = text.find('>');
  if (sign == std::string::npos || text.back() != '%') refuse(whole);
  Threshold threshold{text.substr(0, sign), 0};
  const std::size_t begin = sign + (text[sign + 1] == '+' ? 2 : 1);
  double value = 0;
  const char *first = text.data() + begin, *last = text.data() + text.size() - 1;
  const auto [end, failure] = std::from_chars(first, std::max(first, last), value);
  if (failure != std::errc() || end != last || !(value >= 0)) refuse(whole);
  threshold.most = value / 100;
  const Summary names = summarize({});
  const bool known = threshold.metric == "mean" || std::ranges::find(names.percentiles, threshold.metric,
                                                                     &Percentile::name) != names.percentiles.end();
  if (!known) refuse(whole);
  return threshold;
}

}  // namespace

std::vector<Difference> find_differences(const Blocks& before, const Blocks& after, Pairing pairing) {
  const Metrics metrics(std::min(count(before), count(after)));
  const std::vector<double> old_values = metrics.of(joined(before, all_of(before)));
  const std::vector<double> new_values = metrics.of(joined(after, all_of(after)));
  const std::size_t size = metrics.names().size();
  std::vector<std::vector<double>> ratios(size);
  std::mt19937_64 engine(1);
  for (int i = 0; i < kResamples; ++i) {
    const std::vector<std::size_t> which = draw(before, engine);
    const bool paired = pairing == Pairing::blocks && before.size() == after.size();
    const std::vector<double> old_draw = metrics.of(joined(before, which));
    const std::vector<double> new_draw = metrics.of(joined(after, paired ? which : draw(after, engine)));
    for (std::size_t m = 0; m < size; ++m) ratios[m].push_back(new_draw[m] / std::max(old_draw[m], 1.0));
  }
  const double step = std::max(resolution(joined(before, all_of(before))), resolution(joined(after, all_of(after))));
  std::vector<Difference> differences;
  for (std::size_t m = 0; m < size; ++m) {
    std::ranges::sort(ratios[m]);
    const double blur = step / std::max(old_values[m], 1.0);
    differences.push_back({metrics.names()[m],
                           old_values[m],
                           new_values[m],
                           new_values[m] / std::max(old_values[m], 1.0),
                           {quantile(ratios[m], 0.025) - blur, quantile(ratios[m], 0.975) + blur}});
  }
  return differences;
}

std::string Threshold::text() const { return metric + ">+" + three_digits(100 * most) + "%"; }

std::vector<Threshold> parse_thresholds(const std::string& text) {
  std::vector<Threshold> thresholds;
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(',', begin);
    const std::string one = text.substr(begin, end - begin);
    if (one.empty()) refuse(text);
    thresholds.push_back(parse_threshold(one, text));
  }
  return thresholds;
}

std::vector<Difference> beyond(const std::vector<Threshold>& thresholds, const std::vector<Difference>& differences) {
  std::vector<Difference> found;
  for (const Threshold& threshold : thresholds) {
    const auto difference = std::ranges::find(differences, threshold.metric, &Difference::metric);
    if (difference == differences.end()) {
      throw Error(Errc::invalid_argument, "--fail-if " + threshold.text() + ": samples: expected at least " +
                                              std::to_string(summarize({}).percentile(threshold.metric).least) +
                                              " on both sides, got fewer: a longer --duration gives more");
    }
    if (difference->interval.low > 1 + threshold.most) found.push_back(*difference);
  }
  return found;
}

std::string to_text(const Difference& d) {
  return d.metric + " " + duration_text(d.before) + " -> " + duration_text(d.after) + ": " + three_digits(d.ratio) +
         " times (" + three_digits(d.interval.low) + " to " + three_digits(d.interval.high) + ")";
}

}  // namespace lamina::tools
