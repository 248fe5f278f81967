// ONNX operators -> the layers that they are, with every attribute and the defaults of their opset.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx_file.hpp"
#include "support/catch.hpp"

#include <cmath>

using namespace lamina;
using namespace lamina::test;
using onnx::float_attribute;
using onnx::int_attribute;

namespace {

struct OperatorCase {
  std::string op;
  std::vector<std::string> attributes;
  std::string layers;
  std::int64_t opset = 17;
};

const std::vector<float> kX = {1, 2, -3, 0.5f};  // two rows of two

OnnxFile of(const OperatorCase& c) {
  OnnxFile file{.opset = c.opset};
  return file.node(c.op, {"x"}, "y", c.attributes);
}

}  // namespace

TEST_CASE("each activation of ONNX is a layer, with its attributes or the defaults of its opset") {
  const OperatorCase cases[] = {
      {"Relu", {}, "ReLU()"},
      {"Sigmoid", {}, "Sigmoid()"},
      {"Tanh", {}, "Tanh()"},
      {"Softsign", {}, "Softsign()"},
      {"Softplus", {}, "Softplus(beta=1.0, threshold=20.0)"},
      {"HardSwish", {}, "Hardswish()"},
      {"Mish", {}, "Mish()", 18},
      {"LeakyRelu", {}, "LeakyReLU(negative_slope=0.01)"},
      {"LeakyRelu", {float_attribute("alpha", 0.2f)}, "LeakyReLU(negative_slope=0.2)"},
      {"Elu", {float_attribute("alpha", 0.5f)}, "ELU(alpha=0.5)"},
      {"Celu", {float_attribute("alpha", 2)}, "CELU(alpha=2.0)"},
      {"Selu", {}, "SELU()"},
      {"Selu", {float_attribute("alpha", 1.6732f), float_attribute("gamma", 1)}, "ELU(alpha=1.6732); Affine(scale)"},
      {"ThresholdedRelu", {}, "Threshold(threshold=1.0, value=0.0)"},
      {"HardSigmoid", {}, "HardSigmoidLinear(alpha=0.2, beta=0.5)"},
      {"HardSigmoid", {float_attribute("alpha", 1.0f / 6)}, "Hardsigmoid()"},
      {"Gelu", {}, "GELU(approximate='none')", 20},
      {"Gelu", {text_attribute("approximate", "tanh")}, "GELU(approximate='tanh')", 20},
      {"Swish", {}, "SiLU()", 24},
      {"Shrink", {}, "Hardshrink(0.5)"},
      {"Shrink", {float_attribute("bias", 0.5f)}, "Softshrink(0.5)"},
      {"Clip", {float_attribute("min", 0), float_attribute("max", 6)}, "ReLU6()", 10},
      {"Clip", {float_attribute("min", -1)}, "Hardtanh(min_val=-1.0, max_val=3.4028234663852886e+38)", 10},
      {"Clip", {float_attribute("min", 0)}, "ReLU()", 10},
      {"Clip", {}, "", 10},
      {"Softmax", {}, "Softmax(dim=1)"},
      {"LogSoftmax", {int_attribute("axis", 1)}, "LogSoftmax(dim=1)"},
      {"Dropout", {float_attribute("ratio", 0.25f)}, "Dropout(p=0.25, inplace=False)", 10},
      {"Identity", {}, ""},
      {"Cast", {int_attribute("to", 11)}, ""},
      {"Concat", {int_attribute("axis", 1)}, ""},
  };
  for (const OperatorCase& c : cases) {
    INFO(c.op << ", opset " << c.opset);
    const std::string layers = layers_of(of(c));
    if (c.layers.ends_with("Affine(scale)")) {
      CHECK(layers.starts_with(c.layers.substr(0, c.layers.size() - 7)));
    } else {
      CHECK(layers == c.layers);
    }
  }
}

