// Broken, foreign and hostile Keras files: each is an Error that names what is wrong; none does harm.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras_reading.hpp"
#include "support/bit_flips.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

namespace {

using namespace lamina;
using namespace lamina::test;

const std::string kConfig = model_json(2, dense_json("a", 2) + "," + dense_json("b", 1));

Hdf5Tree good_groups() {
  Hdf5Tree weights;
  put_dense(weights, "layers/dense", 2, 2);
  put_dense(weights, "layers/dense_1", 2, 1);
  return weights;
}

std::string archive_with(const std::function<void(Hdf5Tree&)>& change) {
  Hdf5Tree weights = good_groups();
  change(weights);
  return archive_of(kConfig, weights);
}
std::string archive_of_layer(const std::string& layer, const std::string& version = "3.9.2") {
  return archive_of(model_json(2, layer), good_groups(), version);
}

Hdf5Tree good_legacy() {
  Hdf5Tree file;
  file.text("model_config", kConfig).text("keras_version", "2.4.0");
  Hdf5Tree& weights = file.at("model_weights").texts("layer_names", {"a", "b"});
  weights.data("a/a/kernel:0", {2, 2}, {1, 2, 3, 4}).data("a/a/bias:0", {2}, {5, 6});
  weights.data("b/b/kernel:0", {2, 1}, {1, 2}).data("b/b/bias:0", {1}, {3});
  weights.at("a").texts("weight_names", {"a/kernel:0", "a/bias:0"});
  weights.at("b").texts("weight_names", {"b/kernel:0", "b/bias:0"});
  return file;
}
std::string legacy_with(const std::function<void(Hdf5Tree&)>& change) {
  Hdf5Tree file = good_legacy();
  change(file);
  return file.file();
}

/// A result or an Error, in time; anything else fails the test.
void survive(const std::string& file) {
  const auto start = std::chrono::steady_clock::now();
  try {
    (void)load_bytes(file);
  } catch (const Error& error) {
    REQUIRE(std::string_view(error.what()).size() < 8192);
    REQUIRE(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

std::vector<std::string> small_files() { return {archive_of(kConfig, good_groups()), good_legacy().file()}; }

}  // namespace

TEST_CASE("Keras files cut off at any length are errors") {
  for (const std::string& file : small_files()) {
    for (std::size_t length = 0; length < file.size(); ++length) (void)error_of(file.substr(0, length));
  }
}

TEST_CASE("Keras files with any one bit flipped give an error or a valid result") {
  for (const std::string& file : small_files()) each_bit_flip(file, 4096, survive);
}

TEST_CASE("an archive lacks what Keras writes") {
  const std::string weights = good_groups().file(), version = version_json("3.9.2");
  refused(stored_zip({{"config.json", kConfig}, {"model.weights.h5", weights}}), Errc::malformed, "'metadata.json'");
  refused(stored_zip({{"metadata.json", version}, {"model.weights.h5", weights}}), Errc::malformed, "'config.json'");
  refused(stored_zip({{"metadata.json", version}, {"config.json", kConfig}}), Errc::malformed, "'model.weights.h5'");
  refused(stored_zip({{"metadata.json", version}, {"config.json", kConfig}, {"model.weights.npz", "x"}}),
          Errc::unsafe_content, "pickles");
  refused(stored_zip({{"metadata.json", version}, {"config.json", kConfig}, {"model.weights.json", "{}"}}),
          Errc::unsupported_feature, "several files");
  refused(stored_zip({{"metadata.json", "{}"}, {"config.json", kConfig}, {"model.weights.h5", weights}}),
          Errc::malformed, "keras_version is missing");
  refused(stored_zip({{"metadata.json", version}, {"config.json", "{"}, {"model.weights.h5", weights}}),
          Errc::truncated, "config.json");
  refused(stored_zip({{"metadata.json", version}, {"config.json", kConfig}, {"model.weights.h5", "no"}}),
          Errc::truncated, "model.weights.h5: ");
}

TEST_CASE("weights with any byte changed are refused as damaged, whatever else that byte breaks") {
  std::string file = archive_of(kConfig, good_groups());
  const std::size_t begin = file.find("\x89HDF"), size = good_groups().file().size();
  for (std::size_t at = begin; at < begin + size; ++at) {
    file[at] ^= 1;
    refused(file, Errc::malformed,
            "model.weights.h5: zip member 'model.weights.h5': is damaged: its CRC does not match");
    file[at] ^= 1;
  }
}

TEST_CASE("versions that there have not been are refused") {
  refused(archive_of(kConfig, good_groups(), "4.0.0"), Errc::unsupported_feature, "got '4.0.0'");
  for (const std::string version : {"x", "", "-1", "33"}) {
    refused(archive_of(kConfig, good_groups(), version), Errc::malformed, "keras_version");
  }
}

TEST_CASE("limits hold before anything is read") {
  const std::string file = archive_of(kConfig, good_groups());
  LoadOptions options;
  options.limits.text_bytes = 100;
  refused(file, Errc::limit_exceeded, "config.json", options);
  options = {};
  options.limits.weight_bytes = 20;
  refused(file, Errc::limit_exceeded, "20 bytes", options);
  options = {};
  options.limits.tensors = 3;
  refused(good_legacy().file(), Errc::limit_exceeded, "more than 3 layers and weights", options);
  Hdf5Tree bare = good_groups();
  refused(bare.file(), Errc::limit_exceeded, "more than 3 weights", options);
}

TEST_CASE("a config that is a bomb is refused") {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  refused(archive_of("{\"class_name\": \"Sequential\", \"config\": " + deep + "}", good_groups()), Errc::limit_exceeded,
          "config.json");
  std::string nested = dense_json("d", 2);
  for (int i = 0; i < 17; ++i) {
    nested = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)" + nested + "]}}";
  }
  refused(archive_of_layer(nested), Errc::limit_exceeded, "16");
  refused(archive_of_layer(dense_json("d", 2147483647)), Errc::shape_mismatch, "expected [2, 2147483647]");
  std::string many = dense_json("d", 2);
  for (int i = 0; i < 10001; ++i) many += "," + layer_json("Flatten", "f" + std::to_string(i));
  Hdf5Tree one;
  put_dense(one, "layers/dense", 2, 2);
  refused(archive_of(model_json(2, many), one), Errc::limit_exceeded, "10000");
}

