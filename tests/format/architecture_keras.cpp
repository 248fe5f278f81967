// Keras constructor code and JSON -> Network with Keras's meaning of each name.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/keras_config.hpp"
#include "format/architecture_reading.hpp"

using namespace lamina;
using namespace lamina::test;
using Lines = std::vector<std::string>;

namespace {

const Lines kSmall = {"dense: Linear(in_features=8, out_features=12, bias=True)", "dense_activation: ReLU()",
                      "dense_1: Linear(in_features=12, out_features=1, bias=False)", "dense_1_activation: Sigmoid()"};

std::string chain(const std::string& layer) { return "Sequential([Input(shape=(4, 6)), " + layer + "])"; }
std::string only(const std::string& layer, const ArchitectureOptions& options = {}) {
  return ops_of(parse(chain(layer), options)).at(0);
}

}  // namespace

TEST_CASE("the ways to write a Keras Sequential give one network") {
  for (const char* text :
       {"Sequential([Dense(12, activation='relu', input_shape=(8,)), Dense(1, 'sigmoid', use_bias=False)])",
        "m = keras.Sequential([keras.Input(shape=(8,)), keras.layers.Dense(12, activation=tf.nn.relu), "
        "layers.Dense(1, activation=keras.activations.sigmoid, use_bias=False)])",
        "from tensorflow.keras import layers as L\nmodel = tf.keras.models.Sequential()\n"
        "model.add(L.Dense(12, input_dim=8, activation='relu', kernel_initializer='he_normal'))\n"
        "model.add(L.Dense(1, activation='sigmoid', use_bias=False))\n"
        "model.compile(optimizer='adam', loss='mse', metrics=[f'{x}'])\n"
        "history = model.fit(x, y, epochs=[e for e in z])\nmodel.summary()\nprint(f\"{model}\")",
        "Sequential([InputLayer(input_shape=(8,)), Dense(12, activation=\"relu\"), Dense(1, activation='sigmoid', "
        "use_bias=False, name=\"dense_1\")], name='net')"}) {
    INFO(text);
    const model::Network network = parse(text);
    CHECK(layers_of(network) == kSmall);
    CHECK(network.input_shape == Shape{8});
  }
}

TEST_CASE("Keras's own defaults hold, not PyTorch's") {
  CHECK(only("LeakyReLU()") == "LeakyReLU(negative_slope=0.3)");
  CHECK(only("LeakyReLU(alpha=0.1)") == "LeakyReLU(negative_slope=0.1)");
  CHECK(only("Activation('leaky_relu')") == "LeakyReLU(negative_slope=0.2)");
  CHECK(only("ReLU()") == "ReLU()");
  CHECK(only("ReLU(6.0)") == "KerasReLU(max_value=6.0, negative_slope=0.0, threshold=0.0)");
  CHECK(only("Softmax()") == "Softmax(dim=-1)");
  CHECK(only("Softmax(axis=[1, 2])") == "Softmax(dim=(1, 2))");
  CHECK(only("PReLU(shared_axes=[1])") == "PReLU(alpha_shape=(1, 6))");
  CHECK(only("BatchNormalization()") ==
        "BatchNorm1d(6, eps=0.001, momentum=0.99, affine=True, track_running_stats=True, axis=-1)");
  CHECK(only("BatchNormalization(axis=1, scale=False)") ==
        "BatchNorm1d(4, eps=0.001, momentum=0.99, scale=False, center=True, track_running_stats=True)");
  CHECK(only("LayerNormalization(axis=[1, 2])") == "LayerNorm((4, 6), eps=0.001, elementwise_affine=True)");
  CHECK(only("ThresholdedReLU(theta=0.5)") == "Threshold(threshold=0.5, value=0.0)");
  CHECK(only("Activation('gelu')") == "GELU(approximate='none')");
  CHECK(only("Activation('swish')") == "SiLU()");
  CHECK(only("Activation('linear')") == "Identity()");
  CHECK(only("GaussianNoise(2.0)") == "GaussianNoise(p=2.0, inplace=False)");
  CHECK(only("Reshape((3, 8))") == "Reshape(target=(3, 8))");
}

