// Samples of a time -> its mean, spread and percentiles, each with its confidence interval.
// SPDX-License-Identifier: Apache-2.0
#include "profile/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

namespace lamina::tools {
namespace {

constexpr double kNormal95 = 1.959964;

/// Ranks n q -+ 1.96 sqrt(n q (1 - q)) of the ascending samples.
Interval order_interval(std::span<const double> ascending, double q) {
  const auto n = static_cast<double>(ascending.size());
  const double middle = n * q, half = kNormal95 * std::sqrt(n * q * (1 - q));
  const auto at = [&](double rank) { return ascending[static_cast<std::size_t>(std::clamp(rank, 0.0, n - 1))]; };
  return {at(std::floor(middle - half) - 1), at(std::ceil(middle + half))};
}

}  // namespace

std::size_t least_samples(double q) {
  // Smallest n where a sample of n with at most one value above the percentile would be seen in less than 1 % of cases
  // if the percentile were higher: q^n + n q^(n-1) (1 - q) <= 0.01.
  std::size_t low = 1, high = std::size_t{1} << 40;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const auto n = static_cast<double>(middle);
    const double tail = std::pow(q, n) + n * std::pow(q, n - 1) * (1 - q);
    tail <= 0.01 ? high = middle : low = middle + 1;
  }
  return low;
}

double quantile(std::span<const double> ascending, double q) {
  const auto n = static_cast<double>(ascending.size());
  const double rank = std::clamp(std::ceil(n * q - 1e-9), 1.0, n);
  return ascending[static_cast<std::size_t>(rank) - 1];
}

const Percentile& Summary::percentile(const std::string& name) const {
  const auto found = std::ranges::find(percentiles, name, &Percentile::name);
  if (found == percentiles.end()) throw std::out_of_range("no percentile " + name);
  return *found;
}

double Summary::typical() const { return percentile("p50").value.value_or(mean); }

Histogram histogram_of(std::span<const double> samples) {
  constexpr double kBinsPerDoubling = 64;
  std::map<int, std::size_t> bins;
  for (const double x : samples) ++bins[static_cast<int>(std::floor(kBinsPerDoubling * std::log2(std::max(x, 1.0))))];
  Histogram histogram;
  for (const auto& [bin, count] : bins) {
    histogram.edges.push_back(std::exp2(bin / kBinsPerDoubling));
    histogram.counts.push_back(count);
  }
  return histogram;
}

Summary summarize(std::vector<double> samples) {
  Summary s;
  s.percentiles = {{"p50", 0.5, 0, {}, {}},
                   {"p90", 0.9, 0, {}, {}},
                   {"p95", 0.95, 0, {}, {}},
                   {"p99", 0.99, 0, {}, {}},
                   {"p99.9", 0.999, 0, {}, {}}};
  s.n = samples.size();
  for (Percentile& p : s.percentiles) p.least = least_samples(p.q);
  if (s.n == 0) return s;
  std::ranges::sort(samples);
  const auto n = static_cast<double>(s.n);
  s.min = samples.front();
  s.max = samples.back();
  s.mean = std::accumulate(samples.begin(), samples.end(), 0.0) / n;
  double squares = 0;
  for (const double x : samples) squares += (x - s.mean) * (x - s.mean);
  s.sd = s.n > 1 ? std::sqrt(squares / (n - 1)) : 0;
  const double half = kNormal95 * s.sd / std::sqrt(n);
  s.mean_interval = {s.mean - half, s.mean + half};
  for (Percentile& p : s.percentiles) {
    if (s.n < p.least) continue;
    p.value = quantile(samples, p.q);
    p.interval = order_interval(samples, p.q);
  }
  return s;
}

}  // namespace lamina::tools
