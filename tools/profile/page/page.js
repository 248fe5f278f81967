// The report's JSON -> the page. SPDX-License-Identifier: Apache-2.0
"use strict";

const report = JSON.parse(document.getElementById("report").textContent);
const place = (id) => document.getElementById(id);
const kPercentiles = [["p50", 0.5], ["p90", 0.9], ["p95", 0.95], ["p99", 0.99], ["p999", 0.999]];

function put(id, ...nodes) {
  const parent = place(id);
  parent.replaceChildren(...[...parent.children].filter((node) => node.tagName === "FIGCAPTION"), ...nodes);
}
const nameOf = (run) => `batch ${run.batch}, ${run.threads} thread${run.threads === 1 ? "" : "s"}`;
const typical = (run) => run.latency_ns.p50 ?? run.latency_ns.mean;

// ---- latency -------------------------------------------------------------------------------------------------------

/// Bins of equal width on a logarithmic axis, from the fine ones of the report: up to p99, since one call in a million
/// would take the room of all others. The curve of percentiles shows those.
function drawHistogram(run) {
  const {edges_ns: edges, counts} = run.histogram;
  const total = counts.reduce((a, b) => a + b, 0);
  let last = 0, seen = 0;
  while (last < counts.length - 1 && seen + counts[last] < 0.99 * total) seen += counts[last++];
  const low = edges[0] / 1.02, high = Math.max(edges[last] * 1.03, low * 1.1);
  const bins = Math.min(56, Math.floor(64 * Math.log2(high / low)));  // no finer than those of the report
  const heights = new Array(bins).fill(0);
  for (let i = 0; i <= last; ++i) {
    const at = Math.log(Math.max(edges[i], low) / low) / Math.log(high / low) * bins;
    heights[Math.min(bins - 1, Math.floor(at))] += counts[i];
  }
  const most = Math.max(...heights);
  const plot = new Plot({x: [low, high, true], y: [0, 1.08 * most / total, false], xLabel: "time of a call"});
  plot.axes(plot.x.ticks(7), plot.y.ticks(5), durationMark, (v) => Math.round(100 * v) + " %");
  const edge = (i) => low * (high / low) ** (i / bins);
  heights.forEach((count, i) => {
    if (!count) return;
    const x = plot.x.at(edge(i)), y = plot.y.at(count / total);
    plot.add("rect", {x: x + 0.4, y, width: Math.max(0.5, plot.x.at(edge(i + 1)) - x - 0.8), height: plot.y.start - y, class: "bar", rx: 1},
             `${duration(edge(i))} to ${duration(edge(i + 1))}: ${count.toLocaleString("en-US")} calls`);
  });
  for (const [name, label] of [["p50", "p50"], ["p99", "p99"]]) {
    const value = run.latency_ns[name];
    if (value === null || value > high) continue;
    plot.line(plot.x.at(value), kTop, plot.x.at(value), plot.y.start, "mark");
    const right = plot.x.at(value) > kWidth - 130;
    plot.text(plot.x.at(value) + (right ? -6 : 6), kTop + (name === "p50" ? 10 : 26), `${label} ${duration(value)}`,
              {"text-anchor": right ? "end" : "start", class: "mark-text"});
  }
  const beyond = counts.slice(last + 1).reduce((a, b) => a + b, 0);
  const tail = run.latency_ns.p99;
  if (beyond) plot.text(tail !== null && tail <= high ? plot.x.at(tail) - 6 : kWidth - kRight, kTop + 44, `not drawn: ${beyond.toLocaleString("en-US")} slower`, {"text-anchor": "end"});
  put("histogram", plot.svg);
}

/// Time against 1 / (1 - q), so that each nine takes the same room.
function drawPercentiles(run) {
  const {edges_ns: edges, counts} = run.histogram;
  const total = counts.reduce((a, b) => a + b, 0);
  const most = Math.max(100, total);
  let seen = 0;
  const curve = [];
  counts.forEach((count, i) => {
    if (total - seen >= 1) curve.push([total / (total - seen), edges[i]]);
    seen += count;
  });
  curve.push([total, edges.at(-1)]);
  const plot = new Plot({x: [1, most, true], y: [edges[0] / 1.1, edges.at(-1) * 1.15, true], xLabel: "share of the calls that are as fast"});
  const shown = [[1, "0 %"], [2, "50 %"], [10, "90 %"], [100, "99 %"], [1e3, "99.9 %"], [1e4, "99.99 %"], [1e5, "99.999 %"], [1e6, "6 nines"]];
  const labels = new Map(shown.filter(([x]) => x <= most));
  plot.axes([...labels.keys()], plot.y.ticks(7), (x) => labels.get(x), durationMark);
  plot.path(curve, "curve");
  for (const [name, q] of kPercentiles) {
    const value = run.latency_ns[name];
    if (value === null) continue;
    const [from, to] = run.latency_ns.interval95[name];
    plot.line(plot.x.at(1 / (1 - q)), plot.y.at(Math.max(from, plot.y.low)), plot.x.at(1 / (1 - q)), plot.y.at(Math.min(to, plot.y.high)), "axis");
    plot.point(1 / (1 - q), value, `${name.replace("p999", "p99.9")}: ${duration(value)}, 95 % interval ${duration(from)} to ${duration(to)}`);
  }
  put("percentiles", plot.svg);
}

