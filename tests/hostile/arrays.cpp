// Threats -> the array files (npy, csv, json) that carry them.
// SPDX-License-Identifier: Apache-2.0
#include "data/files.hpp"
#include "hostile/gallery.hpp"

namespace lamina::test {
namespace {

std::string npy(const std::string& descr, const std::string& shape) {
  return npy_file("{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }", float_bytes({1}));
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::vector<Hostile> hostile_numpy_files() {
  const std::string file = "a.npy";
  return {
      {"T-01", "a shape whose product overflows", file, npy("'<f4'", "(4611686018427387904, 4611686018427387904)"),
       "limit_exceeded", ""},
      {"T-02", "a terabyte of rows that are not there", file, npy("'<f4'", "(1000000000, 1000)"), "truncated", ""},
      {"T-11", "bytes behind the last row", file, npy("'|u1'", "(1,)"), "malformed", ""},
      {"T-19", "rows without numbers", file, npy("'<f4'", "(4, 0)"), "shape_mismatch", ""},
      {"T-29", "objects, which are pickles", file, npy("'|O'", "(1,)"), "dtype", "'|O'"},
      {"T-29", "an expression for the type", file, npy("__import__('os').system('id')", "(1,)"), "malformed", ""},
      {"T-29", "an expression for the shape", file, npy("'<f4'", "(9**9**9,)"), "malformed", ""},
      {"T-29", "a fourth key", file,
       npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", float_bytes({1})), "malformed",
       "unknown key 'x'"},
      {"T-29", "a header of eleven thousand bytes", file,
       npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", float_bytes({1}), 1, 11000),
       "limit_exceeded", ""},
  };
}

}  // namespace

std::vector<Hostile> hostile_arrays() {
  using namespace std::string_literals;
  std::vector<Hostile> all = hostile_numpy_files();
  const std::vector<Hostile> texts = {
      {"T-21", "lists nested a hundred thousand deep", "a.json", std::string(100'000, '['), "limit_exceeded", "deep"},
      {"T-27", "a number beyond any float", "a.csv", "1e999999999\n", "malformed", ""},
      {"T-27", "a megabyte of digits", "a.csv", "1," + std::string(1 << 20, '7') + "\n", "limit_exceeded", ""},
      {"T-27", "NaN with a payload", "a.csv", "1,2\n1,nan(123)\n", "malformed", ""},
      {"T-27", "a decimal comma", "a.csv", "1;2\n1;2,5\n", "malformed", ""},
      {"T-27", "a hexadecimal float", "a.csv", "1,2\n0x1p4,2\n", "malformed", "0x1p4"},
      {"T-27", "NaN in JSON", "a.json", "[[1, NaN]]", "malformed", ""},
      {"T-28", "a quote without an end", "a.csv", "1,2\n\"3,4\n", "malformed", ""},
      {"T-28", "a NUL byte", "a.csv", "1,2\n3,\0004\n"s, "malformed", ""},
      {"T-28", "ragged rows", "a.csv", "1,2\n3\n", "malformed", ""},
      {"T-28", "a carriage return within a line", "a.csv", "1,2\n3\r,4\n", "malformed", ""},
      {"T-28", "two million columns", "a.csv", repeated("1,", 2'000'000) + "1\n", "limit_exceeded", ""},
  };
  all.insert(all.end(), texts.begin(), texts.end());
  return all;
}

}  // namespace lamina::test
