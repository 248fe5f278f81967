// lamina verify: answers against expected ones -> the largest error; against labels -> the share of right classes.
// SPDX-License-Identifier: Apache-2.0
#include "answer_stream.hpp"
#include "command.hpp"
#include "comparison.hpp"
#include "help.hpp"
#include "input_options.hpp"
#include "model_options.hpp"
#include "output_options.hpp"
#include "progress.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
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

std::string short_number(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general, 6);
  return {digits.data(), end.ptr};
}

std::string exact_number(float value) {
  std::string text;
  data::append_number(text, value);
  return text;
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

std::string describe(const Difference& at) {
  return "at row " + std::to_string(at.row) + ", column " + std::to_string(at.column) + " (from 0): got " +
         exact_number(at.got) + ", expected " + exact_number(at.expected);
}

std::string describe(const Comparison& comparison, const Tolerance& tolerance) {
  std::string text;
  if (comparison.rows() != 0) {
    text = "largest error " + short_number(comparison.largest().error) + " " + describe(comparison.largest()) + "\n";
  }
  const std::string within =
      short_number(tolerance.absolute) + " + " + short_number(tolerance.relative) + " |expected|";
  if (comparison.failures() == 0) {
    return text + "OK: " + std::to_string(comparison.values()) + " values in " + std::to_string(comparison.rows()) +
           " rows within " + within + "\n";
  }
  return text + "FAIL: " + std::to_string(comparison.failures()) + " of " + std::to_string(comparison.values()) +
         " values beyond " + within + "; furthest " + describe(comparison.worst()) + "\n";
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

nlohmann::ordered_json to_json(const Comparison& comparison, const Tolerance& tolerance) {
  nlohmann::ordered_json document = {{"ok", comparison.failures() == 0}, {"rows", comparison.rows()},
                                     {"values", comparison.values()},    {"failures", comparison.failures()},
                                     {"rtol", tolerance.relative},       {"atol", tolerance.absolute}};
  document["largest"] = comparison.rows() == 0 ? nlohmann::ordered_json() : to_json(comparison.largest());
  document["furthest"] = comparison.failures() == 0 ? nlohmann::ordered_json() : to_json(comparison.worst());
  return document;
}

ExitStatus verify_values(AnswerStream& answers, const VerifyOptions& options) {
  data::ReadOptions read;
  read.allow_nonfinite = true;  // NaN is an answer that can be expected
  data::Reader reader(options.expected, read);
  fit_rows(reader, options.expected, answers.plan().output_shape());
  const Comparison comparison = compare_all(answers, reader, options);
  if (options.format == "json") {
    print_json(to_json(comparison, options.tolerance));
  } else {
    print(describe(comparison, options.tolerance));
  }
  return comparison.failures() == 0 ? kDone : kCheckFailed;
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
    print("accuracy " + short_number(accuracy) + " (" + std::to_string(right) + " of " + std::to_string(row) + ")\n");
  }
  return kDone;
}

ExitStatus verify(const VerifyOptions& options) {
  if (options.expected.empty() == options.classes.empty()) throw UsageError("one of -e and --classes is needed");
  const Plan plan = load_model(options.model).compile(compile_options(options.model, options.threads));
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
  app.add_option("--rtol", options->tolerance.relative, "|y - e| <= atol + rtol |e| (default 1e-4)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("R");
  app.add_option("--atol", options->tolerance.absolute, "(default 1e-5)")
      ->check(CLI::NonNegativeNumber)
      ->type_name("A");
  app.add_option("--classes", options->classes, "Expected classes instead: prints the accuracy")->type_name("LABELS");
  app.add_option("--threads", options->threads, "At most so many; 0, the default: all effective CPUs")
      ->check(whole_number(0))
      ->type_name("T");
  add_format_option(app, options->format, {"text", "json"});
  app.footer(
      "NaN equals NaN. The class of a row is its largest output; of a single output, 1 above 0.5.\n"
      "JSON keys: ok, rows, values, failures, rtol, atol, largest and furthest {error, row, column, got,\n"
      "expected} (null: none or not finite); with --classes: accuracy, right, rows.");
  return [options] { return verify(*options); };
}

}  // namespace lamina::tools
