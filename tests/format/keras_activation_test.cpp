// Every activation of Keras, by each of its names and in each kind of file, against its formula in double.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras_reading.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace {

using namespace lamina;
using namespace lamina::test;

using Row = std::vector<double>;
using Function = std::function<double(double)>;
using RowFunction = std::function<Row(const Row&)>;

constexpr std::size_t kInputs = 2, kUnits = 8;
// Sums of these are exact in float32, and meet the corners of the functions: 0, +-0.5, +-1, +-2.5, +-3, 6.
const std::vector<float> kKernel = {1, -1, 0.5f, 2, -0.5f, 1, 0, 4, 0, 0, 1, -1, 2, 1, -1, 0.25f};
const std::vector<float> kBias = {0, 0, 0.5f, -1, 0.25f, 0, 3, -2.5f};
const std::vector<float> kX = {0, 0, 0.5f, 1, -0.5f, 3, 2.5f, -2, -3, 0.125f, 6, -6, -1, -1, 1, 0.75f};

double clip(double x, double low, double high) { return std::min(std::max(x, low), high); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double relu6(double x) { return clip(x, 0, 6); }
double hard_sigmoid(double x) { return relu6(x + 3) / 6; }
double softplus(double x) { return std::log1p(std::exp(x)); }
double gelu(double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }
double elu(double x) { return x > 0 ? x : std::expm1(x); }
double selu(double x) {
  return 1.0507009873554804934193349852946 * (x > 0 ? x : 1.6732632423543772848 * std::expm1(x));
}
Function leaky(double slope) {
  return [slope](double x) { return x > 0 ? x : slope * x; };
}

/// Keras's rule (its ReLU layer): negative_slope (x - threshold) below the threshold, at most max_value above.
Function keras_relu(double max_value, double slope, double threshold) {
  return [=](double x) { return x > threshold ? std::min(x, max_value) : slope * (x - threshold); };
}

Row softmax(const Row& x) {
  const double largest = *std::max_element(x.begin(), x.end());
  Row y;
  for (const double value : x) y.push_back(std::exp(value - largest));
  const double sum = std::accumulate(y.begin(), y.end(), 0.0);
  for (double& value : y) value /= sum;
  return y;
}
Row log_softmax(const Row& x) {
  Row y = softmax(x);
  for (double& value : y) value = std::log(value);
  return y;
}
/// Martins and Astudillo, 2016: the projection onto the simplex, by bisection of its threshold.
Row sparsemax(const Row& x) {
  double low = *std::min_element(x.begin(), x.end()) - 1, high = *std::max_element(x.begin(), x.end());
  const auto excess = [&](double tau) {
    return std::accumulate(x.begin(), x.end(), -1.0,
                           [&](double sum, double value) { return sum + std::max(value - tau, 0.0); });
  };
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (excess(middle) > 0 ? low : high) = middle;
  }
  Row y;
  for (const double value : x) y.push_back(std::max(value - low, 0.0));
  return y;
}
Row glu(const Row& x) {
  Row y;
  for (std::size_t i = 0; i < x.size() / 2; ++i) y.push_back(x[i] * sigmoid(x[i + x.size() / 2]));
  return y;
}

RowFunction each(const Function& f) {
  return [f](const Row& x) {
    Row y(x.size());
    std::transform(x.begin(), x.end(), y.begin(), f);
    return y;
  };
}

struct Named {
  std::string name;
  RowFunction function;
};

