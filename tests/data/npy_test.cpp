// npy files as numpy writes them, and broken ones -> rows, or the error that names what is wrong.
// SPDX-License-Identifier: Apache-2.0
#include "data/files.hpp"
#include "data/numpy_files.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lamina::test {
namespace {

std::string dictionary(const std::string& descr, const std::string& shape, const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

TEST_CASE("the test's npy files are numpy's to the byte") {
  CHECK(npy_file(dictionary("<f4", "(2, 3)"), float_bytes({1, 2, 3, 4, 5, 6})) == kNumpySave);
}

TEST_CASE("every element type, byte order and memory order of numpy reads as numpy reads it") {
  const Folder folder;
  for (const NumpyFile& file : numpy_files()) {
    INFO(file.dictionary);
    const auto path =
        folder.put("x.npy", npy_file(file.dictionary, file.data, static_cast<char>(file.version), file.padded));
    const Tensor array = data::read_array(path);
    CHECK(array.shape() == (file.shape.empty() ? Shape{1} : file.shape));
    CHECK(same(array.values(), file.values));
    CHECK(same(all_rows(path), file.values));
  }
}

TEST_CASE("an array is split into rows along its first dimension") {
  const Folder folder;
  const auto path = folder.put("x.npy", npy_file(dictionary("|u1", "(2, 3, 2)"), std::string(12, '\1')));
  data::Reader reader(path);
  CHECK(reader.row_shape() == Shape{3, 2});
  CHECK(reader.row_size() == 6);
  CHECK(reader.rows() == std::uint64_t{2});
  CHECK_FALSE(reader.is_single_row());
  CHECK(reader.bytes_total() == std::uint64_t{128 + 12});
  std::vector<float> rows(6);
  CHECK(reader.read(rows) == 1);
  CHECK(reader.bytes_read() == 128 + 6);
  CHECK(reader.read(std::span<float>()) == 0);
  CHECK(reader.read(rows) == 1);
  CHECK(reader.read(rows) == 0);
  CHECK(holds(error_of([&] { (void)reader.read(std::span(rows).first(5)); }), "invalid_argument"));
  CHECK(holds(error_of([&] { reader.as_column(); }), "invalid_argument"));
}

TEST_CASE("a one-dimensional array is one row, or a column where that is asked for") {
  const Folder folder;
  const auto path = folder.put("x.npy", npy_file(dictionary("<f4", "(3,)"), float_bytes({1, 2, 3})));
  data::Reader row(path);
  CHECK(row.is_single_row());
  CHECK(row.row_shape() == Shape{3});
  CHECK(row.rows() == std::uint64_t{1});
  data::Reader column(path);
  column.as_column();
  CHECK(column.row_shape() == Shape{1});
  CHECK(column.rows() == std::uint64_t{3});
  CHECK(all_rows(column, 2) == std::vector<float>{1, 2, 3});
}

TEST_CASE("integers beyond 2^24 are rounded to nearest") {
  const Folder folder;
  const std::string data("\x01\x00\x00\x01\x03\x00\x00\x01", 8);  // 2^24 + 1 and 2^24 + 3
  const auto path = folder.put("x.npy", npy_file(dictionary("<u4", "(2,)"), data));
  CHECK(all_rows(path) == std::vector<float>{16777216.0F, 16777220.0F});
}

TEST_CASE("Fortran order is transposed across the blocks that it is read in") {
  const Folder folder;
  constexpr std::size_t kRows = 1'100'000, kColumns = 16;  // 67 MiB as float32: two blocks
  std::string data(kRows * kColumns, '\0');
  for (std::size_t column = 0; column < kColumns; ++column) {
    for (std::size_t row = 0; row < kRows; ++row)
      data[column * kRows + row] = static_cast<char>((row * 7 + column) % 251);
  }
  const auto path = folder.put("x.npy", npy_file(dictionary("|u1", "(1100000, 16)", "True"), data));
  data::Reader reader(path);
  const std::vector<float> rows = all_rows(reader, 1000);
  REQUIRE(rows.size() == kRows * kColumns);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    wrong += rows[i] != static_cast<float>((i / 16 * 7 + i % 16) % 251) ? 1 : 0;
  CHECK(wrong == 0);
  CHECK(reader.bytes_read() == data.size());
}

TEST_CASE("a header that breaks the rules is refused by what is wrong with it") {
  const Folder folder;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "malformed"},
      {"[]", "malformed"},
      {"{}", "no key 'descr'"},
      {"{'descr': '<f4', 'shape': (1,)}", "no key 'fortran_order'"},
      {"{'descr': '<f4', 'fortran_order': False}", "no key 'shape'"},
      {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "twice"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'extra': 1}", "unknown key 'extra'"},
      {"{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "True or False"},
      {"{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}", "',' or '}'"},
      {"{'descr': <f4, 'fortran_order': False, 'shape': (1,)}", "a string"},
      {"{'descr': '<f4, }", "malformed"},
      {dictionary("<f4", "(1)"), "a tuple"},
      {dictionary("<f4", "1"), "expected '('"},
      {dictionary("<f4", "(-1,)"), "a dimension"},
      {dictionary("<f4", "(1 1)"), "',' or ')'"},
      {dictionary("<f4", "(1,"), "a dimension"},
      {dictionary("<f4", "(1,)") + "x", "the end of the header"},
      {dictionary("<f4", "(99999999999999999999,)"), "limit_exceeded"},
      {dictionary("<f4", "(1,1,1,1,1,1,1,1,1)"), "limit_exceeded"},
      {dictionary("<f4", "(3, 4611686018427387904)"), "limit_exceeded"},
      {dictionary("<f4", "(4611686018427387904, 4611686018427387904)"), "limit_exceeded"},
      {dictionary("<f4", "(0, 3000000000)"), "limit_exceeded"},
      {dictionary("<f4", "(0, 1000000, 1000000)"), "limit_exceeded"},
      {dictionary("<f4", "(4, 0)"), "shape_mismatch"},
      {dictionary("<f4", "(0,)"), "shape_mismatch"},
      {dictionary("<f4", "(2,)"), "truncated"},
      {dictionary("<f4", "(1000000000, 1000)"), "truncated"},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(holds(read_error(folder.put("x.npy", npy_file(text, float_bytes({1})))), expected));
  }
}

TEST_CASE("an element type that is no number is refused by its name") {
  const Folder folder;
  for (const char* type : {"|O", "|S4", "<U4", "|V8", "<M8[ns]", "<m8", "<c8", "<f16", "<f1", "<b2", "<i3", "<i16", "f",
                           "", "|f4", "4", "<ff", "<i0", "<i9"}) {
    INFO(type);
    const std::string error = read_error(folder.put("x.npy", npy_file(dictionary(type, "(1,)"), float_bytes({1}))));
    CHECK(holds(error, "dtype: "));
    CHECK(holds(error, std::string("'") + type + "'"));
  }
  const std::string structure = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }";
  CHECK(holds(read_error(folder.put("x.npy", npy_file(structure, float_bytes({1})))), "dtype: "));
}

