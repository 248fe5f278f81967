// The flags of an input array file -> a Reader whose rows fit the plan.
// SPDX-License-Identifier: Apache-2.0
#include "input_options.hpp"

#include "command.hpp"

namespace lamina::tools {
namespace {

char parse_separator(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text == "space") return ' ';
  if (text.size() == 1) return text.front();
  throw UsageError("--separator: expected one character, tab or space, got '" + text + "'");
}

}  // namespace

void add_input_options(CLI::App& app, InputOptions& options) {
  const std::string group = "Input";
  app.add_option("-i,--input", options.path, "npy, npz, csv, json or jsonl; - is standard input, the default")
      ->type_name("X")
      ->group(group);
  app.add_option("--columns", options.read.columns, "csv: 1-30 or 2,4,7-9 from 1, or names")
      ->type_name("LIST")
      ->group(group);
  // add_flag would take an optional<bool> for a counter and set it to 0.
  CLI::Option* header = app.add_flag_callback(
      "--header", [&options] { options.read.header = true; },
      "csv: the first line has names (default: if it has text)");
  CLI::Option* none = app.add_flag_callback(
      "--no-header", [&options] { options.read.header = false; }, "csv: the first line is a row");
  header->excludes(none)->group(group);
  none->group(group);
  app.add_option("--separator", options.separator, "csv: between cells (default ,)")->type_name("CHAR")->group(group);
  app.add_flag("--allow-nonfinite", options.read.allow_nonfinite, "csv: accept nan and inf")->group(group);
  app.add_option("--array", options.read.array, "npz: which array")->type_name("NAME")->group(group);
}

data::Reader open_input(const InputOptions& options) {
  data::ReadOptions read = options.read;
  read.separator = parse_separator(options.separator);
  return data::Reader(options.path, read);
}

std::string place_of(const std::string& path) { return path == "-" ? "standard input" : path; }

void fit_rows(data::Reader& reader, const std::string& path, const Shape& shape) {
  const std::size_t size = element_count(shape);
  if (reader.row_size() == size) return;
  if (reader.is_single_row() && size == 1) return reader.as_column();
  if (reader.row_size() == 0 && reader.rows() == 0) return;
  throw Error(Errc::shape_mismatch, place_of(path) + ": row 1: shape: expected " + to_string(shape) + " (" +
                                        std::to_string(size) + " numbers), got " + to_string(reader.row_shape()) +
                                        " (" + std::to_string(reader.row_size()) + " numbers)");
}

}  // namespace lamina::tools
