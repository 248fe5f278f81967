// The programs of the article that users come from, character for character -> the same network.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture_reading.hpp"

using namespace lamina;
using namespace lamina::test;

namespace {

constexpr std::string_view kSequential = R"(import torch.nn as nn

model = nn.Sequential(
    nn.Linear(784, 128),  # fully connected layer
    nn.ReLU(),            # activation
    nn.Dropout(0.2),
    nn.Linear(128, 10),
    nn.Softmax(dim=1)
))";

constexpr std::string_view kOneLine =
    "nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10), nn.Softmax(dim=1))";

constexpr std::string_view kPrinted = R"(Sequential(
  (0): Linear(in_features=784, out_features=128, bias=True)
  (1): ReLU()
  (2): Dropout(p=0.2, inplace=False)
  (3): Linear(in_features=128, out_features=10, bias=True)
  (4): Softmax(dim=1)
))";

constexpr std::string_view kKeras = R"(model = tf.keras.Sequential([
    tf.keras.layers.Dense(128, activation='relu', input_shape=(784,)),
    tf.keras.layers.Dropout(0.2),
    tf.keras.layers.Dense(10, activation='softmax')
]))";

constexpr std::string_view kClass = R"(import torch
import torch.nn as nn
import torch.nn.functional as F

class PyTorchCustomModel(nn.Module):
    def __init__(self, input_features, num_classes):
        super(PyTorchCustomModel, self).__init__()
        self.fc1 = nn.Linear(input_features, 128)
        self.dropout = nn.Dropout(0.2)
        self.fc2 = nn.Linear(128, num_classes)

    def forward(self, x):
        x = self.fc1(x)
        x = F.relu(x)
        x = self.dropout(x)
        x = self.fc2(x)
        x = F.softmax(x, dim=1)
        return x
)";

constexpr std::string_view kPrintedClass = R"(PyTorchCustomModel(
  (fc1): Linear(in_features=784, out_features=128, bias=True)
  (dropout): Dropout(p=0.2, inplace=False)
  (fc2): Linear(in_features=128, out_features=10, bias=True)
))";

const std::vector<std::string> kOps = {"Linear(in_features=784, out_features=128, bias=True)", "ReLU()",
                                       "Dropout(p=0.2, inplace=False)",
                                       "Linear(in_features=128, out_features=10, bias=True)", "Softmax(dim=1)"};

void check_class(const model::Network& network) {
  CHECK(ops_of(network) == kOps);
  CHECK(network.root_class == "PyTorchCustomModel");
  CHECK(model::torch_repr(network) == kPrintedClass);
  REQUIRE(network.layers.size() == 5);
  CHECK(network.layers[0].name == "fc1");
  CHECK_FALSE(network.layers[0].functional);
  CHECK(network.layers[1].functional);
  CHECK(network.layers[2].name == "dropout");
  CHECK(network.layers[3].name == "fc2");
  CHECK(network.layers[4].functional);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("the article's nn.Sequential reads alike as code, on one line and printed") {
  const model::Network network = parse(kSequential);
  CHECK(ops_of(network) == kOps);
  CHECK(parse(kOneLine) == network);
  CHECK(parse(kPrinted) == network);
  CHECK(model::torch_repr(network) == kPrinted);
  CHECK(parse(format::write_architecture(network)) == network);
}

TEST_CASE("the article's Keras model reads with Keras's names and its printed form has the same operations") {
  const model::Network network = parse(kKeras);
  auto ops = kOps;
  ops[4] = "Softmax(dim=-1)";
  CHECK(ops_of(network) == ops);
  CHECK(network.input_shape == Shape{784});
  CHECK(network.layers[0].name == "dense");
  CHECK(network.layers[1].joined);
  CHECK(network.layers[3].name == "dense_1");
  CHECK(network.layers[4].joined);
  CHECK(ops_of(parse(model::torch_repr(network))) == ops);
  CHECK(parse(format::write_architecture(network)) == network);
}

TEST_CASE("the article's class takes its arguments from the line that makes it") {
  const std::string text(kClass);
  check_class(parse(text + "\nmodel = PyTorchCustomModel(784, 10)\n"));
  check_class(parse(text + "\nmodel = PyTorchCustomModel(num_classes=10, input_features=784)"));
  check_class(parse(text + "\nprint(PyTorchCustomModel)\nnet = PyTorchCustomModel(28 * 28, 10).to(device)\n"));
  check_class(parse(replaced(text, "super(PyTorchCustomModel, self).__init__()", "super().__init__()") +
                    "\nmodel = PyTorchCustomModel(784, 10)\n"));
}

TEST_CASE("the article's class takes its arguments from the caller") {
  check_class(parse(kClass, {.arguments = {{"input_features", "784"}, {"num_classes", "10"}}}));
  const Error missing = error_of(kClass, {.arguments = {{"input_features", "784"}}});
  CHECK(missing.code() == Errc::invalid_argument);
  CHECK(says(missing, "'num_classes'"));
  CHECK(says(missing, "--arg num_classes="));
  const model::Network network = parse(kClass, {.arguments = {{"input_features", "784"}, {"num_classes", "10"}}});
  CHECK(parse(format::write_architecture(network)) == network);
}

TEST_CASE("the article's class is refused in its printed form, which hides forward") {
  const Error error = error_of(kPrintedClass);
  CHECK(error.code() == Errc::unsupported_feature);
  CHECK(says(error, "line 1, column 1"));
  CHECK(says(error, "'PyTorchCustomModel'"));
  CHECK(says(error, "class"));
  CHECK(error.excerpt() == "PyTorchCustomModel(\n^");
}
