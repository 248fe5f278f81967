// JSON and JSON lines -> rows, or the line and column of what is wrong.
// SPDX-License-Identifier: Apache-2.0
#include "data/files.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lamina::test {
namespace {

using Values = std::vector<float>;

TEST_CASE("every accepted form of JSON gives its rows") {
  const Folder folder;
  const Tensor expected({2, 3}, {1, -2.5F, 3, 4e5F, 0, -0.0F});
  for (const char* text :
       {"[[1,-2.5,3],[4e5,0,-0]]", " [ [ 1 , -2.50 , 3 ] ,\r\n\t[ 4E+5 , 0.0 , -0 ] ]\n",
        "{\"inputs\": [[1,-2.5,3],[4e5,0,-0]]}", " { \"instances\" : [[1,-2.5,3],[400000,0e9,-0.0]] } "}) {
    INFO(text);
    CHECK(data::read_array(folder.put("x.json", text)) == expected);
    CHECK(data::read_array(folder.put("unnamed", text)) == expected);
  }
}

TEST_CASE("a plain list is one row, nested lists are rows of a higher rank") {
  const Folder folder;
  data::Reader row(folder.put("x.json", "[1, 2, 3]"));
  CHECK(row.is_single_row());
  CHECK(row.row_shape() == Shape{3});
  CHECK(row.rows() == std::uint64_t{1});
  CHECK(all_rows(row) == Values{1, 2, 3});
  data::Reader column(folder.put("x.json", "{\"inputs\": [1, 2, 3]}"));
  column.as_column();
  CHECK(all_rows(column, 2) == Values{1, 2, 3});
  data::Reader deep(folder.put("x.json", "[[[1,2],[3,4],[5,6]],[[7,8],[9,10],[11,12]]]"));
  CHECK(deep.row_shape() == Shape{3, 2});
  CHECK(deep.rows() == std::uint64_t{2});
  CHECK(all_rows(deep, 1) == Values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(data::read_array(folder.put("x.json", "[[[[[[[[1]]]]]]]]")).rank() == 8);
}

TEST_CASE("what JSON does not allow, or what is no rectangle of numbers, is refused where it stands") {
  const Folder folder;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "truncated: "},
      {"[", "truncated: "},
      {"[1,", "truncated: "},
      {"[1", "truncated: "},
      {"{\"inputs\": [1]", "truncated: "},
      {"{\"inputs", "truncated: "},
      {"1", "line 1, column 1: expected '[', got '1'"},
      {"[]", "empty list"},
      {"[[]]", "empty list"},
      {"[[1],[]]", "empty list"},
      {"[[1,2],[3]]", "shape_mismatch: "},
      {"[[1],[2,3]]", "shape_mismatch: "},
      {"[[[1],[2]],[[3]]]", "shape_mismatch: "},
      {"[1,[2]]", "expected a number, got '['"},
      {"[[1],2]", "expected '[', got '2'"},
      {"[[1],[[2]]]", "expected a number, got '['"},
      {"[[[1]],[2]]", "expected '[', got '2'"},
      {"[1,]", "expected a number, got ']'"},
      {"[1 2]", "expected ',' or ']', got '2'"},
      {"[1]x", "expected the end, got 'x'"},
      {"[1][2]", "expected the end"},
      {"[1,\n null]", "line 2, column 2: expected a number, got 'null'"},
      {"[true]", "got 'true'"},
      {"[\"1\"]", "expected a number"},
      {"[NaN]", "got 'NaN'"},
      {"[-Infinity]", "expected a number"},
      {"[01]", "expected a number, got '01'"},
      {"[+1]", "expected a number"},
      {"[1.]", "expected a number"},
      {"[.5]", "expected a number"},
      {"[1e]", "expected a number"},
      {"[-]", "expected a number"},
      {"[0x1]", "expected ',' or ']'"},
      {"[1e39]", "'1e39' is beyond the range of float32"},
      {"[[[[[[[[[1]]]]]]]]]", "limit_exceeded: "},
      {"[" + std::string(600, '1') + "]", "limit_exceeded: "},
      {"{\"input\": [1]}", "key 'input'"},
      {"{\"inputs\": [1], \"inputs\": [1]}", "a second key"},
      {"{\"inputs\": {\"x\": [1]}}", "expected '['"},
      {"{\"inputs\": 1}", "expected '['"},
      {"{\"inputs\" [1]}", "expected ':'"},
      {"{\"inputs\": [1]]", "expected '}'"},
      {"{}", "expected a key"},
      {std::string("[1]\0", 4), "expected the end"},
      {"\xEF\xBB\xBF[1]", "expected '['"},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    const std::string error = read_error(folder.put("x.json", text));
    CHECK(holds(error, expected));
    CHECK(holds(error, "x.json: "));
  }
}

TEST_CASE("nesting without end is refused before it costs anything") {
  const Folder folder;
  CHECK(holds(read_error(folder.put("x.json", std::string(1'000'000, '['))), "limit_exceeded: "));
}

TEST_CASE("JSON beyond 64 MiB is refused before it is read") {
  const Folder folder;
  const auto path = folder.put("x.json", "[1]");
  std::filesystem::resize_file(path, (std::uintmax_t{64} << 20) + 1);
  CHECK(holds(read_error(path), "limit_exceeded: "));
}

TEST_CASE("JSON lines are rows, told from JSON by the suffix or by the second line") {
  const Folder folder;
  const std::string text = "[1, 2]\n[3, 4]\r\n[5, 6]\n\n";
  for (const char* name : {"x.jsonl", "x.ndjson", "unnamed"}) {
    data::Reader reader(folder.put(name, text));
    CHECK(reader.row_shape() == Shape{2});
    CHECK_FALSE(reader.rows());
    CHECK(all_rows(reader, 2) == Values{1, 2, 3, 4, 5, 6});
  }
  CHECK(data::Reader(folder.put("unnamed", "[[1],\n[2]]\n")).rows() == std::uint64_t{2});
  CHECK(data::Reader(folder.put("unnamed", "[[1],[2]]\n")).rows() == std::uint64_t{2});
  CHECK(data::Reader(folder.put("x.jsonl", "[[1],[2]]\n[[3],[4]]")).row_shape() == Shape{2, 1});
}

TEST_CASE("JSON lines that do not fit are refused with their line") {
  const Folder folder;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "truncated: "},
      {"[1,2]\n[3]\n", "x.jsonl: line 2: shape of the row: expected [2] as in line 1, got [1]"},
      {"[1,2]\n[[3,4]]\n", "line 2: shape of the row"},
      {"[1]\n\n[2]\n", "line 2: is empty"},
      {"[1]\n[2\n", "truncated: "},
      {"[1]\n[2] [3]\n", "line 2, column 5"},
      {"[1]\n{\"inputs\": [2]}\n", "line 2, column 1"},
      {"[1]\n2\n", "line 2, column 1"},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(holds(read_error(folder.put("x.jsonl", text)), expected));
  }
}

TEST_CASE("a JSON text cut at any byte is an error") {
  const Folder folder;
  const std::string text = "{\"inputs\": [[1, 2.5], [-3, 4e2]]}";
  for (std::size_t size = 0; size < text.size(); ++size) {
    INFO(size);
    const std::string error = read_error(folder.put("x.json", text.substr(0, size)));
    CHECK((holds(error, "truncated: ") || holds(error, "malformed: ")));
  }
}

}  // namespace
}  // namespace lamina::test