TEST_CASE("a name whose meaning depends on the version asks for it") {
  const Error error = error_of(chain("Activation('hard_sigmoid')"));
  CHECK(error.code() == Errc::invalid_argument);
  CHECK(says(error, "--keras 2"));
  CHECK(only("Activation('hard_sigmoid')", {.keras_version = 2}) == "HardSigmoidLinear(alpha=0.2, beta=0.5)");
  CHECK(only("Activation('hard_sigmoid')", {.keras_version = 3}) == "Hardsigmoid()");
}

TEST_CASE("Rescaling and Normalization become Affine with their numbers") {
  const auto layers =
      parse(chain("Rescaling(0.5, offset=-1.0), Normalization(mean=[1, 2, 3, 4, 5, 6], variance=4)")).layers;
  const auto& rescaling = std::get<model::Affine>(layers.at(0).op);
  CHECK(rescaling.scale == Tensor(Shape{}, {0.5F}));
  CHECK(rescaling.offset == Tensor(Shape{}, {-1.0F}));
  CHECK(rescaling.shift.empty());
  const auto& normalization = std::get<model::Affine>(layers.at(1).op);
  CHECK(normalization.divide);
  CHECK(normalization.shift == Tensor({6}, {1, 2, 3, 4, 5, 6}));
  CHECK(normalization.scale == Tensor(Shape{}, {2.0F}));
}

TEST_CASE("an activation can be a layer") {
  CHECK(ops_of(parse(chain("Dense(2, activation=layers.LeakyReLU(0.1))"))).at(1) == "LeakyReLU(negative_slope=0.1)");
  CHECK(error_of(chain("Dense(2, activation=Dense(2))")).code() == Errc::malformed);
  CHECK(error_of(chain("Dense(2, activation=PReLU())")).code() == Errc::malformed);
  CHECK(error_of(chain("Dense(2, activation='threshold')")).code() == Errc::invalid_argument);
  CHECK(error_of(chain("Dense(2, activation=lambda x: x)")).code() == Errc::malformed);
  CHECK(says(error_of(chain("Dense(2, activation='reluu')")), "did you mean 'relu'"));
}

TEST_CASE("what Keras code can say and lamina cannot read is refused by name") {
  CHECK(says(error_of("Sequential([Dense(3)])"), "input_shape"));
  CHECK(says(error_of("i = Input(shape=(3,))\nm = Model(i, Dense(2)(i))"), "to_json"));
  CHECK(says(error_of(chain("Conv2D(3, 3)")), "'Conv2D'"));
  CHECK(says(error_of(chain("Dropuot(3)")), "did you mean 'Dropout'"));
  CHECK(error_of(chain("Dense(3, dtype='float16')")).code() == Errc::unsupported_feature);
  CHECK(error_of(chain("Dense(3, name='a'), Dense(3, name='a')")).code() == Errc::malformed);
  CHECK(error_of("Sequential([Dense(3, input_shape=(None, 4))])").code() == Errc::unsupported_feature);
  CHECK(error_of("Sequential([Dense(3, input_shape=(784))])").code() == Errc::malformed);
  CHECK(error_of("Sequential([Dense(3, input_shape=(0,))])").code() == Errc::invalid_argument);
  CHECK(error_of(chain("Dense(0)")).code() == Errc::invalid_argument);
  CHECK(error_of(chain("Reshape((5, 5))")).code() == Errc::shape_mismatch);
  CHECK(error_of(chain("BatchNormalization(axis=5)")).code() == Errc::shape_mismatch);
}

