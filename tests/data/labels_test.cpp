// Label and name files -> integers and lines.
// SPDX-License-Identifier: Apache-2.0
#include "data/files.hpp"
#include "data/numpy_files.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace lamina::test {
namespace {

using Labels = std::vector<std::int64_t>;

std::string labels_error(const std::filesystem::path& path) {
  return error_of([&] { (void)data::read_labels(path); });
}

std::string npy(const std::string& descr, const std::string& shape, const std::string& data) {
  return npy_file("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "}", data);
}

TEST_CASE("labels are exact integers of any npy type") {
  const Folder folder;
  CHECK(data::read_labels(folder.put("y.npy", npy("|u1", "(3,)", "\1\xff\2"))) == Labels{1, 255, 2});
  CHECK(data::read_labels(folder.put("y.npy", npy("|i1", "(2, 1)", "\1\xff"))) == Labels{1, -1});
  CHECK(data::read_labels(folder.put("y.npy", npy(">i2", "(1,)", "\1\2"))) == Labels{258});
  CHECK(data::read_labels(folder.put("y.npy", npy("|b1", "(2,)", std::string("\1\0", 2)))) == Labels{1, 0});
  CHECK(data::read_labels(folder.put("y.npy", npy(">i8", "(1,)", std::string("\0\x20\0\0\0\0\0\1", 8)))) ==
        Labels{9007199254740993});  // 2^53 + 1, which no double holds
  CHECK(data::read_labels(folder.put("y.npy", npy("<f4", "(2,)", float_bytes({3, -7})))) == Labels{3, -7});
  CHECK(data::read_labels(folder.put("y.npy", npy("<u8", "(0,)", ""))).empty());
}

TEST_CASE("npy labels that are no list of integers are refused") {
  const Folder folder;
  CHECK(holds(labels_error(folder.put("y.npy", npy("<f4", "(1,)", float_bytes({0.5F})))), "is no integer"));
  CHECK(holds(labels_error(folder.put("y.npy", npy("<f4", "(1,)", float_bytes({kNaN})))), "is no integer"));
  CHECK(holds(labels_error(folder.put("y.npy", npy("<f4", "(1,)", float_bytes({1e30F})))), "is no integer"));
  CHECK(holds(labels_error(folder.put("y.npy", npy("<u8", "(1,)", std::string(8, '\xff')))), "beyond int64"));
  CHECK(holds(labels_error(folder.put("y.npy", npy("|u1", "(1, 2)", "ab"))), "shape_mismatch: "));
  CHECK(holds(labels_error(folder.put("y.npy", npy("|u1", "()", "a"))), "shape_mismatch: "));
  CHECK(holds(labels_error(folder.put("y.npy", npy("|u1", "(3,)", "ab"))), "truncated: "));
  CHECK(holds(labels_error(folder.put("y.npy", npy("|u1", "(1,)", "ab"))), "malformed: "));
  CHECK(holds(labels_error(folder.put("y.json", "[1]")), "unsupported_feature: "));
}

TEST_CASE("text labels are one integer per line, with or without a header") {
  const Folder folder;
  CHECK(data::read_labels(folder.put("y.csv", "label\n1\n-2\n3.0\n\n")) == Labels{1, -2, 3});
  CHECK(data::read_labels(folder.put("y.txt", "\xEF\xBB\xBF 7 \r\n\"8\"\r\n9e1")) == Labels{7, 8, 90});
  CHECK(data::read_labels(folder.put("y.txt", "9223372036854775807\n-9223372036854775808\n")) ==
        Labels{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()});
  CHECK(data::read_labels(folder.put("y.txt", "")).empty());
}

TEST_CASE("text labels that are no integers are refused with their line") {
  const Folder folder;
  for (const char* text :
       {"1\nx\n", "1\n2.5\n", "1\n1,2\n", "1\nnan\n", "1\n9223372036854775808\n", "1\n1e99\n", "a\nb\n", "1\n0x2\n"}) {
    INFO(text);
    CHECK(holds(labels_error(folder.put("y.txt", text)), "malformed: "));
    CHECK(holds(labels_error(folder.put("y.txt", text)), "y.txt: line 2: expected one integer"));
  }
  CHECK(holds(labels_error(folder.put("y.txt", "1,2\n")), "line 1"));
  CHECK(holds(labels_error(folder.put("y.txt", "2.5\n")), "line 1"));
  CHECK(holds(labels_error(folder.put("y.txt", "1\n\n2\n")), "line 2: is empty"));
}

TEST_CASE("names are lines") {
  const Folder folder;
  CHECK(data::read_names(folder.put("n.txt", "cat\r\nbig dog\n\xC3\xA9ne\n\n")) ==
        std::vector<std::string>{"cat", "big dog", "\xC3\xA9ne"});
  CHECK(data::read_names(folder.put("n.txt", "")).empty());
  const auto error = [&](const std::string& text) {
    return error_of([&] { (void)data::read_names(folder.put("n.txt", text)); });
  };
  CHECK(holds(error("a\n\nb\n"), "line 2: is empty"));
  CHECK(holds(error("a\nb\tc\n"), "line 2: name holds a control character"));
  CHECK(holds(error(std::string(1025, 'a')), "limit_exceeded: "));
  CHECK(holds(error_of([&] { (void)data::read_names(folder / "missing"); }), "io: "));
}

}  // namespace
}  // namespace lamina::test
