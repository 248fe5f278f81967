// Bytes of an HDF5 file -> what the reader finds in it, or the text of its error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/container/hdf5.hpp"
#include "support/catch.hpp"
#include "support/pickle_writer.hpp"

#include <lamina/error.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::test {

/// A file of golden/hdf5, which golden/make_hdf5.py wrote: "read/keras_old.h5".
inline std::string hdf5_golden(const std::string& name) {
  std::ifstream file(std::string(LAMINA_GOLDEN) + "/hdf5/" + name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Names, without ending, of the files of golden/hdf5/FOLDER.
inline std::vector<std::string> hdf5_names(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(LAMINA_GOLDEN) + "/hdf5/" + folder)) {
    if (entry.path().extension() == ".h5") names.push_back(entry.path().stem().string());
  }
  return names;
}

/// "code: message" of what `use` throws, or "no error".
inline std::string hdf5_error(const std::string& file, const std::function<void(const format::Hdf5&)>& use,
                              const Limits& limits = {}) {
  try {
    const base::ByteSource source = base::ByteSource::over(as_bytes(file));
    use(format::Hdf5(source, limits));
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return "no error";
}

/// Reads everything: each member of each group, each dataset, and the attributes of these names.
inline void walk(const format::Hdf5& file) {
  std::vector<format::Hdf5Object> waiting = {file.root()};
  while (!waiting.empty()) {
    const format::Hdf5Object object = waiting.back();
    waiting.pop_back();
    for (const char* name : {"layer_names", "weight_names", "none", "dtype", "huge", "terminated"}) {
      (void)file.texts(object, name);
    }
    if (file.is_dataset(object)) {
      const Tensor tensor = file.read(object);
      if (tensor.shape() != file.shape(object)) FAIL("read() and shape() differ");
      continue;
    }
    for (const std::string& name : file.members(object)) waiting.push_back(file.find(object, name).value());
  }
}

}  // namespace lamina::test