TEST_CASE("custom classes and what runs code are refused by name, and nothing is imported") {
  refused(archive_of_layer(layer_json("Lambda", "l", R"(, "function": ["4wE=", null, null])")), Errc::unsupported_layer,
          "'Lambda'");
  refused(archive_of_layer(layer_json("TFSMLayer", "t", R"(, "filepath": "/etc/passwd")")), Errc::unsupported_layer,
          "'TFSMLayer'");
  refused(archive_of_layer(R"({"module": "os", "class_name": "system", "config": {"name": "x"}})"),
          Errc::unsupported_layer, "comes from 'os'");
  refused(archive_of_layer(R"({"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "units": 2},
                              "registered_name": "my>Dense"})"),
          Errc::unsupported_layer, "registered as 'my>Dense'");
  refused(archive_of_layer(dense_json("d", 2, R"(, "activation": "my_function")")), Errc::unsupported_layer,
          "activation 'my_function'");
  refused(archive_of_layer(dense_json("d", 2, R"(, "activation": {"class_name": "__lambda__", "config": {}})")),
          Errc::unsupported_layer, "'__lambda__'");
  refused(archive_of_layer(layer_json("Conv2D", "c")), Errc::unsupported_layer, "'Conv2D'");
  refused(archive_of_layer(dense_json("d", 2, R"(, "dtype": "mixed_float16")")), Errc::unsupported_feature,
          "mixed_float16");
  refused(archive_of_layer(dense_json("d", 2, R"(, "quantization_config": {"class_name": "Int8"})")),
          Errc::unsupported_feature, "quantized");
  refused(archive_of(R"({"module": "mine", "class_name": "Net", "config": {}})", good_groups()),
          Errc::unsupported_layer, "'Net'");
}

