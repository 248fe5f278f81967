// npz archives as numpy writes them, and others -> rows of the chosen array.
// SPDX-License-Identifier: Apache-2.0
#include "data/files.hpp"
#include "data/numpy_files.hpp"
#include "support/stored_zip.hpp"

#include <string>
#include <vector>

namespace lamina::test {
namespace {

data::ReadOptions array(std::string name) {
  data::ReadOptions options;
  options.array = std::move(name);
  return options;
}

TEST_CASE("the arrays of numpy.savez are chosen by name") {
  const Folder folder;
  const auto path = folder.put("x.npz", kNumpySavez);
  CHECK(data::read_array(path, array("x")) == Tensor({2, 2}, {1, 2, 3, 4}));
  CHECK(data::read_array(path, array("y.npy")) == Tensor({3}, {0, 1, 2}));
  CHECK(holds(read_error(path), "choose one of 'x', 'y'"));
  CHECK(holds(read_error(path, array("z")), "has no array 'z': it has 'x', 'y'"));
  data::Reader reader(path, array("x"));
  CHECK(reader.bytes_total() == std::uint64_t{128 + 16});
}

TEST_CASE("a single array needs no name, compressed or not, whatever the file is called") {
  const Folder folder;
  CHECK(data::read_array(folder.put("x", kNumpySavezCompressed)) ==
        Tensor({4, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  CHECK(data::read_array(folder.put("x.csv", stored_zip({{"a.npy", kNumpySave}}))) ==
        Tensor({2, 3}, {1, 2, 3, 4, 5, 6}));
  const std::string fortran =
      npy_file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", float_bytes({1, 3, 2, 4}));
  CHECK(data::read_array(folder.put("x.npz", stored_zip({{"note.txt", "text"}, {"a.npy", fortran}}))) ==
        Tensor({2, 2}, {1, 2, 3, 4}));
}

TEST_CASE("an archive without arrays, or with a broken one, is refused") {
  const Folder folder;
  CHECK(holds(read_error(folder.put("x.npz", stored_zip({{"a.txt", "1"}}))), "without arrays"));
  CHECK(holds(read_error(folder.put("x.npz", stored_zip({{"a.npy", kNumpySave + "x"}}))), "x.npz(a.npy): "));
  CHECK(holds(read_error(folder.put("x.npz", stored_zip({{"a.npy", kNumpySave.substr(0, 140)}}))), "truncated: "));
  CHECK(holds(read_error(folder.put("x.npz", kNumpySave.substr(1))), "malformed: "));
  std::string flipped = stored_zip({{"a.npy", kNumpySave}});
  flipped[100] = static_cast<char>(flipped[100] ^ 1);
  CHECK(holds(read_error(folder.put("x.npz", flipped)), "malformed: "));
}

TEST_CASE("an archive cut at any byte is an error") {
  const Folder folder;
  for (const std::string& good : {kNumpySavez, kNumpySavezCompressed}) {
    for (std::size_t size = 0; size < good.size(); ++size) {
      INFO(size);
      data::ReadOptions options = array("x");
      options.format = data::Format::npz;
      CHECK(read_error(folder.put("x.npz", good.substr(0, size)), options) != "nothing");
    }
  }
}

}  // namespace
}  // namespace lamina::test