/// What both versions have, with the same numbers.
std::vector<Named> in_both() {
  return {{"linear", each([](double x) { return x; })},
          {"relu", each([](double x) { return std::max(x, 0.0); })},
          {"relu6", each(relu6)},
          {"leaky_relu", each(leaky(0.2))},
          {"elu", each(elu)},
          {"selu", each(selu)},
          {"gelu", each(gelu)},
          {"silu", each([](double x) { return x * sigmoid(x); })},
          {"swish", each([](double x) { return x * sigmoid(x); })},
          {"softplus", each(softplus)},
          {"softsign", each([](double x) { return x / (1 + std::fabs(x)); })},
          {"sigmoid", each(sigmoid)},
          {"tanh", each([](double x) { return std::tanh(x); })},
          {"exponential", each([](double x) { return std::exp(x); })},
          {"mish", each([](double x) { return x * std::tanh(softplus(x)); })},
          {"softmax", softmax},
          {"log_softmax", log_softmax}};
}
std::vector<Named> in_keras2() {
  std::vector<Named> all = in_both();
  all.push_back({"hard_sigmoid", each([](double x) { return clip(0.2 * x + 0.5, 0, 1); })});
  all.push_back({"softmax_v2", softmax});
  all.push_back({"LeakyReLU", each(leaky(0.3))});
  return all;
}
std::vector<Named> in_keras3() {
  std::vector<Named> all = in_both();
  const std::vector<Named> more = {
      {"hard_sigmoid", each(hard_sigmoid)},
      {"hard_silu", each([](double x) { return x * hard_sigmoid(x); })},
      {"hard_swish", each([](double x) { return x * hard_sigmoid(x); })},
      {"hard_tanh", each([](double x) { return clip(x, -1, 1); })},
      {"tanh_shrink", each([](double x) { return x - std::tanh(x); })},
      {"hard_shrink", each([](double x) { return std::fabs(x) > 0.5 ? x : 0; })},
      {"soft_shrink", each([](double x) { return x > 0.5    ? x - 0.5
                                                 : x < -0.5 ? x + 0.5
                                                            : 0; })},
      {"celu", each([](double x) { return std::max(x, 0.0) + std::expm1(std::min(x, 0.0)); })},
      {"squareplus", each([](double x) { return (x + std::sqrt(x * x + 4)) / 2; })},
      {"sparse_plus", each([](double x) { return x <= -1 ? 0
                                                 : x < 1 ? (x + 1) * (x + 1) / 4
                                                         : x; })},
      {"sparse_sigmoid", each([](double x) { return x <= -1 ? 0
                                                    : x < 1 ? (x + 1) / 2
                                                            : 1; })},
      {"log_sigmoid", each([](double x) { return -softplus(-x); })},
      {"sparsemax", sparsemax},
      {"glu", glu}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// A Dense layer with `dense` in its config, and further layers.
std::string config(const std::string& dense, const std::string& more = "") {
  return model_json(kInputs, dense_json("d", kUnits, dense) + more);
}

std::string archive(const std::string& config, const std::string& version) {
  Hdf5Tree weights;
  weights.data("layers/dense/vars/0", {kInputs, kUnits}, kKernel).data("layers/dense/vars/1", {kUnits}, kBias);
  return archive_of(config, weights, version);
}

std::string legacy(const std::string& config, const std::string& version) {
  Hdf5Tree file;
  file.text("model_config", config).text("keras_version", version);
  Hdf5Tree& weights = file.at("model_weights").texts("layer_names", {"d"});
  weights.data("d/d/kernel:0", {kInputs, kUnits}, kKernel).data("d/d/bias:0", {kUnits}, kBias);
  weights.at("d").texts("weight_names", {"d/kernel:0", "d/bias:0"});
  return file.file();
}

/// The answers of the file are those of the function behind the Dense layer.
void check(const std::string& file, const RowFunction& function) {
  const std::vector<float> y = answers(load_bytes(file), kX);
  std::vector<double> expected;
  for (std::size_t row = 0; row < kX.size(); row += kInputs) {
    Row sums(kBias.begin(), kBias.end());
    for (std::size_t i = 0; i < kInputs; ++i) {
      for (std::size_t u = 0; u < kUnits; ++u) sums[u] += double{kX[row + i]} * double{kKernel[i * kUnits + u]};
    }
    const Row part = function(sums);
    expected.insert(expected.end(), part.begin(), part.end());
  }
  REQUIRE(y.size() == expected.size());
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(double{y[i]} == Approx(expected[i]).epsilon(1e-6).margin(1e-7));
}

void check_everywhere(const std::string& config, const std::string& version, const RowFunction& function) {
  INFO(config << " of Keras " << version);
  check(archive(config, version), function);
  check(legacy(config, version), function);
}

std::string text(const std::string& name) { return "\"" + name + "\""; }
std::string function_of(const std::string& module, const std::string& name, const std::string& registered) {
  return R"({"module": ")" + module + R"(", "class_name": "function", "config": ")" + name +
         R"(", "registered_name": ")" + registered + "\"}";
}

}  // namespace

