// Comma-separated text -> rows of float32, streamed.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/array/csv_cell.hpp"
#include "format/array/csv_columns.hpp"
#include "format/array/line_reader.hpp"
#include "format/array/number.hpp"
#include "format/array/row_source.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::size_t kSkipped = ~std::size_t{0};

class CsvRows final : public RowSource {
 public:
  CsvRows(ByteStream stream, const data::ReadOptions& options);
  std::size_t read(std::span<float> rows) override;
  std::uint64_t bytes_read() const noexcept override { return lines_.stream().position(); }
  std::optional<std::uint64_t> bytes_total() const noexcept override { return lines_.stream().size(); }

 private:
  std::vector<CsvCell> split(std::string_view line);
  void choose(const std::vector<CsvCell>& first, const ColumnChoice& choice, std::optional<bool> header);
  bool is_header(const std::vector<CsvCell>& first) const;
  void parse(std::string_view line, float* row);
  float number(const CsvCell& cell, std::size_t column) const;
  [[noreturn]] void fail_count(std::size_t cells, std::string_view line) const;
  [[noreturn]] void fail_cell(std::size_t column, Errc code, std::string_view what) const;
  void check_cells(const CsvCells& cells, std::size_t column) const;

  LineReader lines_;
  char separator_;
  bool allow_nonfinite_;
  std::vector<std::size_t> targets_;  // column -> place within the row, or kSkipped
  std::vector<float> first_;          // the first row where it was needed to know the columns
};

void check_separator(char separator) {
  constexpr std::string_view kAllowed = ",;\t|: ^~!#";
  if (kAllowed.find(separator) == std::string_view::npos) {
    base::fail(Errc::invalid_argument, "separator", "of a csv file", "one of , ; | : ^ ~ ! # tab space",
               base::quoted({&separator, 1}));
  }
}

CsvRows::CsvRows(ByteStream stream, const data::ReadOptions& options)
    : lines_(std::move(stream), true), separator_(options.separator), allow_nonfinite_(options.allow_nonfinite) {
  check_separator(separator_);
  const ColumnChoice choice(options.columns);
  if (choice.by_name() && options.header == false) {
    base::fail(Errc::invalid_argument, "columns", "are chosen by name, which needs a header");
  }
  const std::optional<std::string_view> line = lines_.next();
  if (!line) base::fail(Errc::truncated, lines_.stream().name(), "is empty: no columns");
  choose(split(*line), choice, choice.by_name() ? true : options.header);
  layout.row_shape = {static_cast<std::int64_t>(layout.row_size)};
  if (!layout.names.empty()) return;
  first_.resize(layout.row_size);
  parse(*line, first_.data());
}

std::vector<CsvCell> CsvRows::split(std::string_view line) {
  std::vector<CsvCell> cells;
  CsvCell cell;
  CsvCells walk(line, separator_);
  while (walk.next(cell)) {
    if (cells.size() == kMostColumns) base::fail(Errc::limit_exceeded, lines_.place(), "has over 1000000 columns");
    cells.push_back(cell);
  }
  check_cells(walk, cells.size());
  return cells;
}

void CsvRows::choose(const std::vector<CsvCell>& first, const ColumnChoice& choice, std::optional<bool> header) {
  std::vector<std::string> names;
  if (choice.by_name()) {
    for (const CsvCell& cell : first) names.push_back(text_of(cell, separator_));
  }
  const std::vector<std::size_t> columns = choice.resolve(lines_.stream().name(), names, first.size());
  targets_.assign(first.size(), kSkipped);
  for (std::size_t i = 0; i < columns.size(); ++i) targets_[columns[i]] = i;
  layout.row_size = columns.size();
  if (!header.value_or(is_header(first))) return;
  for (const std::size_t column : columns) {
    if (first[column].text.size() > kMostNumberChars)
      fail_cell(column, Errc::limit_exceeded, "is longer than 512 bytes");
    layout.names.push_back(text_of(first[column], separator_));
  }
}

// Only the chosen columns count: labels beside them are text in every row. An empty cell is a number that is
// missing, a nonfinite or too large one still a number; both are errors further on.
bool CsvRows::is_header(const std::vector<CsvCell>& first) const {
  for (std::size_t column = 0; column < first.size(); ++column) {
    const std::string_view text = trimmed(first[column].text, separator_);
    if (targets_[column] == kSkipped || text.empty()) continue;
    if (text.size() > kMostNumberChars || parse_number(text).kind == NumberKind::none) return true;
  }
  return false;
}

std::size_t CsvRows::read(std::span<float> rows) {
  const std::size_t capacity = rows.size() / layout.row_size;
  std::size_t done = 0;
  if (!first_.empty() && capacity > 0) {
    std::copy(first_.begin(), first_.end(), rows.begin());
    first_ = {};
    done = 1;
  }
  for (; done < capacity; ++done) {
    const std::optional<std::string_view> line = lines_.next();
    if (!line) break;
    parse(*line, rows.data() + done * layout.row_size);
  }
  return done;
}

void CsvRows::parse(std::string_view line, float* row) {
  CsvCells walk(line, separator_);
  CsvCell cell;
  std::size_t column = 0;
  for (; walk.next(cell); ++column) {
    if (column == targets_.size()) fail_count(column + 1, line);
    const std::size_t target = targets_[column];
    if (target != kSkipped) row[target] = number(cell, column);
  }
  check_cells(walk, column);
  if (column != targets_.size()) fail_count(column, line);
}

float CsvRows::number(const CsvCell& cell, std::size_t column) const {
  const std::string_view text = trimmed(cell.text, separator_);
  if (text.size() > kMostNumberChars) fail_cell(column, Errc::limit_exceeded, "is longer than 512 bytes");
  const ParsedNumber parsed = parse_number(text);
  switch (parsed.kind) {
    case NumberKind::finite:
      return parsed.value;
    case NumberKind::nonfinite:
      if (allow_nonfinite_) return parsed.value;
      fail_cell(column, Errc::malformed, base::quoted(text) + " is refused unless non-finite numbers are allowed");
    case NumberKind::overflow:
      fail_cell(column, Errc::malformed, base::quoted(text) + " is beyond the range of float32");
    case NumberKind::none:
      break;
  }
  if (text.empty()) fail_cell(column, Errc::malformed, "is empty: expected a number");
  std::string what = "expected a number, got " + base::quoted(text);
  for (const char other : std::string_view(",;\t|")) {
    if (other != separator_ && text.find(other) != std::string_view::npos) what += "; is the separator another one?";
  }
  fail_cell(column, Errc::malformed, what);
}

void CsvRows::fail_cell(std::size_t column, Errc code, std::string_view what) const {
  base::fail(code, lines_.place() + ", column " + std::to_string(column + 1), what);
}

void CsvRows::fail_count(std::size_t cells, std::string_view line) const {
  const bool more = cells > targets_.size();
  base::fail(Errc::malformed, lines_.place(), "number of columns", std::to_string(targets_.size()) + " as in line 1",
             (more ? "more: " : std::to_string(cells) + ": ") + base::quoted(line));
}

void CsvRows::check_cells(const CsvCells& cells, std::size_t column) const {
  if (!cells.problem().empty()) fail_cell(column, Errc::malformed, cells.problem());
}

}  // namespace

std::unique_ptr<RowSource> open_csv(ByteStream stream, const data::ReadOptions& options) {
  return std::make_unique<CsvRows>(std::move(stream), options);
}

}  // namespace lamina::format
