// Curves y(x) -> an SVG line chart.
// SPDX-License-Identifier: Apache-2.0
#include "chart.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace lamina::tools {
namespace {

constexpr double kLeft = 64, kTop = 56, kPlotWidth = 560, kPlotHeight = 400, kBottom = 44;
constexpr double kLegendGap = 28, kLegendLine = 26, kSwatch = 30, kLegendFont = 14;
// Of a sans-serif font: wide enough for any name that is mostly lower case.
constexpr double kLetterWidth = 0.58 * kLegendFont;

// Okabe and Ito: told apart with every kind of colour vision, and dark enough for lines on white.
constexpr std::array<const char*, 7> kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                 "#e69f00", "#56b4e9", "#333333"};
// Later curves are dashed, so that one that covers another (ReLU and LeakyReLU above 0) lets it show.
constexpr std::array<const char*, 4> kDashes = {"", "10 5", "3 4", "12 5 2 5"};

/// At most two digits after the point: a hundredth of a pixel.
std::string number(double value) {
  std::array<char, 64> digits{};
  const double rounded = std::round(value * 100) / 100 + 0.0;  // + 0.0 turns -0 into 0
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), rounded).ptr;
  return {digits.data(), end};
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// One direction of the plot: values from low to high, marked every step, drawn from pixel `start` to `end`.
struct Axis {
  double low, high, step;
  double start = 0, end = 1;

  [[nodiscard]] double pixel(double value) const { return start + (value - low) / (high - low) * (end - start); }
  [[nodiscard]] bool shows(double value) const { return value >= low && value <= high; }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> values;
    const auto first = std::ceil(low / step - 1e-6), last = std::floor(high / step + 1e-6);
    for (double i = first; i <= last; ++i) values.push_back(i * step + 0.0);
    return values;
  }
};

/// 1, 2 or 5 times a power of ten, so that about `count` of them make the range.
double nice_step(double range, double count) {
  const double rough = range / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power * 1.0001) return factor * power;
  }
  return 10 * power;
}

/// Ends on marks, with zero inside, so that the axis through zero shows.
Axis y_axis(const Chart& chart) {
  double low = 0, high = 0;
  for (const Curve& curve : chart.curves) {
    for (const float y : curve.y) {
      if (!std::isfinite(y)) continue;
      low = std::min(low, static_cast<double>(y));
      high = std::max(high, static_cast<double>(y));
    }
  }
  if (low == high) high = 1;
  const double step = nice_step(high - low, 8);
  return {std::floor(low / step + 1e-6) * step, std::ceil(high / step - 1e-6) * step, step, kTop + kPlotHeight, kTop};
}

Axis x_axis(const Chart& chart) {
  const double low = chart.x.front(), high = chart.x.back();
  return {low, high, nice_step(high - low, 10), kLeft, kLeft + kPlotWidth};
}

/// A mark's label: as many digits as its step has.
std::string tick_label(double value, double step) {
  const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  std::array<char, 400> text{};
  const bool plain = step >= 1e-4 && std::fabs(value) < 1e6;
  const auto end = plain
                       ? std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits)
                       : std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 3);
  const std::string label(text.data(), end.ptr);
  return label.front() == '-' ? "&#8722;" + label.substr(1) : label;  // a true minus sign, as wide as a digit
}

std::string line(double x1, double y1, double x2, double y2) {
  return "<path d=\"M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2) + "\"/>\n";
}

std::string grid(const Axis& x, const Axis& y) {
  std::string svg = "<g stroke=\"#e3e3e3\" stroke-width=\"1\" fill=\"none\">\n";
  for (const double tick : x.ticks()) svg += line(x.pixel(tick), y.start, x.pixel(tick), y.end);
  for (const double tick : y.ticks()) svg += line(x.start, y.pixel(tick), x.end, y.pixel(tick));
  svg += "</g>\n<g stroke=\"#555555\" stroke-width=\"1.25\" fill=\"none\">\n";
  if (x.shows(0)) svg += line(x.pixel(0), y.start, x.pixel(0), y.end);
  if (y.shows(0)) svg += line(x.start, y.pixel(0), x.end, y.pixel(0));
  return svg + "</g>\n";
}

std::string labels(const Axis& x, const Axis& y) {
  std::string svg = "<g font-size=\"13\" fill=\"#444444\" text-anchor=\"middle\">\n";
  for (const double tick : x.ticks()) {
    svg += "<text x=\"" + number(x.pixel(tick)) + "\" y=\"" + number(y.start + 22) + "\">" + tick_label(tick, x.step) +
           "</text>\n";
  }
  svg += "</g>\n<g font-size=\"13\" fill=\"#444444\" text-anchor=\"end\">\n";
  for (const double tick : y.ticks()) {
    svg += "<text x=\"" + number(x.start - 10) + "\" y=\"" + number(y.pixel(tick) + 4.5) + "\">" +
           tick_label(tick, y.step) + "</text>\n";
  }
  return svg + "</g>\n";
}

