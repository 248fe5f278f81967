// csv text -> rows: every rule of its grammar, and the line and column of what breaks one.
// SPDX-License-Identifier: Apache-2.0
#include "data/files.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace lamina::test {
namespace {

using Values = std::vector<float>;

// An options value with what a test needs.
data::ReadOptions csv(std::string columns = {}, std::optional<bool> header = {}, char separator = ',') {
  data::ReadOptions options;
  options.format = data::Format::csv;
  options.columns = std::move(columns);
  options.header = header;
  options.separator = separator;
  return options;
}

struct Text {
  const Folder folder;
  Values rows(std::string_view text, const data::ReadOptions& options = csv()) const {
    return all_rows(folder.put("x.csv", text), options);
  }
  std::string error(std::string_view text, const data::ReadOptions& options = csv()) const {
    return read_error(folder.put("x.csv", text), options);
  }
};

TEST_CASE_METHOD(Text, "line ends, byte order mark, spaces and quotes are all the same numbers") {
  const Values expected = {1, 2.5F, -3, 4};
  for (const char* text : {"1,2.5\n-3,4\n", "1,2.5\n-3,4", "1,2.5\r\n-3,4\r\n",
                           "\xEF\xBB\xBF"
                           "1,2.5\n-3,4\n",
                           " 1 ,\t2.5\n-3, 4 \n", "\"1\",\"2.5\"\n\" -3 \",4\n", "1,2.5\n-3,4\n\n",
                           "1,2.5\r\n-3,4\n\r\n\n", "+1,25e-1\n-3.,0.4E1\n", "1,2.5\n-3,4\r"}) {
    INFO(text);
    CHECK(rows(text) == expected);
  }
}

TEST_CASE_METHOD(Text, "a header is recognised by a chosen cell that is no number") {
  CHECK(rows("a,b\n1,2\n") == Values{1, 2});
  CHECK(rows("0,b\n1,2\n") == Values{1, 2});
  CHECK(rows("0,1\n1,2\n") == Values{0, 1, 1, 2});
  CHECK(rows("0,1\n1,2\n", csv("", true)) == Values{1, 2});
  CHECK(rows("5.1,3.5,setosa\n4.9,3,setosa\n", csv("1-2")) == Values{5.1F, 3.5F, 4.9F, 3});
  CHECK(rows("a,b\n").empty());
  CHECK(rows("a,b").empty());
  CHECK(holds(error("a,b\n1,2\n", csv("", false)), "x.csv: line 1, column 1: expected a number, got 'a'"));
  CHECK(holds(error("1,,3\n"), "line 1, column 2: is empty"));
  CHECK(holds(error("1,nan\n"), "line 1, column 2"));
  CHECK(holds(error("1,1e99\n"), "line 1, column 2"));
}

TEST_CASE_METHOD(Text, "the reader knows the names of the chosen columns, and no row count") {
  const auto path = folder.put("x.csv", "\"a \"\"b\"\"\", c ,d\n1,2,3\n");
  data::Reader reader(path, csv("3,1"));
  CHECK(reader.column_names() == std::vector<std::string>{"d", "a \"b\""});
  CHECK(reader.row_shape() == Shape{2});
  CHECK_FALSE(reader.rows());
  CHECK_FALSE(reader.is_single_row());
  CHECK(all_rows(reader) == Values{3, 1});
  CHECK(data::read_array(path, csv("3,1")) == Tensor({1, 2}, {3, 1}));
}

TEST_CASE_METHOD(Text, "columns are chosen by position, range and name, in that order") {
  const char* text = "id,x,y,label\n1,2,3,cat\n4,5,6,\"dog, big\"\n";
  CHECK(rows(text, csv("2-3")) == Values{2, 3, 5, 6});
  CHECK(rows(text, csv("3,1-2")) == Values{3, 1, 2, 6, 4, 5});
  CHECK(rows(text, csv("y, x")) == Values{3, 2, 6, 5});
  CHECK(rows(text, csv("y,1")) == Values{3, 1, 6, 4});
}

TEST_CASE_METHOD(Text, "columns that are not there or make no sense are refused by name") {
  const char* text = "id,x,y,x\n1,2,3,4\n";
  CHECK(holds(error(text, csv("5")), "shape_mismatch: "));
  CHECK(holds(error(text, csv("1-99999999999999999999")), "shape_mismatch: "));
  CHECK(holds(error(text, csv("ix")), "has no column 'ix'; did you mean 'id'?"));
  CHECK(holds(error(text, csv("x")), "several columns 'x'"));
  CHECK(holds(error(text, csv("1,1")), "column 1 twice"));
  CHECK(holds(error(text, csv("1-2,id")), "column 1 twice"));
  for (const char* columns : {"0", "0-3", "3-2", "1-", "1,,2", ",", "1-2-3", "1,"}) {
    INFO(columns);
    CHECK(holds(error(text, csv(columns)), "invalid_argument: "));
  }
  CHECK(holds(error(text, csv("id", false)), "needs a header"));
  CHECK(holds(error(text, csv("", {}, '.')), "separator"));
  CHECK(holds(error(text, csv("", {}, '"')), "separator"));
}

TEST_CASE_METHOD(Text, "text beside the chosen columns may be anything that RFC 4180 allows") {
  CHECK(rows("1,\"a,\"\"b\"\"\nsecond line\",2\n3,,4\n", csv("1,3")) == Values{1, 2, 3, 4});
  CHECK(rows("1," + std::string(100000, 'x') + "\n", csv("1")) == Values{1});
  CHECK(holds(error("1,\"a\nb\"\n2,c\nx,d\n", csv("1")), "line 4, column 1"));
}

TEST_CASE_METHOD(Text, "other separators") {
  CHECK(rows("1;2\n3;4\n", csv("", {}, ';')) == Values{1, 2, 3, 4});
  CHECK(rows("1\t2\n3\t4\n", csv("", {}, '\t')) == Values{1, 2, 3, 4});
  CHECK(rows("1 2\n3 4\n", csv("", {}, ' ')) == Values{1, 2, 3, 4});
  CHECK(holds(error("1\t\t2\n", csv("", {}, '\t')), "column 2: is empty"));
  CHECK(holds(error("a;b\n1;2\n"), "is the separator another one?"));
}

TEST_CASE_METHOD(Text, "what breaks a rule is an error with line and column") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "truncated: "},
      {"\n", "truncated: "},
      {"1,2\n\n3,4\n", "line 2: is empty"},
      {"\n1,2\n", "line 1: is empty"},
      {"1,2\n3\n", "line 2: number of columns: expected 2 as in line 1, got 1"},
      {"1,2\n3,4,5\n", "line 2: number of columns: expected 2 as in line 1, got more"},
      {"1,2\n3,\n", "line 2, column 2: is empty"},
      {"1,2\n3, \n", "line 2, column 2: is empty"},
      {"1,2\n3,4x\n", "line 2, column 2: expected a number, got '4x'"},
      {"1,2\n3,0x4\n", "line 2, column 2"},
      {"1,2\n3,1e39\n", "line 2, column 2: '1e39' is beyond the range of float32"},
      {"1,2\n3,nan\n", "line 2, column 2: 'nan' is refused"},
      {"1,2\n3,-inf\n", "line 2, column 2: '-inf' is refused"},
      {"1,2\n3,\"4\n", "line 2: has a quote that is never closed"},
      {"1,2\n3,\"4\"5\n", "line 2, column 2: has text behind its closing quote"},
      {"1,2\n3,4\"5\"\n", "line 2, column 2: has a quote that does not open the cell"},
      {"1,2\r3,4\n", "line 1, column 2: has a carriage return"},
      {"a,b\r1,2\r", "line 1, column 2: has a carriage return"},
      {"1,2\n3,4\r\r\n", "line 2, column 2: has a carriage return"},
      {"1,2\n3,\xC3\xA9\n", "'\\xc3\\xa9'"},
      {"1,2\n3," + std::string(600, '1') + "\n", "limit_exceeded: "},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(holds(error(text), expected));
  }
  CHECK(holds(error(std::string("1\0,\0002\0", 6)), "UTF-16"));
}

