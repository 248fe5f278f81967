// LAMINA_CORPUS/onnx-node -> how many of the ONNX project's operator tests pass; 77 without a corpus.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/onnx_case.hpp"
#include "conformance/onnx_scope.hpp"

#include <lamina/lamina.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using lamina::test::OnnxCase;

constexpr int kSkip = 77;

enum class Outcome { pass, out_of_scope, fail };

struct Result {
  Outcome outcome = Outcome::fail;
  std::string reason;
};

/// Dimension 0 is the batch, unless there is no other.
lamina::Shape row_of(const std::vector<std::int64_t>& dims) {
  return {dims.begin() + (dims.size() > 1 ? 1 : 0), dims.end()};
}

std::vector<float> answers(const lamina::Model& model, const OnnxCase& test) {
  lamina::CompileOptions options;
  if (!model.input_shape()) options.input_shape = row_of(test.inputs[0].dims);
  const lamina::Plan plan = model.compile(options);
  const std::vector<float>& x = test.inputs[0].values;
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  lamina::Workspace workspace = plan.workspace();
  plan.run(x, y, workspace);
  return y;
}

/// |y - e| <= 1e-5 + 1e-4 |e|, which NaN beside NaN and equal infinities meet.
bool matches(const std::vector<float>& y, const std::vector<float>& expected) {
  return std::ranges::equal(y, expected, [](float a, float b) {
    return a == b || (std::isnan(a) && std::isnan(b)) ||
           std::fabs(double{a} - double{b}) <= 1e-5 + 1e-4 * std::fabs(double{b});
  });
}

/// An answer is right or a failure; only an error may be excused, and only by a rule that asks no reader.
Result check(const OnnxCase& test) {
  try {
    const lamina::Model model = lamina::load(std::as_bytes(std::span(test.model)));
    if (!test.takes_tensors || test.inputs[0].type != lamina::test::kOnnxFloat) {
      return {Outcome::out_of_scope, lamina::test::out_of_scope(test)};
    }
    if (matches(answers(model, test), test.output.values)) return {Outcome::pass, {}};
    return {Outcome::fail, "another answer"};
  } catch (const lamina::Error& error) {
    const std::string reason = lamina::test::out_of_scope(test);
    if (!reason.empty()) return {Outcome::out_of_scope, reason};
    return {Outcome::fail, std::string(to_string(error.code())) + ": " + error.what()};
  }
}

std::vector<fs::path> folders_of(const fs::path& corpus) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    if (fs::exists(entry.path() / "model.onnx")) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  return folders;
}

}  // namespace

int main() {
  const char* corpus = std::getenv("LAMINA_CORPUS");
  if (corpus == nullptr || !fs::exists(fs::path(corpus) / "onnx-node")) {
    std::puts("skipped: LAMINA_CORPUS names no folder with onnx-node");
    return kSkip;
  }
  std::size_t passed = 0, failed = 0;
  std::map<std::string, std::vector<std::string>> excused;
  for (const fs::path& folder : folders_of(fs::path(corpus) / "onnx-node")) {
    const OnnxCase test = lamina::test::read_onnx_case(folder);
    const Result result = check(test);
    passed += result.outcome == Outcome::pass ? 1 : 0;
    failed += result.outcome == Outcome::fail ? 1 : 0;
    if (result.outcome == Outcome::out_of_scope) excused[result.reason].push_back(test.name);
    if (result.outcome == Outcome::pass) std::printf("pass  %s\n", test.name.c_str());
    if (result.outcome == Outcome::fail) std::printf("FAIL  %s: %s\n", test.name.c_str(), result.reason.c_str());
  }
  std::size_t count = 0;
  for (const auto& [reason, names] : excused) {
    std::printf("out of scope, %s (%zu):\n", reason.c_str(), names.size());
    for (const std::string& name : names) std::printf("  %s\n", name.c_str());
    count += names.size();
  }
  std::printf("ONNX operator tests: %zu pass, %zu out of scope, %zu fail\n", passed, count, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