// ---- batches -------------------------------------------------------------------------------------------------------

function drawSweep(chosen) {
  const runs = report.runs.filter((run) => run.threads === chosen.threads);
  if (runs.length < 2) return put("sweep", html("p", "One batch size was measured; --batch 1:4096:x2 sweeps.", "quiet"));
  const batches = runs.map((run) => run.batch), rate = (run) => 1e9 * run.batch / typical(run);
  const x = [batches[0] / 1.3, batches.at(-1) * 1.3, true], around = (values) => [Math.min(...values) / 1.5, Math.max(...values) * 1.6, true];
  const half = (kHeight - kTop - kBottom - 30) / 2;
  const upper = new Plot({x, y: around(runs.map(rate)), yLabel: "rows per second", top: kTop + 6, height: half});
  const ticks = upper.x.ticks(9, 2);
  upper.axes(ticks, upper.y.ticks(4), String, amountMark, false);
  const worst = runs.map((run) => run.latency_ns.p99 ?? typical(run));
  const lower = new Plot({x, y: around([...runs.map(typical), ...worst]), yLabel: "latency", xLabel: "rows per call", top: kTop + half + 32, height: half, svg: upper.svg});
  lower.axes(ticks, lower.y.ticks(4), String, durationMark);
  const knee = report.knees.find((each) => each.threads === chosen.threads);
  if (knee) {
    upper.line(upper.x.at(knee.batch), kTop + 6, upper.x.at(knee.batch), lower.y.start, "mark");
    const right = upper.x.at(knee.batch) > kWidth / 2;
    upper.text(upper.x.at(knee.batch) + (right ? -6 : 6), upper.y.start - 8, `knee: batch ${knee.batch}`, {"text-anchor": right ? "end" : "start", class: "mark-text"});
  }
  upper.path(runs.map((run) => [run.batch, rate(run)]), "curve");
  const tails = runs.filter((run) => run.latency_ns.p99 !== null);
  if (tails.length > 1) lower.path(tails.map((run) => [run.batch, run.latency_ns.p99]), "curve second");
  lower.path(runs.map((run) => [run.batch, typical(run)]), "curve");
  for (const run of runs) {
    upper.point(run.batch, rate(run), `${nameOf(run)}: ${amount(rate(run))} rows/s`, "point", run === chosen ? 6.5 : 4.5);
    if (run.latency_ns.p99 !== null) lower.point(run.batch, run.latency_ns.p99, `${nameOf(run)}: p99 ${duration(run.latency_ns.p99)}`, "point second", 4);
    lower.point(run.batch, typical(run), `${nameOf(run)}: p50 ${duration(typical(run))}`, "point", run === chosen ? 6.5 : 4.5);
  }
  lower.text(kWidth - kRight, lower.y.end - 1, "p50", {"text-anchor": "end", class: "strong", fill: "var(--one)", style: "fill:var(--one)", dx: -34});
  if (tails.length > 1) lower.text(kWidth - kRight, lower.y.end - 1, "p99", {"text-anchor": "end", style: "fill:var(--two)"});
  put("sweep", upper.svg);
}

// ---- steps ---------------------------------------------------------------------------------------------------------

/// The roofs of as many threads as took part in the run.
function roofsOf(run) {
  const used = Math.max(1, ...run.steps.map((step) => step.threads));
  return report.environment.roofs.find((roofs) => roofs.threads === used);
}

/// Those that read weights: only they have a place on the axis.
function placedSteps(run) {
  return run.steps.map((step, i) => ({step, i, x: step.flops / step.bytes, y: step.flops / (step.latency_ns.p50 ?? step.latency_ns.mean)}))
    .filter(({step, x, y}) => step.bytes > 0 && x > 0 && isFinite(y));
}

