// Every truncation and many changed characters of each form -> a Network or an Error, nothing else.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture_reading.hpp"

#include <random>

using namespace lamina;
using namespace lamina::test;

namespace {

constexpr std::string_view kSamples[] = {
    "import torch.nn as nn\nh = 28 * 28\nmodel = nn.Sequential(\n    nn.Linear(h, 12),  # c\n    nn.ReLU(), "
    "nn.Dropout(0.2),\n"
    "    nn.Softmax(dim=1)\n).to(device)\nprint(model)\n",
    "m = nn.Sequential(OrderedDict([('a', nn.Linear(3, 4)), (\"b\\x41\", nn.PReLU())]))\nm.add_module('c', nn.Tanh())",
    "Sequential(\n  (0): Linear(in_features=3, out_features=4, bias=True)\n  (b): Sequential(\n    (0): "
    "ReLU(inplace=True)\n"
    "    (1): BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)\n  )\n)",
    "model = tf.keras.Sequential([\n    tf.keras.layers.Dense(12, activation='relu', input_shape=(784,)),\n"
    "    layers.BatchNormalization(axis=-1),\n    tf.keras.layers.Dense(10, activation=layers.LeakyReLU(0.1))\n])\n"
    "model.add(Normalization(mean=[1.5], variance=2))\nmodel.compile(loss='x')",
    "class N(nn.Module):\n  def __init__(self, n, m=4):\n    super().__init__()\n    self.f = nn.Linear(n, m)\n"
    "    self.d = nn.Dropout(.2)\n  def forward(self, x):\n    x = x.view(x.size(0), -1)\n    x = F.relu(self.f(x))\n"
    "    return F.softmax(self.d(x), dim=1)\nnet = N(3)\n",
    "# lamina architecture 1\nNetwork(root_class=\"N\", name=\"\", input_shape=(3,), inputs=[\"i\"], outputs=[\"o\"], "
    "layers=[\n"
    "  (\"a\", Linear(in_features=3, out_features=4, bias=True)),\n  (\"s\", Sequential([(\"0\", GELU('none'), "
    "\"joined\")])),\n"
    "  (\"z\", Affine(shift=(4,), scale=None, offset=(), divide=False)),\n])\n",
    R"({"class_name": "Functional", "config": {"name": "m", "layers": [{"class_name": "InputLayer", "config":
    {"batch_input_shape": [null, 3], "name": "a"}, "name": "a", "inbound_nodes": []}, {"class_name": "Dense", "config":
    {"units": 3, "name": "b", "activation": "relu"}, "name": "b", "inbound_nodes": [[["a", 0, 0, {}]]]}],
    "input_layers": [["a", 0, 0]], "output_layers": [["b", 0, 0]]}, "keras_version": "2.4.0"})",
};

/// Tells whether the text was read; anything but an Error fails the test.
bool reads(const std::string& text) {
  try {
    const model::Network network = parse(text);
    const std::string written = format::write_architecture(network);  // without the numbers of Affine
    CHECK(format::write_architecture(parse(written)) == written);
    return true;
  } catch (const Error& error) {
    if (error.code() == Errc::internal || *error.what() == '\0') FAIL(text << error.what());
    return false;
  }
}

}  // namespace

TEST_CASE("every sample reads, and every beginning of one gives a network or an error") {
  for (const std::string_view sample : kSamples) {
    CHECK(reads(std::string(sample)));
    std::size_t refused = 0;
    for (std::size_t length = 0; length < sample.size(); ++length) {
      if (!reads(std::string(sample.substr(0, length)))) ++refused;
    }
    CHECK(refused > sample.size() / 2);
  }
}

TEST_CASE("every changed, removed or repeated character gives a network or an error") {
  constexpr std::string_view kCharacters = "()[]{},:.=+-*/#'\"\\ \n\t0129eE_xna%$\x80\xFF";
  std::mt19937 random(7);
  for (const std::string_view sample : kSamples) {
    std::size_t read = 0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      std::string removed(sample), repeated(sample);
      read += reads(removed.erase(i, 1)) ? 1U : 0U;
      read += reads(repeated.insert(i, 1, sample[i])) ? 1U : 0U;
      for (int k = 0; k < 6; ++k) {
        std::string changed(sample);
        changed[i] = kCharacters[random() % kCharacters.size()];
        read += reads(changed) ? 1U : 0U;
      }
    }
    CHECK(read > 0);
  }
}

TEST_CASE("two changes at once and spliced samples give a network or an error") {
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    const std::string_view a = kSamples[random() % std::size(kSamples)];
    const std::string_view b = kSamples[random() % std::size(kSamples)];
    std::string text(a.substr(0, random() % a.size()));
    text += b.substr(random() % b.size());
    (void)reads(text);
    if (!text.empty()) text[random() % text.size()] = static_cast<char>(random());
    (void)reads(text);
  }
}