TEST_CASE("all layers of a JSON model that lamina does not read are named at once, those of nested ones too") {
  const Error error = error_of(R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
      {"class_name": "Conv2D", "config": {"name": "c"}},
      {"class_name": "Dense", "config": {"name": "d", "units": 2}},
      {"class_name": "Sequential", "config": {"name": "inner", "layers": [
        {"class_name": "LSTM", "config": {"name": "l"}}, {"class_name": "GRU", "config": {"name": "g"}}]}},
      {"module": "mine", "class_name": "Attention", "config": {"name": "a"}}]}})");
  CHECK(error.code() == Errc::unsupported_layer);
  CHECK(error.problems() == Lines{"Keras config: layer 'c': layer 'Conv2D' is not supported",
                                  "Keras config: layer 'inner': layer 'l': layer 'LSTM' is not supported",
                                  "Keras config: layer 'inner': layer 'g': layer 'GRU' is not supported",
                                  "Keras config: layer 'a': layer 'Attention': comes from 'mine', not from Keras"});
}

TEST_CASE("all layers of a Keras model that lamina cannot take are told at once, in code and in JSON") {
  const Error code = error_of(
      "Sequential([Input((4,)), Conv2D(3, 3), Dense(2, activation='foo'), ReLU(), Sequential([LSTM(3), GRU(2)])])");
  CHECK(code.code() == Errc::unsupported_layer);
  CHECK(says(code, "architecture text: line 1, column 26: layer 'Conv2D' is not supported"));
  CHECK(code.problems().size() == 4);
  CHECK(code.problems().at(1).find("activation 'foo' is not supported") != std::string::npos);
  CHECK(code.problems().at(3).find("layer 'GRU' is not supported") != std::string::npos);
  CHECK_FALSE(code.excerpt().empty());
  CHECK(error_of("Sequential([Input((4,)), Conv2D(3, 3), Reshape((5,))])").problems().empty());  // its shape may be due
  CHECK(error_of("Sequential([Dense(3), Dense(2)])").problems().empty());  // neither knows its input
  const Error json = error_of(R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
      {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 4]}},
      {"class_name": "Dense", "config": {"name": "d", "units": 2, "activation": "foo"}},
      {"class_name": "Sequential", "config": {"name": "inner", "layers": [
        {"class_name": "Dense", "config": {"name": "e", "units": 2, "activation": "bar"}},
        {"class_name": "Normalization", "config": {"name": "n", "invert": true}}]}}]}})");
  CHECK(json.code() == Errc::unsupported_layer);
  REQUIRE(json.problems().size() == 3);
  CHECK(json.problems()[0].find("layer 'd': activation 'foo' is not supported") != std::string::npos);
  CHECK(json.problems()[1].find("layer 'inner': layer 'e': activation 'bar' is not supported") != std::string::npos);
  CHECK(json.problems()[2].find("layer 'inner': layer 'n': ") != std::string::npos);
}

TEST_CASE("a Sequential that was built by its first batch has its input shape from the file") {
  const std::string layers = R"("layers": [{"class_name": "Dense", "config": {"name": "d", "units": 2}}]}})";
  for (const std::string shape : {"[32, 8]", "[null, 8]", R"({"class_name": "TensorShape", "items": [null, 8]})"}) {
    INFO(shape);
    const model::Network network =
        parse(R"({"class_name": "Sequential", "config": {"build_input_shape": )" + shape + "," + layers);
    CHECK(network.input_shape == Shape{8});
  }
  CHECK(says(error_of(R"({"class_name": "Sequential", "config": {)" + layers), "input_shape"));
}

