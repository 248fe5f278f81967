// Bytes of a Keras file -> what the readers make of them; configs and archives in few words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/reader.hpp"
#include "support/catch.hpp"
#include "support/hdf5_writer.hpp"
#include "support/stored_zip.hpp"

#include <lamina/error.hpp>
#include <lamina/lamina.hpp>

#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::test {

inline std::span<const std::byte> bytes_of(const std::string& file) { return std::as_bytes(std::span(file)); }

inline Model load_bytes(const std::string& file, const LoadOptions& options = {}) {
  return load(bytes_of(file), options);
}
inline format::Contents contents_of(const std::string& file, const LoadOptions& options = {}) {
  return format::read_contents(base::ByteSource::over(bytes_of(file)), options);
}

/// The Error that loading gives; the test fails where there is none.
inline Error error_of(const std::string& file, const LoadOptions& options = {}) {
  try {
    (void)load_bytes(file, options);
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error");
  return {Errc::internal, ""};
}
/// Refused with this code, and these words in the message.
inline void refused(const std::string& file, Errc code, std::string_view part, const LoadOptions& options = {}) {
  const Error error = error_of(file, options);
  INFO(error.what());
  CHECK(error.code() == code);
  CHECK(std::string_view(error.what()).find(part) != std::string_view::npos);
}

inline std::vector<float> answers(const Model& model, const std::vector<float>& x) {
  const Plan plan = model.compile();
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  Workspace workspace = plan.workspace();
  plan.run(x, y, workspace);
  return y;
}

/// A file that golden/make_keras.py wrote.
inline std::string golden(const std::string& name) {
  std::ifstream file(std::string(LAMINA_GOLDEN) + "/keras/" + name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `more`: further members of the config, with a comma in front.
inline std::string layer_json(const std::string& class_name, const std::string& name, const std::string& more = "") {
  return R"({"module": "keras.layers", "class_name": ")" + class_name + R"(", "config": {"name": ")" + name + "\"" +
         more + R"(}, "registered_name": null})";
}
inline std::string dense_json(const std::string& name, int units, const std::string& more = "") {
  return layer_json("Dense", name, ", \"units\": " + std::to_string(units) + more);
}
/// A model over rows of `inputs` numbers; `layers` with commas between.
inline std::string model_json(int inputs, const std::string& layers) {
  return R"({"module": "keras", "class_name": "Sequential", "config": {"name": "model", "layers": [)" +
         layer_json("InputLayer", "in", ", \"batch_shape\": [null, " + std::to_string(inputs) + "]") + ", " + layers +
         "]}}";
}

inline std::string version_json(const std::string& version) { return "{\"keras_version\": \"" + version + "\"}"; }

inline std::string archive_of(const std::string& config, const Hdf5Tree& weights,
                              const std::string& version = "3.9.2") {
  return stored_zip(
      {{"metadata.json", version_json(version)}, {"config.json", config}, {"model.weights.h5", weights.file()}});
}

/// "vars/0", "vars/1" with 1, 2, 3, ... times `unit`: a Dense layer's.
inline void put_dense(Hdf5Tree& tree, const std::string& group, std::int64_t inputs, std::int64_t units,
                      float unit = 1) {
  std::vector<float> kernel(static_cast<std::size_t>(inputs * units));
  for (std::size_t i = 0; i < kernel.size(); ++i) kernel[i] = unit * static_cast<float>(i + 1);
  tree.data(group + "/vars/0", {inputs, units}, kernel);
  tree.data(group + "/vars/1", {units}, std::vector<float>(static_cast<std::size_t>(units), unit));
}

}  // namespace lamina::test
