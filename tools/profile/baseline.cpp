// An older report in JSON, and a new one -> what became slower.
// SPDX-License-Identifier: Apache-2.0
#include "profile/baseline.hpp"

#include "profile/report_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <utility>

namespace lamina::tools {
namespace {

/// An own report is far smaller, of a thousand runs too.
constexpr std::streamoff kMostBytes = std::streamoff{256} << 20;

nlohmann::json read_document(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw Error(Errc::io, path + ": cannot open");
  if (file.tellg() > kMostBytes) throw Error(Errc::limit_exceeded, path + ": expected at most 256 MiB, got more");
  file.seekg(0);
  return nlohmann::json::parse(file);
}

Blocks blocks_of(const nlohmann::json& json) {
  Blocks blocks = json.get<Blocks>();
  const auto empty = [](const std::vector<double>& block) { return block.empty(); };
  if (blocks.empty() || std::ranges::any_of(blocks, empty)) throw Error(Errc::malformed, "blocks_ns: has an empty one");
  return blocks;
}

}  // namespace

Baseline::Baseline(const std::string& path) : path_(path) {
  try {
    const nlohmann::json document = read_document(path);
    if (document.at("schema") != kProfileSchema) {
      throw Error(Errc::malformed,
                  "schema: expected " + std::string(kProfileSchema) + ", got " + document["schema"].dump());
    }
    cpu_ = document.at("environment").at("cpu");
    model_ = document.at("model");
    for (const nlohmann::json& run : document.at("runs")) {
      runs_.push_back(
          {run.at("batch"), run.at("threads"), run.at("cache"), run.at("isa"), blocks_of(run.at("blocks_ns"))});
    }
    if (runs_.empty()) throw Error(Errc::malformed, "runs: has none");
  } catch (const nlohmann::json::exception& error) {
    throw Error(Errc::malformed, path + ": expected a report of lamina profile --json: " + error.what());
  } catch (const Error& error) {
    if (error.code() != Errc::malformed) throw;
    throw Error(Errc::malformed, path + ": " + error.what());
  }
}

std::vector<RunDifference> Baseline::compare(const Report& report) const {
  std::vector<RunDifference> found;
  for (const RunReport& run : report.runs) {
    const std::string cache = run.cold ? "cold" : "warm";
    const auto old = std::ranges::find_if(runs_, [&](const Run& each) {
      return each.batch == run.batch && each.threads == run.threads && each.cache == cache;
    });
    if (old == runs_.end()) {
      throw Error(Errc::invalid_argument, path_ + ": has no run of batch " + std::to_string(run.batch) + " on " +
                                              std::to_string(run.threads) + " threads with " + cache + " caches");
    }
    found.push_back({run.batch, run.threads, find_differences(old->blocks, run.blocks, Pairing::none)});
  }
  return found;
}

bool Baseline::check(Report& report, const std::vector<Threshold>& thresholds) const {
  report.changes = compare(report);
  if (const std::string text = warning(report); !text.empty()) report.verdict.push_back(text);
  bool kept = true;
  for (const RunDifference& run : report.changes) {
    for (const Difference& difference : beyond(thresholds, run.differences)) {
      report.verdict.push_back("FAIL: batch " + std::to_string(run.batch) + ", threads " + std::to_string(run.threads) +
                               ": " + to_text(difference) + ".");
      kept = false;
    }
  }
  return kept;
}

std::string Baseline::warning(const Report& report) const {
  std::string text;
  const auto add = [&](const std::string& what, const std::string& old, const std::string& now) {
    if (old != now) text += (text.empty() ? "" : "; ") + what + " '" + old + "', now '" + now + "'";
  };
  add("CPU", cpu_, report.environment.system.cpu);
  add("model", model_, report.model);
  add("instruction set", runs_.front().isa, std::string(to_string(report.runs.front().isa)));
  return text.empty() ? text : path_ + " was measured with another " + text + ".";
}

}  // namespace lamina::tools