TEST_CASE("each activation by name is its formula, in a Dense layer and as a layer, in archives and .h5") {
  for (const auto& [version, all] : {std::pair{"2.15.0", in_keras2()}, {"3.9.2", in_keras3()}}) {
    for (const auto& [name, function] : all) {
      std::vector<std::string> forms = {text(name)};
      if (version[0] == '3') {
        forms.push_back(function_of("builtins", name, "function"));
        forms.push_back(function_of("keras.activations", name, name));
      }
      for (const std::string& form : forms) {
        check_everywhere(config(R"(, "activation": )" + form), version, function);
        check_everywhere(config("", ", " + layer_json("Activation", "a", R"(, "activation": )" + form)), version,
                         function);
      }
    }
  }
}

TEST_CASE("each activation layer is its formula, with its own defaults and with its arguments") {
  struct Case {
    std::string name, arguments, versions;
    RowFunction function;
  };
  const double kNone = HUGE_VAL;
  const Case cases[] = {
      {"ReLU", "", "23", each(keras_relu(kNone, 0, 0))},
      {"ReLU", R"(, "max_value": null, "negative_slope": 0.0, "threshold": 0.0)", "23", each(keras_relu(kNone, 0, 0))},
      {"ReLU", R"(, "max_value": 6.0)", "23", each(relu6)},
      {"ReLU", R"(, "negative_slope": 0.25)", "23", each(leaky(0.25))},
      {"ReLU", R"(, "max_value": 2, "negative_slope": 0.125, "threshold": 0.5)", "23", each(keras_relu(2, 0.125, 0.5))},
      {"LeakyReLU", "", "23", each(leaky(0.3))},
      {"LeakyReLU", R"(, "alpha": 0.125)", "2", each(leaky(0.125))},
      {"LeakyReLU", R"(, "negative_slope": 0.125)", "3", each(leaky(0.125))},
      {"ELU", R"(, "alpha": 0.5)", "23", each([](double x) { return x > 0 ? x : 0.5 * std::expm1(x); })},
      {"ThresholdedReLU", R"(, "theta": 0.5)", "2", each([](double x) { return x > 0.5 ? x : 0; })},
      {"ThresholdedReLU", "", "2", each([](double x) { return x > 1 ? x : 0; })},
      {"Softmax", "", "23", softmax},
      {"Softmax", R"(, "axis": -1)", "23", softmax},
      {"Softmax", R"(, "axis": [-1])", "23", softmax},
  };
  for (const Case& c : cases) {
    for (const char version : c.versions) {
      const std::string number = version == '2' ? "2.12.0" : "3.3.3", layer = layer_json(c.name, "a", c.arguments);
      check_everywhere(config("", ", " + layer), number, c.function);
      check_everywhere(config(R"(, "activation": )" + layer), number, c.function);  // as an object
    }
  }
}

TEST_CASE("a PReLU has a slope for each position, or one where an axis is shared") {
  const std::vector<float> slopes = {0, 0.25f, -0.5f, 1, 2, 0.125f, 0.5f, 3};
  for (const bool is_shared : {false, true}) {
    Hdf5Tree weights;
    weights.data("layers/dense/vars/0", {kInputs, kUnits}, kKernel).data("layers/dense/vars/1", {kUnits}, kBias);
    weights.data("layers/p_re_lu/vars/0", {is_shared ? 1 : static_cast<std::int64_t>(kUnits)},
                 is_shared ? std::vector<float>{0.25f} : slopes);
    const std::string axes = is_shared ? R"(, "shared_axes": [1])" : R"(, "shared_axes": null)";
    check(archive_of(config("", ", " + layer_json("PReLU", "p", axes)), weights), [&](const Row& x) {
      Row y;
      for (std::size_t i = 0; i < x.size(); ++i) y.push_back(x[i] > 0 ? x[i] : x[i] * (is_shared ? 0.25 : slopes[i]));
      return y;
    });
  }
}

TEST_CASE("a name that Keras does not have, or that does not work without arguments, is refused") {
  const auto with = [](const std::string& name) { return config(R"(, "activation": ")" + name + "\""); };
  refused(archive(with("threshold"), "3.9.2"), Errc::invalid_argument,
          "'threshold' does not work without its arguments");
  refused(archive(with("relu7"), "3.9.2"), Errc::unsupported_layer, "did you mean");
  refused(archive(with("LeakyReLU"), "3.9.2"), Errc::unsupported_layer, "activation 'LeakyReLU' is not supported");
  refused(legacy(with("my_activation"), "2.4.0"), Errc::unsupported_layer, "activation 'my_activation'");
}
