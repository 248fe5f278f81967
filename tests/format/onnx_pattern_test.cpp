// Layers that exporters write as several operators -> the one layer that they are; what only looks alike is refused.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx_file.hpp"
#include "support/catch.hpp"

#include <cmath>

using namespace lamina;
using namespace lamina::test;
using onnx::int_attribute;

namespace {

OnnxFile numbers() {
  OnnxFile file;
  file.scalar("0", 0).scalar("1", 1).scalar("2", 2).scalar("3", 3).scalar("6", 6).scalar("half", 0.5f);
  file.scalar("-half", -0.5f).scalar("root2", 1.4142135f).scalar("1/root2", 0.70710677f).scalar("eps", 1e-5f);
  file.scalar("c", 0.044715f).scalar("s", 0.7978846f).scalar("a", 0.25f).scalar("1.702", 1.702f);
  return file;
}

/// "Sigmoid(x) Mul(x,0)": nodes separated by blanks; a number stands for the output of that node, others for names.
OnnxFile graph_of(const std::string& text) {
  OnnxFile file = numbers();
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < text.size(); ++count) {
    const std::size_t open = text.find('(', begin), close = text.find(')', open);
    std::vector<std::string> inputs;
    for (std::size_t at = open + 1; at <= close;) {
      const std::size_t end = std::min(text.find(',', at), close);
      inputs.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    const bool is_last = close + 1 >= text.size();
    file.node(text.substr(begin, open - begin), inputs, is_last ? "y" : "#" + std::to_string(count));
    begin = close + 2;
  }
  return file;
}

struct PatternCase {
  std::string graph, layers;
};

}  // namespace

TEST_CASE("activations that are written as several operators are one layer") {
  const PatternCase cases[] = {
      {"Sigmoid(x) Mul(x,#0)", "SiLU()"},
      {"Sigmoid(x) Mul(#0,x)", "SiLU()"},
      {"Softplus(x) Tanh(#0) Mul(x,#1)", "Mish()"},
      {"Exp(x) Add(1,#0) Log(#1) Tanh(#2) Mul(#3,x)", "Mish()"},
      {"Exp(x) Add(#0,1) Log(#1)", "Softplus(beta=1.0, threshold=20.0)"},
      {"Sigmoid(x) Log(#0)", "LogSigmoid()"},
      {"Abs(x) Add(#0,1) Div(x,#1)", "Softsign()"},
      {"Tanh(x) Sub(x,#0)", "Tanhshrink()"},
      {"Div(x,root2) Erf(#0) Add(#1,1) Mul(x,#2) Mul(#3,half)", "GELU(approximate='none')"},
      {"Mul(x,1/root2) Erf(#0) Add(1,#1) Mul(half,x) Mul(#3,#2)", "GELU(approximate='none')"},
      {"Sqrt(2) Div(x,#0) Erf(#1) Sum(1,#2) Mul(half,x) Mul(#4,#3)", "GELU(approximate='none')"},
      {"Pow(x,3) Mul(c,#0) Add(x,#1) Mul(s,#2) Tanh(#3) Add(1,#4) Mul(x,#5) Mul(half,#6)", "GELU(approximate='tanh')"},
      {"Mul(x,x) Mul(x,#0) Mul(#1,c) Add(x,#2) Mul(#3,s) Tanh(#4) Add(#5,1) Mul(half,x) Mul(#7,#6)",
       "GELU(approximate='tanh')"},
      {"Max(x,0)", "ReLU()"},
      {"Max(x,-half) Min(#0,half)", "Hardtanh(min_val=-0.5, max_val=0.5)"},
      {"Less(x,-half) Where(#0,-half,x) Less(half,#1) Where(#2,half,#1)", "Hardtanh(min_val=-0.5, max_val=0.5)"},
      {"Min(x,half)", "Hardtanh(min_val=-inf, max_val=0.5)"},
      {"Less(x,0) Mul(x,a) Where(#0,#1,x)", "LeakyReLU(negative_slope=0.25)"},
      {"Greater(x,0) Mul(x,a) Where(#0,x,#1)", "LeakyReLU(negative_slope=0.25)"},
      {"Less(x,0) Exp(x) Sub(#1,1) Mul(a,#2) Where(#0,#3,x)", "ELU(alpha=0.25)"},
      {"Greater(x,a) Where(#0,x,0)", "Threshold(threshold=0.25, value=0.0)"},
      {"Greater(x,half) Less(x,-half) Or(#0,#1) Where(#2,x,0)", "Hardshrink(0.5)"},
      {"Greater(x,half) Sub(x,half) Where(#0,#1,0) Less(x,-half) Add(x,half) Where(#3,#4,0) Add(#2,#5)",
       "Softshrink(0.5)"},
  };
  for (const PatternCase& c : cases) {
    INFO(c.graph);
    CHECK(layers_of(graph_of(c.graph)) == c.layers);
  }
}