TEST_CASE_METHOD(Text, "nonfinite numbers are read where they are allowed") {
  data::ReadOptions options = csv();
  options.allow_nonfinite = true;
  CHECK(same(rows("nan,inf\n-inf,Infinity\n", options), Values{std::nanf(""), INFINITY, -INFINITY, INFINITY}));
  CHECK(holds(error("1,nan(7)\n2,3\n", csv("", false)), "column 2"));
}

TEST_CASE_METHOD(Text, "denormal and tiny numbers are no errors") {
  CHECK(same(rows("1e-45,-1e-99\n1e-40,0e9\n"), Values{1e-45F, -0.0F, 1e-40F, 0}));
}

TEST_CASE_METHOD(Text, "lines and columns are bounded") {
  CHECK(holds(error("1,2\n" + std::string((std::size_t{16} << 20) + 2, '1')), "limit_exceeded: "));
  CHECK(holds(error(std::string(2'000'001, ',')), "limit_exceeded: "));
}

TEST_CASE_METHOD(Text, "a file cut anywhere gives whole rows or an error, never part of a row") {
  const std::string text = "a,b,c\r\n1,\"2\",3\r\n4,5,66\r\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    INFO(size);
    const auto path = folder.put("x.csv", text.substr(0, size));
    try {
      data::Reader reader(path, csv("", true));
      const Values values = all_rows(reader);
      CHECK(values.size() % reader.row_size() == 0);
      CHECK(values.size() <= 6);
      CHECK((values.size() < 6 || (values[3] == 4 && (values[5] == 6 || values[5] == 66))));
    } catch (const Error& error) {
      CHECK((error.code() == Errc::malformed || error.code() == Errc::truncated));
    }
  }
}

TEST_CASE_METHOD(Text, "rows are the same however many are asked for and wherever the buffer ends") {
  std::string text;
  Values expected;
  for (int i = 0; i < 120000; ++i) {  // several times the buffer of 256 KiB
    text += std::to_string(i) + (i % 3 == 0 ? ",\"-" : ",-") + std::to_string(i) + (i % 3 == 0 ? "\"\r\n" : "\n");
    expected.insert(expected.end(), {static_cast<float>(i), -static_cast<float>(i)});
  }
  const auto path = folder.put("x.csv", text);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, std::size_t{1} << 20}) {
    data::Reader reader(path);
    CHECK(all_rows(reader, chunk) == expected);
    CHECK(reader.bytes_read() == text.size());
  }
}

}  // namespace
}  // namespace lamina::test
