// Bad architecture text -> an Error with line, column and a caret; limits hold before anything grows.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture_reading.hpp"

using namespace lamina;
using namespace lamina::test;

namespace {

void check(std::string_view text, Errc code, std::string_view place, std::string_view what) {
  INFO(text);
  const Error error = error_of(text);
  INFO(error.what());
  CHECK(error.code() == code);
  CHECK(says(error, std::string("architecture text: ") + std::string(place)));
  CHECK(says(error, what));
  CHECK_FALSE(error.excerpt().empty());
  CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
}

std::string nested(std::size_t levels, const std::string& open, const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += open;
  text += "nn.ReLU()";
  for (std::size_t i = 0; i < levels; ++i) text += close;
  return text;
}

}  // namespace

TEST_CASE("a syntax error shows its line with a caret under it") {
  const Error error = error_of("net = nn.Sequential(\n    nn.Linear(3, 4),\n  nn.Linear(4 nn.ReLU())");
  CHECK(error.code() == Errc::malformed);
  CHECK(std::string(error.what()) == "architecture text: line 3, column 15: expected ',' or ')', got 'nn.ReLU'");
  CHECK(error.excerpt() == "  nn.Linear(4 nn.ReLU())\n              ^");
}

TEST_CASE("each kind of mistake is named at its place") {
  check("nn.Sequential(nn.Linear(3, 4)", Errc::malformed, "line 1, column 30", "expected ',' or ')', got the end");
  check("nn.Sequential(nn.Linear(3, 4)]", Errc::malformed, "line 1, column 30", "expected ')', got ']'");
  check("nn.Sequential)", Errc::malformed, "line 1, column 14", "closes nothing");
  check("nn.Sequential(nn.Conv1d(3, 4, 5))", Errc::unsupported_layer, "line 1, column 15", "'Conv1d'");
  check("nn.Sequential(nn.Linar(3, 4))", Errc::unsupported_layer, "line 1, column 15", "did you mean 'Linear'?");
  check("nn.Sequential(\nnn.Linear(3))", Errc::malformed, "line 2, column 1", "'out_features' is missing");
  check("nn.Linear(3, 4, biass=True)", Errc::malformed, "line 1, column 23", "did you mean 'bias'?");
  check("nn.Linear(3, 4, True, None, None, 1)", Errc::malformed, "line 1, column 35", "too many arguments");
  check("nn.Linear(3, 4, out_features=4)", Errc::malformed, "line 1", "given twice");
  check("nn.Linear(3, out_features=4, True)", Errc::malformed, "line 1, column 30", "without a name");
  check("nn.Linear('3', 4)", Errc::malformed, "line 1, column 11", "expected an integer, got '3'");
  check("nn.Linear(n, 4)", Errc::malformed, "line 1, column 11", "unknown name 'n'");
  check("nn.Linear(3.0, 4)", Errc::malformed, "line 1, column 11", "expected an integer");
  check("nn.Linear(0, 4)", Errc::invalid_argument, "line 1, column 1", "");
  check("nn.Linear(-3, 4)", Errc::invalid_argument, "line 1, column 1", "");
  check("nn.Dropout(1.5)", Errc::invalid_argument, "line 1, column 1", "");
  check("nn.ELU(float('nan'))", Errc::malformed, "line 1", "expected a number");
  check("nn.ELU(nan)", Errc::invalid_argument, "line 1", "");
  check("nn.Threshold(0.1)", Errc::malformed, "line 1", "'value' is missing");
  check("nn.GELU('fast')", Errc::invalid_argument, "line 1", "'none' or 'tanh'");
  check("nn.BatchNorm1d(3, track_running_stats=False)", Errc::unsupported_feature, "line 1", "each batch");
  check("nn.Sequential(3)", Errc::malformed, "line 1, column 15", "expected a layer");
  check("nn.Sequential([nn.ReLU()])", Errc::malformed, "line 1, column 15", "not a list");
  check("nn.Sequential(OrderedDict([('a', nn.ReLU()), ('a', nn.ReLU())]))", Errc::malformed, "line 1",
        "two layers named 'a'");
  check("nn.Sequential(OrderedDict({'a': nn.ReLU()}))", Errc::malformed, "line 1, column 27", "expected a value");
  check("nn.Sequential(*nn.ReLU())", Errc::malformed, "line 1", "a list after '*'");
  check("nn.Sequential(nn.ReLU() for i in range(3))", Errc::malformed, "line 1, column 25", "got 'for'");
  check("nn.Sequential('unfinished)", Errc::malformed, "line 1, column 15", "does not end");
  check("nn.Sequential(f'x')", Errc::malformed, "line 1, column 15", "plain string");
  check("nn.Sequential($)", Errc::malformed, "line 1, column 15", "unexpected '$'");
  check("def f():\n  return nn.ReLU()", Errc::malformed, "line 1, column 5", "end of the line");
  check("a = nn.Sequential(nn.ReLU())\nb = nn.Sequential(nn.Tanh())", Errc::malformed, "line 2", "'a' and 'b'");
  check("x = 3", Errc::malformed, "line 1", "no network");
  check("", Errc::malformed, "line 1, column 1", "no network");
  check("torch.load('x')", Errc::unsupported_layer, "line 1, column 1", "'torch.load'");
  check("eval('x')", Errc::unsupported_layer, "line 1, column 1", "'eval'");
}