TEST_CASE("Gemm takes alpha, beta, either orientation of the weight, and any bias that is the same for each row") {
  const std::vector<float> w = {1, 2, 3, 4, 5, 6};  // [2, 3]; transposed [3, 2]
  for (const bool transposed : {false, true}) {
    for (const bool has_bias : {false, true}) {
      OnnxFile file;
      file.floats(
          "w", transposed ? std::initializer_list<std::int64_t>{3, 2} : std::initializer_list<std::int64_t>{2, 3}, w);
      file.floats("c", {1, 3}, {10, 20, 30});
      std::vector<std::string> inputs = {"x", "w"};
      if (has_bias) inputs.emplace_back("c");
      file.node("Gemm", inputs, "y",
                {float_attribute("alpha", 0.5f), float_attribute("beta", 2), int_attribute("transB", transposed)});
      const std::vector<float> y = onnx_answer(file, kX);
      for (std::size_t row = 0; row < 2; ++row) {
        for (std::size_t out = 0; out < 3; ++out) {
          double expected = has_bias ? 20.0 * static_cast<double>(out + 1) : 0.0;
          for (std::size_t in = 0; in < 2; ++in) {
            expected += 0.5 * double{kX[row * 2 + in]} * double{w[transposed ? out * 2 + in : in * 3 + out]};
          }
          CHECK(double{y[row * 3 + out]} == Approx(expected));
        }
      }
    }
  }
}

TEST_CASE("what would mix the rows of a batch is refused") {
  OnnxFile file;
  file.floats("w", {2, 2}, {1, 2, 3, 4}).floats("c", {2, 2}, {1, 2, 3, 4});
  OnnxFile trans_a = file;
  CHECK(onnx_refusal(trans_a.node("Gemm", {"x", "w"}, "y", {int_attribute("transA", 1)})).find("transA=1") !=
        std::string::npos);
  OnnxFile bias = file;
  CHECK(onnx_refusal(bias.node("Gemm", {"x", "w", "c"})).find("the same for each row") != std::string::npos);
  OnnxFile left = file;
  CHECK(onnx_refusal(left.node("MatMul", {"w", "x"})).find("the weight is on the left") != std::string::npos);
  OnnxFile flat = file;
  CHECK(onnx_refusal(flat.node("Flatten", {"x"}, "y", {int_attribute("axis", 0)})).find("joins the rows") !=
        std::string::npos);
  OnnxFile joined = file;
  CHECK(onnx_refusal(joined.integers("s", {1, -1}).node("Reshape", {"x", "s"})).find("joins or cuts the rows") !=
        std::string::npos);
  OnnxFile over_batch{.opset = 17};
  CHECK(onnx_refusal(
            over_batch.floats("s", {2}, {1, 1}).node("LayerNormalization", {"x", "s"}, "y", {int_attribute("axis", 0)}))
            .find("the batch") != std::string::npos);
}

TEST_CASE("a column and a vector take their weight on the left") {
  OnnxFile vector{.input = {2}};
  vector.floats("w", {3, 2}, {1, 2, 3, 4, 5, 6}).node("MatMul", {"w", "x"});
  CHECK(onnx_answer(vector, {1, 1}) == std::vector<float>{3, 7, 11});
  OnnxFile column{.input = {-1, 2, 1}};
  column.floats("w", {3, 2}, {1, 2, 3, 4, 5, 6}).node("MatMul", {"w", "x"});
  CHECK(onnx_answer(column, {1, 1, 0, 1}) == std::vector<float>{3, 7, 11, 2, 4, 6});
  CHECK(read_onnx_file(column).input_shape == Shape{2, 1});
}

TEST_CASE("MatMul and Add are one Linear") {
  OnnxFile file;
  file.floats("w", {2, 2}, {1, 2, 3, 4}).floats("b", {2}, {10, 20});
  file.node("MatMul", {"x", "w"}, "h").node("Add", {"b", "h"});
  CHECK(layers_of(file) == "Linear(in_features=2, out_features=2, bias=True)");
  CHECK(onnx_answer(file, {1, 1}) == std::vector<float>{14, 26});
}