TEST_CASE("quotes, order of the keys, white space and Python 2's long integers are numpy's freedom") {
  const Folder folder;
  for (const char* text : {"{\"shape\": (1L,), \"fortran_order\": True, \"descr\": \"<f4\"}",
                           "{ 'descr' : 'f4' , 'fortran_order':False,'shape':( 1 , )}",
                           "{'fortran_order': False, 'descr': '=f4', 'shape': (1, 1)}"}) {
    INFO(text);
    CHECK(all_rows(folder.put("x.npy", npy_file(text, float_bytes({1})))) == std::vector<float>{1});
  }
}

TEST_CASE("versions that do not exist and long headers are refused") {
  const Folder folder;
  const std::string good = kNumpySave;
  for (const char version : {'\0', '\4', '\xff'}) {
    std::string file = good;
    file[6] = version;
    CHECK(holds(read_error(folder.put("x.npy", file)), "unsupported_feature"));
  }
  std::string minor = good;
  minor[7] = 1;
  CHECK(holds(read_error(folder.put("x.npy", minor)), "unsupported_feature"));
  std::string huge = good;
  huge[6] = 2;
  CHECK(holds(read_error(folder.put("x.npy", huge)), "limit_exceeded"));
  CHECK(holds(read_error(folder.put("x.npy", npy_file(dictionary("<f4", "(1,)"), float_bytes({1}), 1, 10001))),
              "limit_exceeded"));
}

TEST_CASE("values that float32 or their type cannot hold are errors") {
  const Folder folder;
  const std::string large("\x00\x00\x00\x00\x00\x00\xe0\x7e", 8);  // about 1e303
  CHECK(holds(read_error(folder.put("x.npy", npy_file(dictionary("<f8", "(1,)"), large))), "x.npy: float64 value"));
  CHECK(holds(read_error(folder.put("x.npy", npy_file(dictionary("|b1", "(1,)"), "\2"))), "neither 0 nor 1"));
}

TEST_CASE("a file cut at any byte is truncated, one byte more is malformed") {
  const Folder folder;
  for (std::size_t size = 0; size < kNumpySave.size(); ++size) {
    INFO(size);
    const std::string error = read_error(folder.put("x.npy", kNumpySave.substr(0, size)), {data::Format::npy});
    CHECK(holds(error, "truncated: "));
    CHECK(holds(error, "x.npy: "));
  }
  CHECK(holds(read_error(folder.put("x.npy", kNumpySave + "x")), "malformed"));
}

TEST_CASE("a header with any bit flipped gives an Error or as many numbers as the file has bytes for") {
  const Folder folder;
  for (const bool fortran : {false, true}) {
    const std::string good =
        npy_file(dictionary("<f4", "(2, 3)", fortran ? "True" : "False"), float_bytes({1, 2, 3, 4, 5, 6}));
    std::size_t errors = 0;
    for (std::size_t bit = 0; bit < (good.size() - 24) * 8; ++bit) {
      std::string file = good;
      file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << (bit % 8)));
      const auto path = folder.put("x.npy", file);
      try {
        const std::size_t numbers = all_rows(path, {data::Format::npy}).size();
        CHECK((numbers == 6 || numbers == 12 || numbers == 3));
      } catch (const Error&) {
        ++errors;
      }
    }
    CHECK(errors > 500);  // padding apart, nearly every bit matters
  }
}

}  // namespace
}  // namespace lamina::test