TEST_CASE("what only looks like an activation is refused") {
  for (const char* graph : {
           "Tanh(x) Sigmoid(#0) Mul(x,#1)",                          // x sigmoid(tanh x)
           "Div(x,2) Erf(#0) Add(#1,1) Mul(x,#2) Mul(#3,half)",      // erf of another scale
           "Div(x,root2) Erf(#0) Add(#1,2) Mul(x,#2) Mul(#3,half)",  // 2 + erf
           "Abs(x) Add(#0,2) Div(x,#1)",                             // x / (2 + |x|)
           "Less(x,1) Mul(x,a) Where(#0,#1,x)",                      // a step at 1
           "Greater(x,half) Less(x,-half) Or(#0,#1) Where(#2,0,x)",  // the other way about
           "Sigmoid(x) Sub(#0,x)",
       }) {
    INFO(graph);
    CHECK(onnx_refusal(graph_of(graph)).starts_with("unsupported_"));
  }
}

TEST_CASE("x sigmoid(a x) is a SiLU between two scales") {
  const std::vector<float> y = onnx_answer(graph_of("Mul(x,1.702) Sigmoid(#0) Mul(x,#1)"), {1.5f, -2});
  CHECK(double{y[0]} == Approx(1.5 / (1 + std::exp(-1.702 * 1.5))));
  CHECK(double{y[1]} == Approx(-2 / (1 + std::exp(1.702 * 2))));
}

TEST_CASE("a decomposed LayerNorm is one layer, with or without scale and offset") {
  const std::vector<std::string> last = {ints_attribute("axes", {-1})};
  for (const bool affine : {false, true}) {
    OnnxFile file = numbers();
    file.floats("w", {2}, {2, 3}).floats("b", {2}, {10, 20});
    file.node("ReduceMean", {"x"}, "mean", last).node("Sub", {"x", "mean"}, "d").node("Pow", {"d", "2"}, "d2");
    file.node("ReduceMean", {"d2"}, "var", last).node("Add", {"var", "eps"}, "e").node("Sqrt", {"e"}, "std");
    file.node("Div", {"d", "std"}, affine ? "n" : "y");
    if (affine) file.node("Mul", {"n", "w"}, "scaled").node("Add", {"scaled", "b"});
    CHECK(read_onnx_file(file).layers.size() == 1);
    const std::vector<float> y = onnx_answer(file, {1, 3});
    CHECK(double{y[0]} == Approx(affine ? 10 - 2.0 : -1.0).epsilon(1e-4));
    CHECK(double{y[1]} == Approx(affine ? 20 + 3.0 : 1.0).epsilon(1e-4));
  }
}

TEST_CASE("a reduction over another axis, or that drops it, is no LayerNorm") {
  for (const auto& attributes : {std::vector<std::string>{ints_attribute("axes", {0})},
                                 {ints_attribute("axes", {-1}), int_attribute("keepdims", 0)}}) {
    OnnxFile file = numbers();
    file.node("ReduceMean", {"x"}, "mean", attributes).node("Sub", {"x", "mean"}, "d").node("Mul", {"d", "d"}, "d2");
    file.node("ReduceMean", {"d2"}, "var", attributes).node("Add", {"var", "eps"}, "e").node("Sqrt", {"e"}, "std");
    CHECK(onnx_refusal(file.node("Div", {"d", "std"})).starts_with("unsupported_"));
  }
}

