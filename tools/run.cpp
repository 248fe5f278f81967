// lamina run: a model and an array file -> its answers, row by row.
// SPDX-License-Identifier: Apache-2.0
#include "answer_stream.hpp"
#include "command.hpp"
#include "help.hpp"
#include "input_options.hpp"
#include "model_options.hpp"
#include "output_options.hpp"
#include "progress.hpp"
#include "top_writer.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace lamina::tools {
namespace {

struct RunOptions {
  ModelOptions model;
  InputOptions input;
  std::string output = "-";
  std::string format;
  std::optional<std::size_t> batch;
  int threads = 0;
  std::size_t top = 0;
  std::string labels;
};

/// --format, else the suffix of Y, else csv.
data::Format output_format(const RunOptions& options) {
  const std::string& name = options.format;
  if (name.empty()) return data::format_of(options.output).value_or(data::Format::csv);
  return name == "npy"     ? data::Format::npy
         : name == "json"  ? data::Format::json
         : name == "jsonl" ? data::Format::jsonl
                           : data::Format::csv;
}

TopOptions top_options(const RunOptions& options, const Plan& plan) {
  TopOptions top{options.top, {}, plan.output_size(), output_format(options)};
  if (top.format == data::Format::npy) throw UsageError("--top: names do not fit into npy: use csv, json or jsonl");
  const std::string classes = std::to_string(top.classes);
  if (plan.output_shape().size() != 1) {
    throw Error(Errc::shape_mismatch,
                "--top: the model's output of shape " + to_string(plan.output_shape()) + " is no list of classes");
  }
  if (top.count > top.classes) {
    throw Error(Errc::invalid_argument,
                "--top: expected at most the model's " + classes + " outputs, got " + std::to_string(top.count));
  }
  if (options.labels.empty()) return top;
  top.labels = data::read_names(options.labels);
  if (top.labels.size() != top.classes) {
    throw Error(Errc::shape_mismatch, options.labels + ": names: expected " + classes + ", one per output, got " +
                                          std::to_string(top.labels.size()));
  }
  return top;
}

template <class Writer>
void write_answers(AnswerStream& answers, Writer& writer) {
  Progress progress;
  for (std::span<const float> y = answers.next(); !y.empty(); y = answers.next()) {
    writer.write(y);
    progress.show(answers.reader(), answers.rows());
  }
  writer.finish();
}

ExitStatus run(const RunOptions& options) {
  Model model = load_model(options.model);
  const Plan plan = std::move(model).compile(compile_options(options.threads));
  AnswerStream answers(plan, open_input(options.input), options.input.path, options.batch);
  if (options.top != 0) {
    TopWriter writer(options.output, top_options(options, plan));
    write_answers(answers, writer);
  } else {
    data::Writer writer(options.output, plan.output_shape(), {output_format(options)}, answers.reader().rows());
    write_answers(answers, writer);
  }
  return kDone;
}

}  // namespace

Action add_run(CLI::App& app) {
  const auto options = std::make_shared<RunOptions>();
  add_model_options(app, options->model, ModelFile::required);
  add_input_options(app, options->input);
  app.add_option("-o,--output", options->output, "Written whole or not at all; - is standard output, the default")
      ->type_name("Y");
  add_format_option(app, options->format, {"csv", "json", "jsonl", "npy"});
  app.add_option("--batch", options->batch, "Rows that run together; the answers do not depend on it")
      ->check(whole_number(1))
      ->type_name("N");
  app.add_option("--threads", options->threads, "At most so many; 0, the default: all effective CPUs")
      ->check(whole_number(0))
      ->type_name("T");
  CLI::Option* top = app.add_option("--top", options->top, "The K best classes of each row instead of all outputs")
                         ->check(whole_number(1))
                         ->type_name("K");
  app.add_option("--labels", options->labels, "Names of the classes, one per line of a file")
      ->needs(top)
      ->type_name("NAMES");
  app.footer(
      "csv: one row per line, no header. json: [[...], ...], non-finite values as null.\n"
      "--top: csv label,score,...; json rows of {\"label\": ..., \"score\": ...}, best first.");
  return [options] { return run(*options); };
}

}  // namespace lamina::tools