function drawRoofline(run) {
  const roofs = roofsOf(run);
  const steps = placedSteps(run);
  if (!roofs || !steps.length) return put("roofline", html("p", roofs ? "No step reads weights." : "Roofs were not measured.", "quiet"));
  const slowest = Math.min(...roofs.levels.map((level) => level.gigabytes_per_second));
  const all = report.runs.flatMap(placedSteps), xs = all.map((each) => each.x), ys = all.map((each) => each.y);  // axes that stay
  const x = [Math.min(0.1, ...xs) / 1.5, Math.max(3 * roofs.gflops / slowest, ...xs) * 1.3, true];
  const y = [Math.min(roofs.gflops / 30, ...ys) / 2, roofs.gflops * 1.9, true];
  const plot = new Plot({x, y, yLabel: "GFLOP/s", xLabel: "operations per byte of weights", top: kTop + 6, height: kHeight - kTop - kBottom - 6});
  plot.axes(plot.x.ticks(7), plot.y.ticks(6), plain, plain);
  roofs.levels.forEach((level, i) => {
    const knee = roofs.gflops / level.gigabytes_per_second, from = Math.max(x[0], y[0] / level.gigabytes_per_second);
    plot.path([[from, from * level.gigabytes_per_second], [knee, roofs.gflops], [x[1], roofs.gflops]], "roof");
    const middle = from * (knee / from) ** (0.3 + 0.18 * i), px = plot.x.at(middle), py = plot.y.at(middle * level.gigabytes_per_second);
    const angle = Math.atan2(plot.y.at(roofs.gflops) - plot.y.at(from * level.gigabytes_per_second), plot.x.at(knee) - plot.x.at(from)) * 180 / Math.PI;
    plot.text(px, py - 5, level.name, {transform: `rotate(${angle.toFixed(1)} ${px.toFixed(1)} ${py.toFixed(1)})`, "font-size": 11});
  });
  plot.text(kWidth - kRight - 4, plot.y.at(roofs.gflops) - 7, `FMA peak ${figure(roofs.gflops)} GFLOP/s`, {"text-anchor": "end"});
  for (const other of report.runs) {  // how the steps move with the batch
    if (other === run || other.threads !== run.threads) continue;
    for (const {x: px, y: py} of placedSteps(other)) plot.point(px, py, nameOf(other), "ghost", 2.5);
  }
  const largest = Math.max(...steps.map(({step}) => step.share));
  let free = -Infinity;
  for (const {step, i, x: px, y: py} of [...steps].sort((a, b) => b.y - a.y)) {
    plot.point(px, py, `step ${i + 1}: ${step.operation}\n${figure(py)} GFLOP/s, ${percent(step.roof_share ?? 0)} of roof, ${percent(step.share)} of the time`,
               "point", 3.5 + 5 * Math.sqrt(step.share / largest));
    const at = Math.max(plot.y.at(py) + 12, free + 14), left = plot.x.at(px) > kWidth - 110;
    plot.text(plot.x.at(px) + (left ? -14 : 14), at + 4, `step ${i + 1}`, {"text-anchor": left ? "end" : "start", class: "strong"});
    free = at;
  }
  put("roofline", plot.svg);
}

function drawLayers(run) {
  const rows = run.steps.map((step, i) => ({label: `${i + 1}  ${step.operation}`, share: step.share, text:
    `${duration(step.latency_ns.p50 ?? step.latency_ns.mean)} \u00b7 ${percent(step.share)}` + (step.roof_share ? ` \u00b7 ${percent(step.roof_share)} of roof` : ""),
    title: `${step.kernel}, ${step.threads === 1 ? "inline" : step.threads + " threads"}`}));
  rows.push({label: "overhead", share: run.overhead.share, text: `${duration(run.overhead.mean_ns)} \u00b7 ${percent(run.overhead.share)}`, title: "calling threads, waiting, cutting the work", idle: true});
  const width = 1120, row = 40, largest = Math.max(...rows.map(({share}) => share));
  const svg = element("svg", {viewBox: `0 0 ${width} ${rows.length * row}`, role: "img"});
  rows.forEach(({label, share, text, title, idle}, i) => {
    const top = i * row;
    svg.append(element("text", {x: 0, y: top + 14, class: "strong"}, label.length > 110 ? label.slice(0, 107) + "..." : label));
    svg.append(element("text", {x: width, y: top + 14, "text-anchor": "end"}, text));
    svg.append(element("rect", {x: 0, y: top + 20, width, height: 9, rx: 4.5, class: "track"}));
    const bar = element("rect", {x: 0, y: top + 20, width: Math.max(2, share / largest * width), height: 9, rx: 4.5, class: idle ? "idle" : "bar layer"});
    bar.append(element("title", {}, title));
    svg.append(bar);
  });
  put("layers", svg);
}