TEST_CASE("weights that are missing are named, all at once with the shapes that do not fit and those left over") {
  const std::string file = archive_with([](Hdf5Tree& weights) {
    weights.at("layers/dense/vars").remove("1");
    weights.data("layers/dense_1/vars/0", {3, 1}, {1, 2, 3});
    weights.data("layers/dense_1/vars/2", {1}, {1}).data("layers/lstm/vars/0", {1, 1}, {1});
  });
  const Error error = error_of(file);
  CHECK(error.code() == Errc::missing_weight);
  CHECK(error.problems() ==
        std::vector<std::string>{
            "model.weights.h5: layer 'a' (Dense): bias [2] is missing: the file has no '/layers/dense/vars/1'",
            "model.weights.h5: layer 'b' (Dense): kernel: expected [2, 1], got [3, 1] in '/layers/dense_1/vars/0'",
            "model.weights.h5: weight '/layers/lstm/vars/0' [1, 1]: no layer takes it (--allow-unused leaves such "
            "weights aside)",
            "model.weights.h5: weight '/layers/dense_1/vars/2' [1]: no layer takes it (--allow-unused leaves such "
            "weights aside)"});
}

TEST_CASE("weights left over become notes where that is asked for") {
  const std::string file = archive_with([](Hdf5Tree& weights) { weights.data("layers/dense/extra", {1}, {1}); });
  refused(file, Errc::extra_weight, "'/layers/dense/extra' [1]: no layer takes it");
  LoadOptions options;
  options.allow_unused = true;
  const Model model = load_bytes(file, options);
  CHECK(std::any_of(model.notes().begin(), model.notes().end(), [](const std::string& note) {
    return note == "weight '/layers/dense/extra' [1] was left aside: no layer takes it";
  }));
}

TEST_CASE("a group that is not there, or is of another layer, is named") {
  refused(archive_with([](Hdf5Tree& weights) { weights.at("layers").remove("dense_1"); }), Errc::missing_weight,
          "layer 'b' (Dense): kernel [2, 1] is missing: the file has no 'layers/dense_1'");
  refused(archive_with([](Hdf5Tree& weights) { weights.at("layers/dense/vars").text("name", "b"); }), Errc::malformed,
          "layer 'a' (Dense): '/layers/dense' is of a layer 'b'");
  refused(archive_of(kConfig, Hdf5Tree().data("optimizer", {}, {1})), Errc::missing_weight, "layer 'a' (Dense)");
  refused(archive_with([](Hdf5Tree& weights) {
            weights.at("layers/dense/vars").remove("0");
            weights.at("layers/dense/vars/0/more").data("x", {}, {1});
          }),
          Errc::missing_weight, "'/layers/dense/vars/0' is a group");
}

TEST_CASE("numbers that no layer can have are refused") {
  Hdf5Tree norm;
  norm.data("layers/normalization/vars/0", {2}, {1, 2}).data("layers/normalization/vars/1", {2}, {1, -1});
  refused(archive_of(model_json(2, layer_json("Normalization", "n")), norm), Errc::malformed,
          "layer 'n' (Normalization): variance: a negative number");
  refused(norm.file(), Errc::malformed, "layer 'normalization': variance: a negative number");
  const std::string in_config = layer_json("Normalization", "n", R"(, "mean": [1, 2], "variance": [1, -1])");
  refused(archive_of(model_json(2, in_config), Hdf5Tree().texts("vars", {})), Errc::invalid_argument,
          "variance: expected no negative number");
  Hdf5Tree batch;
  batch.data("layers/batch_normalization/vars/0", {1}, {1}).data("layers/batch_normalization/vars/1", {1}, {0});
  batch.data("layers/batch_normalization/vars/2", {1}, {0}).data("layers/batch_normalization/vars/3", {1}, {-2});
  refused(archive_of(model_json(1, layer_json("BatchNormalization", "n")), batch), Errc::malformed,
          "running_var: expected no negative variance, got -2.0");
}