TEST_CASE("a bracket left open in a line that is passed over is an error all the same") {
  check("m = nn.Sequential(nn.ReLU())\nprint((3)\nm.append(nn.Tanh()", Errc::malformed, "line 3, column 9",
        "never closed");
}

TEST_CASE("each mistake in a printed form is named at its place") {
  check("Sequential(\n  (0) Linear(in_features=3))", Errc::malformed, "line 2, column 7", "expected ':'");
  check("Sequential(\n  (0): Linear(in_features=3, out_features=4, bias=True\n)", Errc::malformed, "line 3, column 2",
        "got the end");
  check("Sequential(\n  (0): ReLU()\n  (0): ReLU()\n)", Errc::malformed, "line 3, column 3", "two layers named '0'");
  check("Sequential(\n  (0): Block(\n    (a): ReLU()\n  )\n)", Errc::unsupported_feature, "line 2, column 8",
        "'Block'");
  check("Sequential(\n  (0): Conv2d(1, 3, kernel_size=(3, 3))\n)", Errc::unsupported_layer, "line 2, column 8",
        "'Conv2d'");
  check("Sequential(\n  (0): ReLU()\n) x", Errc::malformed, "line 3, column 3", "the end of the text");
  check("Sequential(\n  (): ReLU()\n)", Errc::malformed, "line 2", "name of a layer");
}

TEST_CASE("limits hold") {
  const auto with = [](Limits limits) { return ArchitectureOptions{.limits = limits}; };
  CHECK(error_of("nn.Sequential(nn.ReLU())", with({.text_bytes = 10})).code() == Errc::limit_exceeded);
  CHECK(error_of("nn.Sequential(nn.ReLU(), nn.ReLU(), nn.ReLU())", with({.layers = 2})).code() == Errc::limit_exceeded);
  CHECK(error_of("nn.Sequential(nn.Sequential(nn.ReLU()))", with({.nesting = 0})).code() == Errc::limit_exceeded);
  CHECK(parse(nested(17, "nn.Sequential(", ")")).layers.size() == 1);
  CHECK(error_of(nested(18, "nn.Sequential(", ")")).code() == Errc::limit_exceeded);
  CHECK(error_of(nested(18, "Sequential((0): ", ")")).code() == Errc::limit_exceeded);
  for (const char* open : {"(", "[", "nn.Sequential(", "nn.Sequential((0): ", "f(x)(", "-("}) {
    INFO(open);
    const char* close = open[0] == '[' ? "]" : ")";
    CHECK(error_of(nested(100'000, open, close)).code() == Errc::limit_exceeded);
  }
  std::string calls = "nn.ReLU()";
  for (int i = 0; i < 100'000; ++i) calls += ".to(x)";
  CHECK(error_of(calls).code() == Errc::limit_exceeded);
}

TEST_CASE("lines that double a value do not grow without bound") {
  std::string text = "a = [nn.ReLU()]\n";
  for (int i = 0; i < 64; ++i) text += "a = [*a, *a]\n";
  CHECK(error_of(text + "nn.Sequential(*a)").code() == Errc::malformed);  // '*' is for calls
  text = "a = nn.Sequential(nn.ReLU())\n";
  for (int i = 0; i < 64; ++i) text += "a = nn.Sequential(a, a)\n";
  CHECK(error_of(text).code() == Errc::limit_exceeded);
  text = "a = [nn.ReLU()]\n";
  for (int i = 0; i < 5000; ++i) text += "a = [a]\n";
  CHECK(error_of(text).code() == Errc::limit_exceeded);
  CHECK(error_of("Affine(shift=[100000, 100000])").code() == Errc::limit_exceeded);
  std::string many = "nn.Sequential(";
  for (int i = 0; i < 20; ++i) many += "Affine(shift=[1048576]), ";
  CHECK(error_of(many + ")").code() == Errc::limit_exceeded);
}

TEST_CASE("all layers of PyTorch's that lamina does not have are told at once, those of nested ones too") {
  const Error error = error_of(
      "nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(),\n  nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 2), nn.Foo()))");
  CHECK(error.code() == Errc::unsupported_layer);
  CHECK(says(error, "architecture text: line 1, column 15: layer 'Conv2d' is not supported"));
  REQUIRE(error.problems().size() == 3);
  CHECK(error.problems()[0] == error.what());
  CHECK(error.problems()[1].starts_with("architecture text: line 2, column 17: layer 'LSTM' is not supported"));
  CHECK(error.problems()[2].find("'Foo'") != std::string::npos);
  CHECK(error.excerpt().starts_with("nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(),\n"));
  CHECK(error_of("nn.Sequential(nn.ReLU(), nn.Conv2d(1, 3, 3))").problems().empty());
}
