// lamina plot: names -> SVG, byte for byte.
// SPDX-License-Identifier: Apache-2.0
#include "tools/program.hpp"

#include <algorithm>

namespace lamina::test {
namespace {

TEST_CASE("relu from -2 to 2 is this picture") {
  const Outcome outcome = run_lamina({"plot", "relu", "--from", "-2", "--to", "2"});
  CHECK(outcome.status == 0);
  CHECK(
      outcome.out ==
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="741" height="500" viewBox="0 0 741 500" font-family="'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif" role="img">
<title>Activation functions</title>
<rect width="741" height="500" fill="#ffffff"/>
<text x="344" y="32" font-size="18" fill="#222222" text-anchor="middle">Activation functions</text>
<g stroke="#e3e3e3" stroke-width="1" fill="none">
<path d="M64 456L64 56"/>
<path d="M134 456L134 56"/>
<path d="M204 456L204 56"/>
<path d="M274 456L274 56"/>
<path d="M344 456L344 56"/>
<path d="M414 456L414 56"/>
<path d="M484 456L484 56"/>
<path d="M554 456L554 56"/>
<path d="M624 456L624 56"/>
<path d="M64 456L624 456"/>
<path d="M64 356L624 356"/>
<path d="M64 256L624 256"/>
<path d="M64 156L624 156"/>
<path d="M64 56L624 56"/>
</g>
<g stroke="#555555" stroke-width="1.25" fill="none">
<path d="M344 456L344 56"/>
<path d="M64 456L624 456"/>
</g>
<g font-size="13" fill="#444444" text-anchor="middle">
<text x="64" y="478">&#8722;2.0</text>
<text x="134" y="478">&#8722;1.5</text>
<text x="204" y="478">&#8722;1.0</text>
<text x="274" y="478">&#8722;0.5</text>
<text x="344" y="478">0.0</text>
<text x="414" y="478">0.5</text>
<text x="484" y="478">1.0</text>
<text x="554" y="478">1.5</text>
<text x="624" y="478">2.0</text>
</g>
<g font-size="13" fill="#444444" text-anchor="end">
<text x="54" y="460.5">0.0</text>
<text x="54" y="360.5">0.5</text>
<text x="54" y="260.5">1.0</text>
<text x="54" y="160.5">1.5</text>
<text x="54" y="60.5">2.0</text>
</g>
<g fill="none" stroke-width="2.75" stroke-linejoin="round">
<path d="M64 456L344 456L624 56" stroke="#0072b2"/>
</g>
<g font-size="14" fill="#222222" stroke-width="2.75">
<path d="M652 70h30" stroke="#0072b2"/>
<text x="692" y="75">relu</text>
</g>
</svg>
)");
}

TEST_CASE("several curves have a legend, colours and dashes of their own") {
  const Folder folder;
  const std::string svg = folder / "activations.svg";
  CHECK(run_lamina({"plot", "relu", "sigmoid", "tanh", "leaky_relu(0.1)", "-o", svg}).status == 0);
  const std::string text = content_of(svg);
  CHECK(holds(text, "<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(holds(text, "</svg>\n"));
  for (const std::string name : {"relu", "sigmoid", "tanh", "leaky_relu(0.1)"}) CHECK(holds(text, ">" + name + "<"));
  for (const std::string colour : {"#0072b2", "#d55e00", "#009e73", "#cc79a7"}) {
    CHECK(holds(text, "stroke=\"" + colour + "\""));
  }
  CHECK(text.size() < 8192);
}

TEST_CASE("values that are not finite and names with markup leave the picture whole") {
  const Outcome outcome = run_lamina({"plot", "exponential", "--from", "0", "--to", "100"});
  CHECK(outcome.status == 0);
  CHECK_FALSE(holds(outcome.out, "nan"));
  CHECK_FALSE(holds(outcome.out, "inf"));
}

TEST_CASE("unknown names and ranges that are none are bad usage") {
  const Folder folder;
  const std::string svg = folder / "plot.svg";
  CHECK(fails(run_lamina({"plot", "reluu", "-o", svg}), 2, "did you mean 'relu'?"));
  CHECK(fails(run_lamina({"plot", "relu", "leaky_relu(one)", "-o", svg}), 2, "leaky_relu"));
  CHECK(fails(run_lamina({"plot", "softmax(dim=0)", "-o", svg}), 2, "no curve"));
  CHECK(fails(run_lamina({"plot", "relu", "--from", "1", "--to", "1"}), 2, "--from, --to"));
  CHECK(fails(run_lamina({"plot", "relu", "--to", "nan"}), 2, "--from, --to"));
  CHECK_FALSE(std::filesystem::exists(svg));
}

}  // namespace
}  // namespace lamina::test