TEST_CASE("the JSON of Keras 2 and Keras 3 reads as the code does") {
  const char* keras2 =
      R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "Dense", "config": {"name": "dense", "trainable": true, "batch_input_shape": [null, 8],
          "dtype": "float32", "units": 12, "activation": "relu", "use_bias": true,
          "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}, "bias_regularizer": null}},
        {"class_name": "Dense", "config": {"name": "dense_1", "units": 1, "activation": "sigmoid", "use_bias": false}}]},
        "keras_version": "2.4.0", "backend": "tensorflow"})";
  const char* keras3 =
      R"({"module": "keras", "class_name": "Functional", "config": {"name": "f", "layers": [
        {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 8], "dtype": "float32",
          "sparse": false, "name": "in"}, "registered_name": null, "name": "in", "inbound_nodes": []},
        {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense", "units": 12,
          "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}},
          "activation": {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"},
          "use_bias": true, "quantization_config": null}, "registered_name": null, "name": "dense", "inbound_nodes":
          [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["in", 0, 0]}}], "kwargs": {}}]},
        {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense_1", "units": 1,
          "activation": "sigmoid", "use_bias": false}, "registered_name": null, "name": "dense_1", "inbound_nodes":
          [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["dense", 0, 0]}}], "kwargs": {}}]}],
        "input_layers": [["in", 0, 0]], "output_layers": ["dense_1", 0, 0]}, "registered_name": "Functional"})";
  for (const char* text : {keras2, keras3}) {
    const model::Network network = parse(text);
    CHECK(layers_of(network) == kSmall);
    CHECK(network.input_shape == Shape{8});
  }
  const auto read = format::read_keras_config(format::parse_json(keras3), 3, {});
  REQUIRE(read.layers.size() == 3);
  CHECK(read.layers[0].class_name == "InputLayer");
  CHECK_FALSE(read.layers[0].index.has_value());
  CHECK(read.layers[2].name == "dense_1");
  CHECK(read.layers[2].index == 2);
}

TEST_CASE("JSON decides the version itself") {
  const std::string front = R"({"class_name": "Sequential", "config": [{"class_name": "Activation", "config":
    {"name": "a", "activation": "hard_sigmoid", "batch_input_shape": [null, 3]}}])";
  CHECK(ops_of(parse(front + R"(, "keras_version": "2.0.9"})")) == Lines{"HardSigmoidLinear(alpha=0.2, beta=0.5)"});
  CHECK(ops_of(parse(front + R"(, "module": "keras"})")) == Lines{"Hardsigmoid()"});
  CHECK(error_of(front + "}").code() == Errc::invalid_argument);
}

TEST_CASE("JSON that is no chain of Keras's own layers is refused by layer name") {
  const auto functional = [](const std::string& inbound) {
    return R"({"class_name": "Model", "config": {"layers": [
      {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 3], "name": "a"}, "name": "a", "inbound_nodes": []},
      {"class_name": "Dense", "config": {"units": 3, "name": "b"}, "name": "b", "inbound_nodes": [[["a", 0, 0, {}]]]},
      {"class_name": "Dense", "config": {"units": 3, "name": "c"}, "name": "c", "inbound_nodes": )" +
           inbound + R"(}], "input_layers": [["a", 0, 0]], "output_layers": [["c", 0, 0]]}})";
  };
  CHECK(ops_of(parse(functional(R"([[["b", 0, 0, {}]]])"))).size() == 2);
  for (const char* inbound : {R"([[["a", 0, 0, {}]]])", R"([[["a", 0, 0, {}], ["b", 0, 0, {}]]])",
                              R"([[["b", 0, 0, {}]], [["b", 0, 0, {}]]])", R"([[["b", 1, 0, {}]]])", "[]"}) {
    INFO(inbound);
    CHECK(error_of(functional(inbound)).code() == Errc::unsupported_feature);
  }
  CHECK(error_of(functional(R"([[["z", 0, 0, {}]]])")).code() == Errc::unsupported_feature);
  const auto custom = [](const std::string& keys) {
    return R"({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config":
      {"units": 3, "name": "mine", "batch_input_shape": [null, 3]}, )" +
           keys + "}]}}";
  };
  CHECK(error_of(custom(R"("module": "mylib.layers")")).code() == Errc::unsupported_layer);
  CHECK(error_of(custom(R"("registered_name": "Custom>Dense")")).code() == Errc::unsupported_layer);
  CHECK(ops_of(parse(custom(R"("module": "keras.layers", "registered_name": null)"))).size() == 1);
}
