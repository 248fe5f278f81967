// lamina verify: answers against expected ones or golden vectors -> the largest error; against labels -> accuracy.
// SPDX-License-Identifier: Apache-2.0
#include "answer_stream.hpp"
#include "command.hpp"
#include "golden.hpp"
#include "help.hpp"
#include "input_options.hpp"
#include "model_options.hpp"
#include "output_options.hpp"
#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <sstream>
#include <utility>

namespace lamina::tools {
namespace {

struct VerifyOptions {
  ModelOptions model;
  InputOptions input;
  std::string expected;
  std::string classes;
  std::string format = "text";
  Tolerance tolerance;
  int threads = 0;
};

std::string six_digits(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

[[noreturn]] void fail_rows(const std::string& path, std::uint64_t expected, const std::string& got) {
  throw Error(Errc::shape_mismatch,
              place_of(path) + ": rows: expected " + std::to_string(expected) + ", as many as the input, got " + got);
}

Comparison compare_all(AnswerStream& answers, data::Reader& reader, const VerifyOptions& options) {
  Comparison comparison(answers.plan().output_size(), options.tolerance);
  Progress progress;
  std::vector<float> expected;
  for (std::span<const float> y = answers.next(); !y.empty(); y = answers.next()) {
    expected.resize(y.size());
    const std::size_t rows = reader.row_size() == 0 ? 0 : reader.read(expected);
    if (rows * answers.plan().output_size() != y.size()) {
      const std::uint64_t missing = y.size() / answers.plan().output_size() - rows;
      const std::string known = answers.reader().rows() ? "" : " or more";
      throw Error(Errc::shape_mismatch, place_of(options.expected) + ": rows: expected " +
                                            std::to_string(answers.reader().rows().value_or(answers.rows())) + known +
                                            ", as many as the input, got " + std::to_string(answers.rows() - missing));
    }
    comparison.add(y, expected);
    progress.show(answers.reader(), answers.rows());
  }
  std::vector<float> rest(reader.row_size());
  if (reader.row_size() != 0 && reader.read(rest) != 0) fail_rows(options.expected, answers.rows(), "more");
  return comparison;
}

std::string describe(const Comparison& comparison) {
  std::string text;
  if (comparison.rows() != 0) text = "largest error " + to_string(comparison.largest()) + "\n";
  return text + (comparison.failures() == 0 ? "OK: " : "FAIL: ") + to_string(comparison) + "\n";
}

nlohmann::ordered_json to_json(const Difference& difference) {
  // JSON has no non-finite numbers.
  const auto number = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
  };
  return {{"error", number(difference.error)},
          {"row", difference.row},
          {"column", difference.column},
          {"got", number(difference.got)},
          {"expected", number(difference.expected)}};
}

nlohmann::ordered_json to_json(const Comparison& comparison) {
  const Tolerance& tolerance = comparison.tolerance();
  nlohmann::ordered_json document = {{"ok", comparison.failures() == 0}, {"rows", comparison.rows()},
                                     {"values", comparison.values()},    {"failures", comparison.failures()},
                                     {"rtol", tolerance.relative},       {"atol", tolerance.absolute}};
  document["largest"] = comparison.rows() == 0 ? nlohmann::ordered_json() : to_json(comparison.largest());
  document["furthest"] = comparison.failures() == 0 ? nlohmann::ordered_json() : to_json(comparison.worst());
  return document;
}

ExitStatus report(const Comparison& comparison, const VerifyOptions& options) {
  if (options.format == "json") {
    print_json(to_json(comparison));
  } else {
    print(describe(comparison));
  }
  return comparison.failures() == 0 ? kDone : kCheckFailed;
}

ExitStatus verify_values(AnswerStream& answers, const VerifyOptions& options) {
  data::ReadOptions read;
  read.allow_nonfinite = true;  // NaN is an answer that can be expected
  data::Reader reader(options.expected, read);
  fit_rows(reader, options.expected, answers.plan().output_shape());
  return report(compare_all(answers, reader, options), options);
}

/// Against the golden vectors that the model carries.
ExitStatus verify_golden(const Model& model, const VerifyOptions& options) {
  if (!model.golden_vectors()) {
    throw UsageError("one of -e and --classes is needed: " + options.model.path + " has no golden vectors");
  }
  CompileOptions how = compile_options(options.threads);
  const Shape& rows = model.golden_vectors()->input.shape();
  how.input_shape = Shape(rows.begin() + 1, rows.end());
  return report(lamina::verify(model.compile(how), *model.golden_vectors(), options.tolerance), options);
}

/// The largest output; with one output, 1 where it is above one half. -1 where an output is NaN.
std::int64_t predicted_class(std::span<const float> outputs) {
  if (std::any_of(outputs.begin(), outputs.end(), [](float y) { return std::isnan(y); })) return -1;
  if (outputs.size() == 1) return outputs[0] > 0.5f ? 1 : 0;
  return std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
}

void check_labels(const std::vector<std::int64_t>& labels, std::size_t outputs, const std::string& path) {
  const auto classes = static_cast<std::int64_t>(std::max<std::size_t>(2, outputs));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0 && labels[i] < classes) continue;
    throw Error(Errc::invalid_argument, place_of(path) + ": label " + std::to_string(i + 1) + ": expected 0 to " +
                                            std::to_string(classes - 1) + ", got " + std::to_string(labels[i]));
  }
}