TEST_CASE("arithmetic with constants is one Affine where its form allows") {
  OnnxFile file;
  file.floats("mean", {1, 2}, {1, 2}).floats("deviation", {2}, {2, 4}).scalar("c", 5).scalar("two", 2);
  file.node("Sub", {"x", "mean"}, "a").node("Div", {"a", "deviation"}, "b").node("Add", {"b", "c"}, "d");
  file.node("Sub", {"two", "d"});
  CHECK(read_onnx_file(file).layers.size() == 2);
  CHECK(onnx_answer(file, {3, 10}) == std::vector<float>{2.0f - 6.0f, 2.0f - 7.0f});
  OnnxFile over;
  CHECK(onnx_refusal(over.scalar("c", 1).node("Div", {"c", "x"})).find("divides a constant") != std::string::npos);
  OnnxFile larger{.input = {-1, 1}};
  CHECK(onnx_refusal(larger.floats("c", {3}, {1, 2, 3}).node("Add", {"x", "c"})).find("broadcasts over rows") !=
        std::string::npos);
}

TEST_CASE("Softmax means all dimensions from its axis on until opset 12, and one dimension after that") {
  OnnxFile file{.input = {-1, 2, 2}};
  file.node("Softmax", {"x"}, "y", {int_attribute("axis", 1)});
  const std::vector<float> x = {0, 1, 2, 3};
  file.opset = 12;
  const std::vector<float> together = onnx_answer(file, x);
  file.opset = 13;
  const std::vector<float> along = onnx_answer(file, x);
  const double all = 1 + std::exp(1.0) + std::exp(2.0) + std::exp(3.0);
  CHECK(double{together[3]} == Approx(std::exp(3.0) / all));
  CHECK(double{along[3]} == Approx(std::exp(3.0) / (std::exp(1.0) + std::exp(3.0))));
}

TEST_CASE("BatchNormalization between Unsqueeze and Squeeze is one BatchNorm") {
  OnnxFile file{.opset = 11};
  file.floats("s", {2}, {1, 2}).floats("b", {2}, {0, 1}).floats("m", {2}, {1, 1}).floats("v", {2}, {4, 9});
  file.node("Unsqueeze", {"x"}, "u", {ints_attribute("axes", {2})});
  file.node("BatchNormalization", {"u", "s", "b", "m", "v"}, "n", {float_attribute("epsilon", 0)});
  file.node("Squeeze", {"n"}, "y", {ints_attribute("axes", {2})});
  CHECK(read_onnx_file(file).layers.size() == 1);
  const std::vector<float> y = onnx_answer(file, {3, 4});
  CHECK(double{y[0]} == Approx(1.0));
  CHECK(double{y[1]} == Approx(3.0));
}

TEST_CASE("LayerNormalization normalises the dimensions from its axis on") {
  OnnxFile file{.input = {-1, 2, 2}};
  file.floats("s", {2}, {1, 2}).floats("b", {2}, {0, 1});
  file.node("LayerNormalization", {"x", "s", "b"}, "y", {int_attribute("axis", -1), float_attribute("epsilon", 0)});
  const std::vector<float> y = onnx_answer(file, {1, 3, 5, 5.5f});
  CHECK(double{y[0]} == Approx(-1.0));
  CHECK(double{y[1]} == Approx(3.0));
  CHECK(double{y[2]} == Approx(-1.0));
}

TEST_CASE("a list of slopes belongs to the last dimension") {
  OnnxFile file{.input = {-1, 1, 2}};
  file.floats("s", {2}, {0.5f, 0.25f}).node("PRelu", {"x", "s"});
  CHECK(onnx_answer(file, {-4, -4, 4, -8}) == std::vector<float>{-2, -1, 4, -2});
}

TEST_CASE("training is refused") {
  OnnxFile dropout{.opset = 17};
  dropout.initializers.push_back(onnx::tensor("t", {}, std::string(1, '\1'), "", 9));
  CHECK(onnx_refusal(dropout.node("Dropout", {"x", "", "t"})).find("evaluation mode") != std::string::npos);
  OnnxFile old{.opset = 6};
  CHECK(onnx_refusal(old.node("Dropout", {"x"})).find("evaluation mode") != std::string::npos);
  old.nodes.clear();
  CHECK(layers_of(old.node("Dropout", {"x"}, "y", {int_attribute("is_test", 1)})).starts_with("Dropout("));
  OnnxFile norm;
  norm.floats("s", {2}, {1, 2});
  CHECK(
      onnx_refusal(norm.node("BatchNormalization", {"x", "s", "s", "s", "s"}, "y", {int_attribute("training_mode", 1)}))
          .find("over the batch") != std::string::npos);
}