// ---- the rest ------------------------------------------------------------------------------------------------------

function showTiles(run) {
  const latency = run.latency_ns, tile = (value, label) => {
    const node = html("div", undefined, "tile");
    node.append(html("b", value), html("span", label));
    return node;
  };
  const tail = latency.p99 === null ? tile("-", `p99 needs ${latency.samples_needed.p99.toLocaleString("en-US")} samples`)
    : tile(duration(latency.p99), run.dense_latency_ns?.p99 ? `p99; ${duration(run.dense_latency_ns.p99)} dense` : "p99");
  const tiles = [tile(duration(typical(run)), latency.p50 === null ? "mean" : "p50"), tail, tile(amount(1e9 * run.batch / typical(run)), "rows/s at the median"), tile(figure(run.gflops), "GFLOP/s"),
    tile(run.roof.share === null ? "-" : percent(run.roof.share), run.roof.bound ? `of roof, bound by ${run.roof.bound}` : "of roof"),
    tile(duration(1e9 * run.cpu_seconds_per_1000_rows), "CPU per 1000 rows")];
  place("tiles").replaceChildren(...tiles);
}

function rowOf(cells, name, numbers) {
  const row = html("tr");
  cells.forEach((cell, i) => row.append(html(name, cell, numbers && i >= numbers ? "number" : "")));
  return row;
}

function showLoads() {
  if (!report.loads.length) return;
  const table = html("table");
  table.append(rowOf(["asked", "callers", "batch", "calls/s", "p50", "p99", "p99 in line", "p99 in the call", "longest line"], "th", 1));
  for (const load of report.loads) {
    const time = (value) => value === null ? "-" : duration(value);
    table.append(rowOf([load.rate ? `${figure(load.rate)}/s ${load.arrivals}` : "no pause", load.callers, load.batch, figure(load.calls_per_second),
      time(load.latency_ns.p50), time(load.latency_ns.p99), time(load.queue_ns.p99), time(load.service_ns.p99), load.backlog + (load.overloaded ? ", overloaded" : "")], "td", 1));
  }
  place("loads").hidden = false;
  put("loads", table);
}

function showFacts() {
  const {environment: machine, start_ns: start, memory_bytes: memory} = report, cpus = machine.cpus;
  const facts = [["CPU", `${machine.cpu}, about ${figure(machine.gigahertz_estimate)} GHz`], ["Instruction set", report.runs[0].isa],
    ["Effective CPUs", `${cpus.effective} (hardware ${cpus.hardware}, affinity ${cpus.affinity}, cgroup quota ${cpus.cgroup_quota ?? "none"}), load average ${figure(machine.load_average)}`],
    ["Versions", `lamina ${machine.versions.lamina}, oneTBB ${machine.versions.onetbb}`], ["Model", report.model], ["Rows", report.input],
    ["Start", `${start.read ? `read ${duration(start.read)}, ` : ""}load ${duration(start.load)}, passes and packing ${duration(start.compile)}`],
    ["Memory", `weights ${bytes(memory.weights)}, packed ${bytes(memory.packed)}, peak of the process ${bytes(memory.peak)}`]];
  for (const roofs of machine.roofs) {
    facts.push([`Roofs, threads ${roofs.threads}`, `${figure(roofs.gflops)} GFLOP/s; ` + roofs.levels.map((l) => `${l.name} ${figure(l.gigabytes_per_second)} GB/s`).join(", ")]);
  }
  for (const fact of facts) place("facts").append(rowOf(fact, "td"));
}

function choose(index) {
  const run = report.runs[index];
  [...place("runs").children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
  showTiles(run);
  for (const draw of [drawHistogram, drawPercentiles, drawSweep, drawRoofline, drawLayers]) draw(run);
}

const short = report.model.length > 64 ? report.model.slice(0, 61) + "..." : report.model;
document.title = `lamina profile: ${short}`;
place("model").textContent = short;
place("about").textContent = `${report.parameters.toLocaleString("en-US")} parameters \u00b7 ${report.environment.cpu} \u00b7 ${report.runs[0].isa} \u00b7 rows ${report.input}`;
place("verdict").replaceChildren(...report.verdict.map((sentence) => html("li", sentence)));
place("verdict").hidden = report.verdict.length === 0;
report.runs.forEach((run, i) => {
  const button = html("button", nameOf(run));
  button.addEventListener("click", () => choose(i));
  place("runs").append(button);
});
showFacts();
showLoads();
choose(0);
