// Numbers -> SVG: axes, grids, curves. SPDX-License-Identifier: Apache-2.0
"use strict";

const kWidth = 560, kHeight = 300, kLeft = 62, kRight = 16, kTop = 12, kBottom = 40;

function element(name, attributes = {}, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function html(name, text, className) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

/// Three digits, as the text report writes them; and without zeros at the end, for marks on an axis.
function figure(value) {
  if (value === 0) return "0";
  if (Math.abs(value) >= 999.5) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(3);
}
const plain = (value) => value >= 999.5 ? figure(value) : String(Number(value.toPrecision(3)));
function scaled(value, units, digits = figure) {
  let last = units[0];
  for (const unit of units) if (value >= 0.9995 * unit[0]) last = unit;
  return digits(value / last[0]) + " " + last[1];
}
const kTimes = [[1, "ns"], [1e3, "\u00b5s"], [1e6, "ms"], [1e9, "s"]];
const duration = (ns) => scaled(ns, kTimes);
const durationMark = (ns) => scaled(ns, kTimes, plain);
const bytes = (count) => scaled(count, [[1, "B"], [1e3, "kB"], [1e6, "MB"], [1e9, "GB"]]);
const amount = (count, digits) => scaled(count, [[1, ""], [1e3, "k"], [1e6, "M"], [1e9, "G"]], digits).trim();
const amountMark = (count) => amount(count, plain);
const percent = (share) => (100 * share).toFixed(1) + " %";

/// A logarithmic or linear scale from values to pixels.
class Scale {
  constructor(low, high, start, end, logarithmic) {
    Object.assign(this, {low, high, start, end, logarithmic});
  }
  at(value) {
    const f = this.logarithmic ? Math.log : (x) => x;
    return this.start + (f(value) - f(this.low)) / (f(this.high) - f(this.low)) * (this.end - this.start);
  }
  /// About `count` round values: 1, 2 and 5 times powers of ten, or of powers of two where `base` is 2.
  ticks(count, base = 10) {
    if (!this.logarithmic) return this.even(count);
    for (const steps of base === 2 ? [[1]] : [[1, 2, 5], [1, 3], [1]]) {
      const ticks = [];
      const first = Math.floor(Math.log(this.low) / Math.log(base)), last = Math.ceil(Math.log(this.high) / Math.log(base));
      for (let power = first; power <= last; ++power) {
        for (const step of steps) ticks.push(step * base ** power);
      }
      const shown = ticks.filter((tick) => tick >= this.low * 0.999 && tick <= this.high * 1.001);
      if (shown.length <= count) return shown.length > 1 ? shown : this.even(count);
      if (steps.length === 1) return shown.filter((_, i) => i % Math.ceil(shown.length / count) === 0);
    }
    return [];
  }
  even(count) {
    const rough = (this.high - this.low) / count, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough * 0.999);
    const ticks = [];
    for (let tick = Math.ceil(this.low / step) * step; tick <= this.high * 1.0001; tick += step) ticks.push(tick);
    return ticks;
  }
}

/// A plot with two labelled axes; `top` and `height` let several share a drawing.
class Plot {
  constructor({x, y, xLabel, yLabel, top = kTop, height = kHeight - kTop - kBottom, svg = null}) {
    this.svg = svg || element("svg", {viewBox: `0 0 ${kWidth} ${kHeight}`, role: "img"});
    this.x = new Scale(x[0], x[1], kLeft, kWidth - kRight, x[2]);
    this.y = new Scale(y[0], y[1], top + height, top, y[2]);
    if (yLabel) this.text(kLeft, top - 1, yLabel, {"text-anchor": "start", dy: "-0.1em"});
    this.xLabel = xLabel;
  }
  add(name, attributes, title) {
    const node = element(name, attributes);
    if (title) node.append(element("title", {}, title));
    this.svg.append(node);
    return node;
  }
  text(x, y, text, attributes = {}) { this.svg.append(element("text", {x, y, "text-anchor": "middle", ...attributes}, text)); }
  line(x1, y1, x2, y2, className) { this.add("line", {x1, y1, x2, y2, class: className}); }
  axes(xTicks, yTicks, xText, yText, labelX = true) {
    for (const tick of yTicks) {
      this.line(kLeft, this.y.at(tick), kWidth - kRight, this.y.at(tick), "grid-line");
      this.text(kLeft - 8, this.y.at(tick), yText(tick), {"text-anchor": "end", dy: "0.35em"});
    }
    for (const tick of xTicks) {
      this.line(this.x.at(tick), this.y.start, this.x.at(tick), this.y.start + 4, "axis");
      if (labelX) this.text(this.x.at(tick), this.y.start + 18, xText(tick));
    }
    this.line(kLeft, this.y.start, kWidth - kRight, this.y.start, "axis");
    if (this.xLabel) this.text((kLeft + kWidth - kRight) / 2, this.y.start + 35, this.xLabel);
  }
  path(points, className) {
    const d = points.map(([x, y], i) => (i ? "L" : "M") + this.x.at(x).toFixed(2) + " " + this.y.at(y).toFixed(2)).join("");
    this.add("path", {d, class: className});
  }
  point(x, y, title, className = "point", radius = 5) {
    this.add("circle", {cx: this.x.at(x), cy: this.y.at(y), r: radius, class: className}, title);
  }
}
