// Keras .h5 files, whole and of weights alone, as versions 1 to 3 name their layers and arrays.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras_reading.hpp"

#include <algorithm>

namespace {

using namespace lamina;
using namespace lamina::test;

const std::string kTwo = model_json(2, dense_json("a", 2) + "," + dense_json("b", 1));

/// One layer of an .h5: its group, with these arrays in it.
void put_layer(Hdf5Tree& weights, const std::string& name,
               const std::vector<std::pair<std::string, std::pair<Shape, std::vector<float>>>>& arrays) {
  std::vector<std::string> names;
  for (const auto& [path, array] : arrays) {
    weights.at(name).data(path, array.first, array.second);
    names.push_back(path);
  }
  weights.at(name).texts("weight_names", names);
}

Hdf5Tree two_layers(const std::string& version = "2.4.0") {
  Hdf5Tree file;
  file.text("model_config", kTwo).text("keras_version", version);
  Hdf5Tree& weights = file.at("model_weights");
  weights.texts("layer_names", {"a", "b"});
  put_layer(weights, "a", {{"a/kernel:0", {{2, 2}, {1, 2, 3, 4}}}, {"a/bias:0", {{2}, {5, 6}}}});
  put_layer(weights, "b", {{"b/kernel:0", {{2, 1}, {7, 8}}}, {"b/bias:0", {{1}, {9}}}});
  return file;
}

std::vector<float> values(const Model& model) {
  std::vector<float> all;
  for (const auto& [name, tensor] : model.state_dict()) {
    all.insert(all.end(), tensor.values().begin(), tensor.values().end());
  }
  return all;
}

const std::vector<float> kValues = {1, 3, 2, 4, 5, 6, 7, 8, 9};

}  // namespace

TEST_CASE("an .h5 gives its model") { CHECK(values(load_bytes(two_layers().file())) == kValues); }

TEST_CASE("arrays whose names are not today's are taken in Keras's order") {
  for (const auto& [kernel, bias] :
       {std::pair{"a_W", "a_b"}, {"a_W:0", "a_b:0"}, {"a_1/kernel_1:0", "a_1/bias_1:0"}, {"param_0", "param_1"}}) {
    Hdf5Tree file = two_layers("1.2.2");
    file.at("model_weights").remove("a");
    put_layer(file.at("model_weights"), "a", {{kernel, {{2, 2}, {1, 2, 3, 4}}}, {bias, {{2}, {5, 6}}}});
    CHECK(values(load_bytes(file.file())) == kValues);
  }
}

TEST_CASE("arrays in another order go by their names") {
  Hdf5Tree file = two_layers();
  file.at("model_weights/a").texts("weight_names", {"a/bias:0", "a/kernel:0"});
  CHECK(values(load_bytes(file.file())) == kValues);
}

TEST_CASE("lists of names that Keras has cut into pieces are joined") {
  Hdf5Tree file = two_layers();
  Hdf5Tree& weights = file.at("model_weights");
  weights.remove("layer_names");
  weights.texts("layer_names0", {"a"}).texts("layer_names1", {"b"});
  weights.at("a").remove("weight_names");
  weights.at("a").texts("weight_names0", {"a/kernel:0"}).texts("weight_names1", {"a/bias:0"});
  CHECK(values(load_bytes(file.file())) == kValues);
}

TEST_CASE("the weights of a nested model come with the trainable ones first") {
  const std::string inner = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)" +
                            layer_json("BatchNormalization", "n", R"(, "scale": false)") + "," +
                            dense_json("d", 1, R"(, "use_bias": false, "trainable": false)") + "," +
                            dense_json("e", 1, R"(, "use_bias": false)") + "]}}";
  Hdf5Tree file;
  file.text("model_config", model_json(1, inner)).text("keras_version", "2.4.0");
  Hdf5Tree& weights = file.at("model_weights").texts("layer_names", {"s"});
  // beta of n and the kernel of e; then mean and variance of n, and the kernel of d, which is frozen.
  put_layer(weights, "s",
            {{"w0", {{1}, {1}}}, {"w1", {{1, 1}, {2}}}, {"w2", {{1}, {3}}}, {"w3", {{1}, {4}}}, {"w4", {{1, 1}, {5}}}});
  CHECK(values(load_bytes(file.file())) == std::vector<float>{1, 3, 4, 5, 2});
}

TEST_CASE("BatchNormalization of Keras 1 is refused by name") {
  Hdf5Tree file;
  file.text("model_config", model_json(1, layer_json("BatchNormalization", "n"))).text("keras_version", "1.2.2");
  Hdf5Tree& weights = file.at("model_weights").texts("layer_names", {"n"});
  put_layer(
      weights, "n",
      {{"n_gamma", {{1}, {1}}}, {"n_beta", {{1}, {1}}}, {"n_running_mean", {{1}, {1}}}, {"n_running_std", {{1}, {1}}}});
  refused(file.file(), Errc::unsupported_layer, "layer 'n' (BatchNormalization): its statistics");
}

TEST_CASE("a file of weights alone says so, and takes its architecture from Keras or PyTorch") {
  const std::string bare = two_layers().at("model_weights").file();
  refused(bare, Errc::invalid_argument, "nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))");
  for (const std::string& architecture : {kTwo, std::string("Sequential([Dense(2, input_shape=(2,)), Dense(1)])"),
                                          std::string("nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))")}) {
    LoadOptions options;
    options.architecture = architecture;
    CHECK(values(load_bytes(bare, options)) == kValues);
  }
}

TEST_CASE("weights alone of every layer that has some bind to the model's JSON") {
  LoadOptions options;
  options.architecture = golden("bare.json");
  CHECK(load_bytes(golden("bare.h5"), options).state_dict() == load_bytes(golden("legacy2.h5")).state_dict());
}

TEST_CASE("numbered weights alone are named after their class, and after their layer where the file says so") {
  Hdf5Tree file;
  put_dense(file, "layers/dense", 2, 2);
  put_dense(file, "layers/sequential/layers/dense", 2, 1);
  file.at("layers/dense/vars").text("name", "first");
  file.data("layers/batch_normalization/vars/0", {2}, {1, 2}).data("layers/batch_normalization/vars/1", {2}, {3, 4});
  file.data("layers/normalization/vars/0", {1}, {1}).data("layers/normalization/vars/1", {1}, {4});
  file.data("layers/normalization/vars/2", {}, {7});
  file.data("layers/embedding/vars/0", {2}, {1, 1});
  const format::Contents contents = contents_of(file.file());
  std::vector<std::string> names;
  for (const auto& [name, tensor] : contents.tensors) names.push_back(name + " " + to_string(tensor.shape()));
  CHECK(names == std::vector<std::string>{"batch_normalization.running_mean [2]", "batch_normalization.running_var [2]",
                                          "first.weight [2, 2]", "first.bias [2]", "embedding.0 [2]",
                                          "normalization.shift []", "normalization.scale []",
                                          "sequential.dense.weight [1, 2]", "sequential.dense.bias [1]"});
  CHECK_FALSE(contents.ordered);
}

TEST_CASE("an architecture beside a whole file replaces its own") {
  LoadOptions options;
  options.architecture = "nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))";
  CHECK(values(load_bytes(two_layers().file(), options)) == kValues);
}
