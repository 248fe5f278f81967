// TorchScript archives: the tensors come out by name, the code is never looked at, and the limits hold.
// SPDX-License-Identifier: Apache-2.0
#include "format/torch_reading.hpp"
#include "format/torch_writer.hpp"
#include "support/catch.hpp"

namespace {

using namespace lamina;
using namespace lamina::test;

/// An archive whose root module has what `write` writes.
std::string script_file(const std::function<void(TorchWriter&)>& write) {
  TorchWriter writer;
  writer.global("__torch__", "Net").op(")\x81").dict().mark();
  write(writer);
  writer.items().build();
  auto members = writer.members();
  members.emplace_back("constants.pkl", PickleWriter().op(")").done());
  members.emplace_back("code/__torch__.py", "import os");
  members.emplace_back("traced_inputs.pkl", "?");
  return TorchWriter::zip_file(members);
}

TorchWriter& begin_inner(TorchWriter& writer) {
  return writer.global("__torch__.torch.nn.modules.linear.___torch_mangle_0", "Linear").op(")\x81").dict().mark();
}

}  // namespace

TEST_CASE("a TorchScript archive gives its tensors by the names of state_dict()") {
  const format::Contents contents = read(script_file([](TorchWriter& w) {
    w.text("training").boolean(true).text("_is_full_backward_hook").none();
    w.text("sizes").global("torch.jit._pickle", "build_intlist").op("]\x85").reduce();
    w.text("fc");
    begin_inner(w).text("weight").floats({1, 2}, {1, 2}).text("bias").floats({1}, {3}).items().build();
    w.text("scale").floats({1}, {4});
  }));
  CHECK(contents.format == "TorchScript weights (zip)");
  CHECK_FALSE(contents.network);
  CHECK_FALSE(contents.ordered);
  REQUIRE(contents.tensors.size() == 3);
  CHECK(contents.tensors[0].first == "fc.weight");
  CHECK(values(contents.tensors[0].second) == std::vector<float>{1, 2});
  CHECK(contents.tensors[1].first == "fc.bias");
  CHECK(contents.tensors[2].first == "scale");
  CHECK(notes_contain(contents.notes, "program code was not looked at"));
}

TEST_CASE("classes of a program are names only within a TorchScript archive") {
  refused(torch_file([](TorchWriter& w) { w.global("__torch__", "Net"); }), "unsafe_content", "__torch__.Net");
  refused(script_file([](TorchWriter& w) { w.text("x").global("os", "system"); }), "unsafe_content", "os.system");
  refused(script_file([](TorchWriter& w) { w.text("x").global("__torch", "Net"); }), "unsafe_content", "__torch.Net");
}

TEST_CASE("TorchScript modules that hold nothing, or themselves, or too much are refused") {
  refused(script_file([](TorchWriter& w) { w.text("a").integer(1); }), "missing_weight", "without tensors");
  TorchWriter self;
  self.global("__torch__", "Net").op(")\x81").put(1).dict().text("a").get(1).op("s").build();
  auto members = self.members();
  members.emplace_back("constants.pkl", "");
  refused(TorchWriter::zip_file(members), "limit_exceeded", "nested deeper than 16");
  TorchWriter none;
  none.ordered_dict();
  members = none.members();
  members.emplace_back("constants.pkl", "");
  refused(TorchWriter::zip_file(members), "malformed", "expected a module");
  members.emplace_back("other.pkl", "");
  refused(TorchWriter::zip_file(members), "malformed", "'archive/other.pkl'");
  LoadOptions options;
  options.limits.tensors = 1;
  const std::string two = script_file([](TorchWriter& w) { w.text("a").floats({1}, {1}).text("b").floats({1}, {1}); });
  refused(two, "limit_exceeded", "more than 1 tensors", options);
  options.limits.layers = 1;
  refused(script_file([](TorchWriter& w) {
            w.text("a");
            begin_inner(w).items().build();
          }),
          "limit_exceeded", "more than 1 modules", options);
}