std::string stroke(std::size_t index) {
  const std::string dash = kDashes[index % kDashes.size()];
  return "stroke=\"" + std::string(kColours[index % kColours.size()]) + "\"" +
         (dash.empty() ? "" : " stroke-dasharray=\"" + dash + "\"");
}

struct Point {
  double x, y;
};

/// Few of `points` (x ascending), so that lines between them pass all others within a twentieth of a pixel: from the
/// last one kept, the slopes that do so for every point since are one interval.
std::vector<Point> thinned(const std::vector<Point>& points) {
  constexpr double kTolerance = 0.05;
  constexpr double kAny = std::numeric_limits<double>::infinity();
  std::vector<Point> kept = {points.front()};
  double least = -kAny, most = kAny;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto slope_to = [&](double y) { return (y - kept.back().y) / (points[i].x - kept.back().x); };
    if (slope_to(points[i].y) < least || slope_to(points[i].y) > most) {
      kept.push_back(points[i - 1]);
      least = -kAny;
      most = kAny;
    }
    least = std::max(least, slope_to(points[i].y - kTolerance));
    most = std::min(most, slope_to(points[i].y + kTolerance));
  }
  if (points.size() > 1) kept.push_back(points.back());
  return kept;
}

std::string path_through(const std::vector<Point>& points) {
  std::string path;
  for (const Point& point : thinned(points))
    path += (path.empty() ? "M" : "L") + number(point.x) + " " + number(point.y);
  return path;
}

std::string curve(const Chart& chart, std::size_t index, const Axis& x, const Axis& y) {
  std::string path;
  std::vector<Point> run;  // of finite values
  for (std::size_t i = 0; i < chart.x.size(); ++i) {
    const float value = chart.curves[index].y[i];
    if (std::isfinite(value)) run.push_back({x.pixel(chart.x[i]), y.pixel(value)});
    if (run.empty() || (std::isfinite(value) && i + 1 < chart.x.size())) continue;
    path += path_through(run);
    run.clear();
  }
  return "<path d=\"" + path + "\" " + stroke(index) + "/>\n";
}

std::string legend(const Chart& chart) {
  std::string svg = "<g font-size=\"" + number(kLegendFont) + "\" fill=\"#222222\" stroke-width=\"2.75\">\n";
  const double left = kLeft + kPlotWidth + kLegendGap;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    const double middle = kTop + 14 + kLegendLine * static_cast<double>(i);
    svg += "<path d=\"M" + number(left) + " " + number(middle) + "h" + number(kSwatch) + "\" " + stroke(i) + "/>\n";
    svg += "<text x=\"" + number(left + kSwatch + 10) + "\" y=\"" + number(middle + 5) + "\">" +
           escaped(chart.curves[i].name) + "</text>\n";
  }
  return svg + "</g>\n";
}

double legend_width(const Chart& chart) {
  std::size_t letters = 0;
  for (const Curve& each : chart.curves) letters = std::max(letters, each.name.size());
  return kLegendGap + kSwatch + 10 + kLetterWidth * static_cast<double>(letters) + 16;
}

}  // namespace

std::string to_svg(const Chart& chart) {
  const Axis x = x_axis(chart), y = y_axis(chart);
  const double legend_height = 14 + kLegendLine * static_cast<double>(chart.curves.size());
  const std::string width = number(std::ceil(kLeft + kPlotWidth + legend_width(chart)));
  const std::string height = number(kTop + std::max(kPlotHeight, legend_height) + kBottom);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height +
                    "\" viewBox=\"0 0 " + width + " " + height +
                    "\" font-family=\"'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif\" role=\"img\">\n";
  svg += "<title>" + escaped(chart.title) + "</title>\n";
  svg += "<rect width=\"" + width + "\" height=\"" + height + "\" fill=\"#ffffff\"/>\n";
  svg += "<text x=\"" + number(kLeft + kPlotWidth / 2) + "\" y=\"32\" font-size=\"18\" fill=\"#222222\" " +
         "text-anchor=\"middle\">" + escaped(chart.title) + "</text>\n";
  svg += grid(x, y) + labels(x, y);
  svg += "<g fill=\"none\" stroke-width=\"2.75\" stroke-linejoin=\"round\">\n";
  for (std::size_t i = 0; i < chart.curves.size(); ++i) svg += curve(chart, i, x, y);
  return svg + "</g>\n" + legend(chart) + "</svg>\n";
}

}  // namespace lamina::tools