TEST_CASE("Reshape keeps rows whole: -1, 0, the batch that the file fixes, and the batch that Shape gives") {
  for (const std::vector<std::int64_t>& target : {std::vector<std::int64_t>{-1, 6}, {0, -1}, {0, 6}, {4, 6}, {4, -1}}) {
    OnnxFile file{.input = {4, 2, 3}};
    file.integers("s", target).node("Reshape", {"x", "s"});
    CHECK(layers_of(file) == "Flatten(start_dim=1, end_dim=-1)");
  }
  OnnxFile shape{.input = {-1, 2, 3}};
  shape.integers("zero", {0}).integers("rest", {-1});
  shape.node("Shape", {"x"}, "dims").node("Gather", {"dims", "zero"}, "batch", {int_attribute("axis", 0)});
  shape.node("Concat", {"batch", "rest"}, "target", {int_attribute("axis", 0)}).node("Reshape", {"x", "target"});
  CHECK(layers_of(shape) == "Flatten(start_dim=1, end_dim=-1)");
  OnnxFile cut{.input = {-1, 2, 3}};
  CHECK(onnx_refusal(cut.integers("s", {-1, 4}).node("Reshape", {"x", "s"})).find("cuts across rows") !=
        std::string::npos);
}

TEST_CASE("dimensions of a row may be joined with the batch around a Linear") {
  OnnxFile file{.input = {-1, 3, 2}};
  file.floats("w", {2, 1}, {1, 10}).integers("flat", {-1, 2}).integers("back", {-1, 3});
  file.node("Reshape", {"x", "flat"}, "a").node("Gemm", {"a", "w"}, "b").node("Reshape", {"b", "back"});
  CHECK(onnx_answer(file, {1, 2, 3, 4, 5, 6}) == std::vector<float>{21, 43, 65});
}

TEST_CASE("a Reshape whose first entry is not the number of rows that it leaves is refused") {
  OnnxFile shape{.input = {-1, 2, 3}};
  shape.integers("zero", {0}).integers("rest", {3});
  shape.node("Shape", {"x"}, "dims").node("Gather", {"dims", "zero"}, "batch", {int_attribute("axis", 0)});
  shape.node("Concat", {"batch", "rest"}, "target", {int_attribute("axis", 0)}).node("Reshape", {"x", "target"});
  CHECK(onnx_refusal(shape).find("its first entry is not the number of rows") != std::string::npos);
  for (const std::vector<std::int64_t>& target : {std::vector<std::int64_t>{0, 3}, {4, 3}, {12, 3}}) {
    OnnxFile file{.input = {4, 2, 3}};
    CHECK(onnx_refusal(file.integers("s", target).node("Reshape", {"x", "s"})).starts_with("shape_mismatch: "));
  }
  OnnxFile joined{.input = {4, 2, 3}};
  CHECK(onnx_refusal(joined.integers("s", {8, 3}).node("Reshape", {"x", "s"})) == "no error");
  for (const std::vector<std::int64_t>& target : {std::vector<std::int64_t>{6, 1}, {0, 1}, {1, 6}, {-1, 6}, {1, -1}}) {
    OnnxFile vector{.input = {6}};
    CHECK(onnx_refusal(vector.integers("s", target).node("Reshape", {"x", "s"})) == "no error");
  }
}

TEST_CASE("a Transpose that names a dimension twice, and a constant that adds dimensions, are refused") {
  OnnxFile twice{.input = {-1, 2, 2}};
  CHECK(onnx_refusal(twice.node("Transpose", {"x"}, "y", {ints_attribute("perm", {0, 1, 1})})).find("twice") !=
        std::string::npos);
  OnnxFile more;
  CHECK(onnx_refusal(more.floats("c", {1, 1, 1}, {2}).node("Mul", {"x", "c"})).find("adds dimensions") !=
        std::string::npos);
}
