// "leaky_relu(0.1)" -> an activation layer, by PyTorch's and Keras's names.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/activation_text.hpp"
#include "format/architecture_reading.hpp"
#include "model/activation.hpp"

using namespace lamina;
using namespace lamina::test;

namespace {

std::string repr(std::string_view text) { return model::torch_repr(format::parse_activation(text)); }

Error refused(std::string_view text) {
  try {
    (void)format::parse_activation(text);
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error for: " << text);
  return {Errc::internal, ""};
}

}  // namespace

TEST_CASE("an activation goes by its module, its function or its Keras name") {
  CHECK(repr("relu") == "ReLU()");
  CHECK(repr("nn.ReLU()") == "ReLU()");
  CHECK(repr("torch.relu") == "ReLU()");
  CHECK(repr("leaky_relu") == "LeakyReLU(negative_slope=0.01)");
  CHECK(repr("leaky_relu(0.1)") == "LeakyReLU(negative_slope=0.1)");
  CHECK(repr("F.elu(alpha=0.5)") == "ELU(alpha=0.5)");
  CHECK(repr("GELU('tanh')") == "GELU(approximate='tanh')");
  CHECK(repr("swish") == "SiLU()");
  CHECK(repr("hard_shrink(0.25)") == "Hardshrink(0.25)");
  CHECK(repr("softmax(dim=1)") == "Softmax(dim=1)");
  CHECK(repr("Softmax") == "Softmax(dim=None)");
  CHECK(repr("glu") == "GLU(dim=-1)");
  CHECK(repr("keras.activations.exponential") == "Exponential()");
}

TEST_CASE("every row of the table is found by each of its names") {
  for (const auto& row : model::activation_table()) {
    const std::string arguments = row.kind == model::ActivationKind::threshold ? "(0.1, 2.0)" : "";
    for (const std::string_view name : {row.module, row.functional}) {
      INFO(name);
      const auto layer = format::parse_activation(std::string(name) + arguments);
      CHECK(std::get<model::Activation>(layer.op).kind == row.kind);
    }
  }
}

TEST_CASE("a text that is no activation is refused with a hint") {
  CHECK(refused("rleu6").code() == Errc::unsupported_layer);
  CHECK(says(refused("sigmoidd"), "did you mean 'sigmoid'?"));
  CHECK(refused("Linear(3, 4)").code() == Errc::unsupported_layer);
  CHECK(refused("PReLU").code() == Errc::unsupported_layer);
  CHECK(says(refused("hard_sigmoid"), "hard_sigmoid_linear"));
  CHECK(refused("threshold").code() == Errc::malformed);
  CHECK(refused("leaky_relu(0.1").code() == Errc::malformed);
  CHECK(refused("leaky_relu(x)").code() == Errc::malformed);
  CHECK(refused("relu relu").code() == Errc::malformed);
  CHECK(refused("").code() == Errc::malformed);
  CHECK(refused("3").code() == Errc::malformed);
  CHECK(refused("elu(inf)").code() == Errc::invalid_argument);
}