TEST_CASE("softmax and its logarithm are recognised from exponentials") {
  const std::vector<std::string> axis = {ints_attribute("axes", {1})};
  OnnxFile file;
  file.node("ReduceMax", {"x"}, "max", axis).node("Sub", {"x", "max"}, "d").node("Exp", {"d"}, "e");
  file.node("ReduceSum", {"e"}, "sum", axis);
  OnnxFile softmax = file;
  CHECK(layers_of(softmax.node("Div", {"e", "sum"})) == "Softmax(dim=1)");
  OnnxFile logarithm = file;
  CHECK(layers_of(logarithm.node("Log", {"sum"}, "l").node("Sub", {"d", "l"})) == "LogSoftmax(dim=1)");
  OnnxFile log_of;
  CHECK(layers_of(log_of.node("Softmax", {"x"}, "s").node("Log", {"s"})) == "LogSoftmax(dim=1)");
}

TEST_CASE("a Split whose first half is gated by the second is a GLU") {
  const auto gated = [](const std::vector<std::int64_t>& sizes) {
    OnnxFile file{.input = {-1, 4}};
    file.integers("sizes", sizes);
    std::string split = onnx::node("Split", {"x", "sizes"}, "a", {int_attribute("axis", 1)});
    split += onnx::message([](onnx::pbf_writer& w) { w.add_string(2, "b"); });
    file.nodes.push_back(split);
    return file.node("Sigmoid", {"b"}, "g").node("Mul", {"a", "g"});
  };
  CHECK(layers_of(gated({2, 2})) == "GLU(dim=1)");
  CHECK(onnx_refusal(gated({1, 3})).starts_with("unsupported_"));
}

TEST_CASE("casts and identities within a pattern change nothing") {
  OnnxFile file;
  file.node("Cast", {"x"}, "c", {int_attribute("to", 11)}).node("Identity", {"c"}, "i").node("Sigmoid", {"i"}, "s");
  CHECK(layers_of(file.node("Mul", {"c", "s"})) == "SiLU()");
}

TEST_CASE("an attribute that no pattern looks at is refused, in a node that may have some") {
  const std::string foo = int_attribute("foo", 1);
  const auto refused = [](const OnnxFile& file, const std::string& node) {
    const std::string text = onnx_refusal(file);
    INFO(text);
    CHECK(text.find(node + ": attribute 'foo': is not known for this operator") != std::string::npos);
    CHECK(text.starts_with("unsupported_feature: "));
  };
  OnnxFile swish{.opset = 10};
  swish.scalar("3", 3).scalar("6", 6).node("Add", {"x", "3"}, "a");
  swish.node("Clip", {"a"}, "c", {onnx::float_attribute("min", 0), onnx::float_attribute("max", 6), foo});
  refused(swish.node("Div", {"c", "6"}, "d").node("Mul", {"x", "d"}), "node 1 (Clip)");

  const std::vector<std::string> axes = {ints_attribute("axes", {-1}), foo};
  OnnxFile norm = numbers();
  norm.node("ReduceMean", {"x"}, "mean", {axes[0]}).node("Sub", {"x", "mean"}, "d").node("Mul", {"d", "d"}, "d2");
  norm.node("ReduceMean", {"d2"}, "var", axes).node("Add", {"var", "eps"}, "e").node("Sqrt", {"e"}, "std");
  refused(norm.node("Div", {"d", "std"}), "node 3 (ReduceMean)");

  OnnxFile glu{.input = {-1, 4}};
  glu.nodes.push_back(onnx::node("Split", {"x"}, "a", {int_attribute("axis", 1), foo}) +
                      onnx::message([](onnx::pbf_writer& w) { w.add_string(2, "b"); }));
  refused(glu.node("Sigmoid", {"b"}, "g").node("Mul", {"a", "g"}), "node 0 (Split)");

  OnnxFile extra = numbers();
  extra.node("HardSigmoid", {"x", "a"}, "h", {onnx::float_attribute("alpha", 1.0f / 6)}).node("Mul", {"x", "h"});
  CHECK(onnx_refusal(extra).find("node 0 (HardSigmoid): inputs: number: expected at most 1, got 2") !=
        std::string::npos);
}
