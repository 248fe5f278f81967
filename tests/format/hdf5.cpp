// HDF5 files of h5py: what it reads in them lamina reads, and what lamina does not read it refuses with a reason.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5.hpp"

#include "format/container/hdf5/checksum.hpp"
#include "format/hdf5_reading.hpp"

#include <cstdlib>
#include <map>
#include <sstream>

namespace {

using namespace lamina;
using namespace lamina::test;
using format::Hdf5;
using format::Hdf5Object;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == '\t') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

Hdf5Object object(const Hdf5& file, const std::string& path) {
  const auto found = file.find(file.root(), std::string_view(path).substr(1));
  REQUIRE(found);
  CHECK(found->path == path);
  return *found;
}

/// A line of a listing of golden/make_hdf5.py.
void check_line(const Hdf5& file, const std::vector<std::string>& line) {
  const Hdf5Object found = object(file, line.at(1));
  CHECK(file.is_dataset(found) == (line[0] == "dataset"));
  const auto rest = [&](std::ptrdiff_t first) { return std::vector<std::string>(line.begin() + first, line.end()); };
  if (line[0] == "group") {
    CHECK(file.members(found) == rest(2));
    return;
  }
  CHECK(to_string(file.shape(found)) == line.at(2));
  const Tensor tensor = file.read(found);
  CHECK(tensor.shape() == file.shape(found));
  std::vector<float> expected;
  for (const std::string& number : rest(3)) expected.push_back(std::strtof(number.c_str(), nullptr));
  CHECK(tensor == Tensor(tensor.shape(), expected));
}

std::string error_of_x(const std::string& name, const Limits& limits = {}) {
  return hdf5_error(
      hdf5_golden(name), [](const Hdf5& file) { (void)file.read(object(file, "/x")); }, limits);
}

}  // namespace

TEST_CASE("HDF5 files of every form read as h5py reads them") {
  const std::vector<std::string> names = hdf5_names("read");
  REQUIRE(names.size() >= 14);
  for (const std::string& name : names) {
    INFO(name);
    const std::string bytes = hdf5_golden("read/" + name + ".h5");
    const base::ByteSource source = base::ByteSource::over(as_bytes(bytes));
    CHECK(format::is_hdf5(source));
    const Hdf5 file(source, {});
    std::istringstream listing(hdf5_golden("read/" + name + ".txt"));
    int lines = 0;
    for (std::string text; std::getline(listing, text); ++lines) {
      INFO(text);
      const std::vector<std::string> line = split(text);
      if (line[0] != "texts") {
        check_line(file, line);
      } else {
        CHECK(file.texts(object(file, line.at(1)), line.at(2)) ==
              std::vector<std::string>(line.begin() + 3, line.end()));
      }
    }
    CHECK(lines > 0);
  }
}

TEST_CASE("what lamina does not read of HDF5 is refused with a reason") {
  const std::map<std::string, std::string> expected = {
      {"array",
       "dtype: '/x': HDF5 object header at byte 195: element type: expected a number or a string, got an array"},
      {"bit_field", "dtype: got a bit field"},
      {"boolean", "dtype: got an enum (bool)"},
      {"chunked_new", "unsupported_feature: is stored in chunks; rewrite the file: h5repack -l CONTI -f NONE OLD NEW"},
      {"chunked_old", "unsupported_feature: is stored in chunks; rewrite the file: h5repack -l CONTI -f NONE OLD NEW"},
      {"committed_new", "unsupported_feature: a committed datatype"},
      {"committed_old", "unsupported_feature: a committed datatype"},
      {"complex", "dtype: got a compound"},
      {"compound_new", "dtype: got a compound"},
      {"compound_old", "dtype: got a compound"},
      {"deflate_new", "unsupported_feature: is compressed or filtered; rewrite the file: h5repack"},
      {"deflate_old", "unsupported_feature: is compressed or filtered; rewrite the file: h5repack"},
      {"double_too_large", "dtype: is beyond the range of float32"},
      {"external_link_new", "unsafe_content: 'x' is an external link, into another file"},
      {"external_link_old", "unsafe_content: 'x' is an external link, into another file"},
      {"external_storage_new", "unsafe_content: has its elements in other files"},
      {"external_storage_old", "unsafe_content: has its elements in other files"},
      {"hard_link_new", "unsupported_feature: 'y' is a second name of an object"},
      {"hard_link_old", "unsupported_feature: 'y' is a second name of an object"},
      {"list", "dtype: got a list of variable length"},
      {"loop_new", "malformed: has no layout"},
      {"loop_old", "malformed: has no layout"},
      {"nested", "malformed: has no layout"},
      {"null", "unsupported_feature: has a null dataspace"},
      {"opaque", "dtype: got 2 opaque bytes"},
      {"open_for_writing", "unsupported_feature: marked as open for writing"},
      {"rank_9", "limit_exceeded: expected at most 8, got 9"},
      {"reference", "dtype: got a reference"},
      {"shared_messages", "unsupported_feature: shares messages between objects"},
      {"small_sizes", "unsupported_feature: expected 8 and 8 bytes, got 4 and 4"},
      {"soft_link_new", "unsupported_feature: 'x' is a soft link"},
      {"soft_link_old", "unsupported_feature: 'x' is a soft link"},
      {"string", "dtype: expected a number, got a string"},
      {"unwritten_new", "unsupported_feature: its elements were never written"},
      {"unwritten_old", "unsupported_feature: its elements were never written"},
      {"user_block", "malformed: one behind a user block"},
      {"virtual", "unsafe_content: is a virtual dataset, whose elements lie in other files"}};
  for (const std::string& name : hdf5_names("refuse")) {
    const std::string error = error_of_x("refuse/" + name + ".h5");
    INFO(name << ": " << error);
    REQUIRE(expected.count(name) == 1);
    const std::string& wanted = expected.at(name);
    const std::size_t colon = wanted.find(": ");
    CHECK(error.rfind(wanted.substr(0, colon + 2), 0) == 0);
    CHECK(error.find(wanted.substr(colon + 2)) != std::string::npos);
  }
  CHECK(hdf5_names("refuse").size() == expected.size());
}