TEST_CASE("weights that cannot be read are told at once") {
  Hdf5Tree norm;
  norm.data("layers/normalization/vars/0", {2}, {1, 2}).data("layers/normalization/vars/1", {2}, {1, -1});
  norm.data("layers/normalization_1/vars/0", {2}, {1, 2}).data("layers/normalization_1/vars/1", {2}, {-3, 1});
  const std::string layers = layer_json("Normalization", "n") + "," + layer_json("Normalization", "m");
  const Error error = error_of(archive_of(model_json(2, layers), norm));
  CHECK(error.code() == Errc::malformed);
  REQUIRE(error.problems().size() == 2);
  CHECK(error.problems()[0].find("layer 'n' (Normalization): variance: ") != std::string::npos);
  CHECK(error.problems()[1].find("layer 'm' (Normalization): variance: ") != std::string::npos);
}

TEST_CASE("an .h5 whose lists and groups disagree is refused") {
  const auto weights = [](const std::function<void(Hdf5Tree&)>& change) {
    return legacy_with([&](Hdf5Tree& file) { change(file.at("model_weights")); });
  };
  refused(legacy_with([](Hdf5Tree& file) { file.remove("model_weights"); }), Errc::malformed,
          "no group 'model_weights'");
  refused(weights([](Hdf5Tree& w) { w.remove("layer_names"); }), Errc::malformed, "no attribute layer_names");
  refused(weights([](Hdf5Tree& w) { w.remove("a"); }), Errc::malformed,
          "layer 'a': is in layer_names, but has no group");
  refused(weights([](Hdf5Tree& w) { w.at("a").remove("weight_names"); }), Errc::malformed, "no attribute weight_names");
  refused(weights([](Hdf5Tree& w) { w.at("a/a").remove("bias:0"); }), Errc::missing_weight,
          "the file has no '/model_weights/a/a/bias:0'");
  refused(weights([](Hdf5Tree& w) { w.at("a").texts("weight_names", {"a/kernel:0"}); }), Errc::missing_weight,
          "bias [2] is missing: the file's layer has 'a/kernel:0'");
  refused(weights([](Hdf5Tree& w) { w.at("a").texts("weight_names", {"x", "x"}); }), Errc::missing_weight, "'a'");
  refused(weights([](Hdf5Tree& w) { w.texts("layer_names", {"b"}); }), Errc::missing_weight,
          "the file has no weights of a layer 'a'");
  refused(weights([](Hdf5Tree& w) { w.data("c/c/kernel:0", {1}, {1}); }), Errc::extra_weight,
          "'/model_weights/c/c/kernel:0' [1]");
  refused(legacy_with([](Hdf5Tree& file) { file.text("model_config", "{"); }), Errc::truncated, "model_config: ");
  refused(legacy_with([](Hdf5Tree& file) {
            file.texts("keras_version", {"2.4.0", "3.0.0"});
          }),
          Errc::malformed, "expected one text, got 2");
}

TEST_CASE("one dataset cannot be two weights") {
  const std::string square =
      model_json(2, dense_json("a", 2, R"(, "use_bias": false)") + "," + layer_json("LayerNormalization", "n"));
  Hdf5Tree file;
  file.text("model_config", square).text("keras_version", "2.4.0");
  Hdf5Tree& weights = file.at("model_weights").texts("layer_names", {"a", "n"});
  weights.data("a/k", {2, 2}, {1, 2, 3, 4}).data("n/g", {2}, {1, 1});
  weights.at("a").texts("weight_names", {"k"});
  weights.at("n").texts("weight_names", {"g", "g"});
  refused(file.file(), Errc::malformed, "'/model_weights/n/g' is the weight of another layer as well");
}

TEST_CASE("HDF5 files of others are told apart") {
  Hdf5Tree foreign;
  foreign.data("entry/data", {1}, {1}).data("time", {}, {1});
  refused(foreign.file(), Errc::unsupported_feature, "Keras did not write: it holds 'entry', 'time'");
  refused(Hdf5Tree().file(), Errc::unsupported_feature, "it holds nothing");
}