ExitStatus verify_classes(AnswerStream& answers, const VerifyOptions& options) {
  const std::vector<std::int64_t> labels = data::read_labels(options.classes);
  const std::size_t outputs = answers.plan().output_size();
  check_labels(labels, outputs, options.classes);
  std::uint64_t row = 0, right = 0;
  Progress progress;
  for (std::span<const float> y = answers.next(); !y.empty(); y = answers.next()) {
    for (; !y.empty() && row < labels.size(); y = y.subspan(outputs)) {
      right += predicted_class(y.first(outputs)) == labels[row++] ? 1 : 0;
    }
    progress.show(answers.reader(), answers.rows());
  }
  if (answers.rows() != labels.size()) fail_rows(options.classes, answers.rows(), std::to_string(labels.size()));
  if (row == 0) throw Error(Errc::invalid_argument, place_of(options.input.path) + ": has no rows to classify");
  const double accuracy = static_cast<double>(right) / static_cast<double>(row);
  if (options.format == "json") {
    print_json(nlohmann::ordered_json{{"accuracy", accuracy}, {"right", right}, {"rows", row}});
  } else {
    print("accuracy " + six_digits(accuracy) + " (" + std::to_string(right) + " of " + std::to_string(row) + ")\n");
  }
  return kDone;
}

ExitStatus verify(const VerifyOptions& options) {
  if (!options.expected.empty() && !options.classes.empty()) throw UsageError("-e and --classes exclude each other");
  const bool carried = options.expected.empty() && options.classes.empty();
  if (carried && options.input.path != "-") throw UsageError("one of -e and --classes is needed beside -i");
  Model model = load_model(options.model);
  if (carried) return verify_golden(model, options);
  const Plan plan = std::move(model).compile(compile_options(options.threads));
  AnswerStream answers(plan, open_input(options.input), options.input.path);
  return options.classes.empty() ? verify_values(answers, options) : verify_classes(answers, options);
}

}  // namespace

Action add_verify(CLI::App& app) {
  const auto options = std::make_shared<VerifyOptions>();
  add_model_options(app, options->model, ModelFile::required);
  add_input_options(app, options->input);
  app.add_option("-e,--expected", options->expected, "Expected answers: an array file with as many rows")
      ->type_name("Y");
  add_tolerance_options(app, options->tolerance);
  app.add_option("--classes", options->classes, "Expected classes instead: prints the accuracy")->type_name("LABELS");
  app.add_option("--threads", options->threads, "At most so many; 0, the default: all effective CPUs")
      ->check(whole_number(0))
      ->type_name("T");
  add_format_option(app, options->format, {"text", "json"});
  app.footer(
      "Without -i and -e: the golden vectors that the model carries (see lamina convert).\n"
      "NaN equals NaN. The class of a row is its largest output; of a single output, 1 above 0.5.\n"
      "JSON keys: ok, rows, values, failures, rtol, atol, largest and furthest {error, row, column, got,\n"
      "expected} (null: none or not finite); with --classes: accuracy, right, rows.");
  return [options] { return verify(*options); };
}

}  // namespace lamina::tools