TEST_CASE("a group that contains its own ancestor is refused") {
  for (const char* name : {"refuse/loop_old.h5", "refuse/loop_new.h5"}) {
    CHECK(hdf5_error(hdf5_golden(name), walk).find("'up' is a second name of an object") != std::string::npos);
    // Asking again does not help.
    const std::string bytes = hdf5_golden(name);
    const base::ByteSource source = base::ByteSource::over(as_bytes(bytes));
    const Hdf5 file(source, {});
    const Hdf5Object group = object(file, "/x");
    CHECK_THROWS_AS(file.members(group), Error);
    CHECK_THROWS_AS(file.members(group), Error);
    CHECK_THROWS_AS(file.find(group, "up"), Error);
  }
}

TEST_CASE("an HDF5 path leads to an object or to nothing") {
  const std::string bytes = hdf5_golden("read/keras_old.h5");
  const base::ByteSource source = base::ByteSource::over(as_bytes(bytes));
  const Hdf5 file(source, {});
  CHECK(file.root().path == "/");
  const auto layers = file.find(file.root(), "layers");
  REQUIRE(layers);
  CHECK(file.find(*layers, "dense/bias:0")->path == "/layers/dense/bias:0");
  CHECK(file.find(file.root(), "")->path == "/");
  for (const char* path :
       {"nothing", "layers/nothing", "layers/dense/kernel/further", "layers//dense", "/layers", ".."}) {
    CHECK(!file.find(file.root(), path));
  }
}

TEST_CASE("HDF5 attributes that are not asked for rightly say so") {
  const std::string bytes = hdf5_golden("read/texts_old.h5");
  const base::ByteSource source = base::ByteSource::over(as_bytes(bytes));
  const Hdf5 file(source, {});
  CHECK(!file.text(file.root(), "absent"));
  CHECK_THROWS_WITH(file.texts(file.root(), "number"), Catch::Matchers::Contains("expected a string, got int64"));
  CHECK_THROWS_WITH(file.text(file.root(), "space"), Catch::Matchers::Contains("expected one text, got 2"));
  CHECK_THROWS_WITH(file.read(file.root()), Catch::Matchers::Contains("has no layout"));
  const std::string keras = hdf5_golden("read/keras_new.h5");
  const base::ByteSource keras_source = base::ByteSource::over(as_bytes(keras));
  const Hdf5 keras_file(keras_source, {});
  CHECK(keras_file.text(keras_file.root(), "model_config") == R"({"class_name": "Sequential"})");
  CHECK_THROWS_WITH(keras_file.members(object(keras_file, "/layers/dense/kernel")),
                    Catch::Matchers::Contains("is not a group"));
}

TEST_CASE("HDF5 limits hold before anything is allocated") {
  Limits limits;
  limits.weight_bytes = 4 * 6 + 4 * 2 - 1;
  const auto error = [&](const char* name) { return hdf5_error(hdf5_golden(name), walk, limits); };
  CHECK(error("read/keras_old.h5").find("limit_exceeded: '/layers/dense/") == 0);
  limits.weight_bytes += 1;
  CHECK(error("read/keras_old.h5") == "no error");
  limits.text_bytes = 100;
  CHECK(error("read/keras_old.h5").find("limit_exceeded: HDF5 file: groups, attributes") == 0);
  limits.text_bytes = 16384;
  CHECK(error("read/keras_new.h5") == "no error");
  CHECK(error("read/many_new.h5").find("limit_exceeded: ") == 0);
}

TEST_CASE("an HDF5 object is read again as it was read before") {
  const std::string bytes = hdf5_golden("read/keras_new.h5");
  const base::ByteSource source = base::ByteSource::over(as_bytes(bytes));
  const Hdf5 file(source, {});
  const Hdf5Object kernel = object(file, "/layers/dense/kernel");
  CHECK(file.read(kernel) == file.read(kernel));
  CHECK(file.texts(file.root(), "weight_names") == file.texts(file.root(), "weight_names"));
}

TEST_CASE("lookup3 gives the sums that its author states") {
  const auto sum = [](const std::string& text) { return format::hdf5::lookup3(as_bytes(text)); };
  CHECK(sum("") == 0xdeadbeef);
  CHECK(sum("Four score and seven years ago") == 0x17770551);
}
