// ONNX files as they are found -> networks: element types, outputs, constants, and every refusal.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx_file.hpp"

#include "format/onnx.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace lamina;
using namespace lamina::test;
using onnx::int_attribute;
using onnx::message;
using onnx::pbf_writer;

namespace {

bool has(const std::string& text, std::string_view part) {
  UNSCOPED_INFO("looking for '" << part << "' in '" << text << "'");
  return text.find(part) != std::string::npos;
}

/// x + w, where w is written as `data` says.
OnnxFile add_tensor(std::int32_t type, const std::string& data) {
  OnnxFile file;
  file.initializers.push_back(onnx::tensor("w", {2}, "", data, type));
  return file.node("Add", {"x", "w"});
}

std::string packed(std::uint32_t field, const std::vector<std::uint32_t>& values) {
  return message([&](pbf_writer& w) { w.add_packed_uint32(field, values.begin(), values.end()); });
}

OnnxFile linear() {
  OnnxFile file;
  return file.floats("w", {2, 2}, {1, 2, 3, 4}).node("MatMul", {"x", "w"});
}

}  // namespace

TEST_CASE("weights are read from raw and typed data of every float type") {
  const std::vector<float> floats = {1.5f, -2};
  const std::vector<double> doubles = {1.5, -2};
  const std::pair<std::int32_t, std::string> cases[] = {
      {1, message([&](pbf_writer& w) { w.add_packed_float(4, floats.begin(), floats.end()); })},
      {1, message([&](pbf_writer& w) {
         for (const float value : floats) w.add_float(4, value);
       })},
      {1, message([&](pbf_writer& w) { w.add_bytes(9, raw_bytes(floats)); })},
      {11, message([&](pbf_writer& w) { w.add_packed_double(10, doubles.begin(), doubles.end()); })},
      {11, message([&](pbf_writer& w) { w.add_bytes(9, raw_bytes(doubles)); })},
      {10, packed(5, {0x3E00, 0xC000})},
      {10, message([&](pbf_writer& w) {
         w.add_bytes(9, raw_bytes(std::vector<std::uint16_t>{0x3E00, 0xC000}));
       })},
      {16, packed(5, {0x3FC0, 0xC000})},
      {16, message([&](pbf_writer& w) {
         w.add_bytes(9, raw_bytes(std::vector<std::uint16_t>{0x3FC0, 0xC000}));
       })},
  };
  for (const auto& [type, data] : cases) {
    INFO("type " << type);
    CHECK(onnx_answer(add_tensor(type, data), {0, 0}) == floats);
  }
}

TEST_CASE("elements must be exactly what the dimensions ask for") {
  const std::vector<float> three = {1, 2, 3}, one = {1};
  for (const std::vector<float>& values : {three, one}) {
    CHECK(has(onnx_refusal(add_tensor(1, message([&](pbf_writer& w) { w.add_bytes(9, raw_bytes(values)); }))),
              "malformed: node 0 (Add): tensor 'w': elements: raw data: expected 8 bytes"));
    CHECK(has(onnx_refusal(
                  add_tensor(1, message([&](pbf_writer& w) { w.add_packed_float(4, values.begin(), values.end()); }))),
              "elements: number: expected 2"));
  }
  CHECK(has(onnx_refusal(add_tensor(1, "")), "elements: are missing"));
  CHECK(has(onnx_refusal(add_tensor(1, packed(5, {1, 2}))), "data field of float32: expected 4, got 5"));
  const std::string both = message([&](pbf_writer& w) {
    w.add_bytes(9, raw_bytes(std::vector<float>{1, 2}));
    w.add_float(4, 1);
  });
  CHECK(has(onnx_refusal(add_tensor(1, both)), "one data field"));
  CHECK(has(onnx_refusal(add_tensor(8, message([](pbf_writer& w) { w.add_bytes(6, "ab"); }))), "is string"));
  CHECK(has(onnx_refusal(add_tensor(7, packed(7, {1, 2}))), "element type: expected a float type, got int64"));
}

TEST_CASE("a huge tensor is refused before memory is asked for") {
  OnnxFile file;
  file.initializers.push_back(onnx::tensor("w", {1 << 20, 1 << 20}, std::string(8, '\0')));
  CHECK(has(onnx_refusal(file.node("MatMul", {"x", "w"})), "raw data: expected 4398046511104 bytes"));
  LoadOptions options;
  options.limits.weight_bytes = 8;
  CHECK(onnx_refusal(linear(), options).starts_with("limit_exceeded"));
}

TEST_CASE("initializers may be listed as inputs too") {
  OnnxFile file = linear();
  file.ir = 3;
  file.more_inputs = {onnx_value("w", {2, 2}, 1)};
  CHECK(layers_of(file) == "Linear(in_features=2, out_features=2, bias=False)");
}

TEST_CASE("weights are folded through whatever moves or scales them") {
  OnnxFile file;
  file.floats("a", {1, 2}, {1, 3}).floats("b", {1, 2}, {2, 4}).integers("shape", {2, -1}).scalar("ten", 10);
  file.node("Concat", {"a", "b"}, "ab", {int_attribute("axis", 0)});  // [[1, 3], [2, 4]]
  file.node("Transpose", {"ab"}, "t", {ints_attribute("perm", {1, 0})}).node("Identity", {"t"}, "i");
  file.node("Cast", {"i"}, "c", {int_attribute("to", 1)}).node("Reshape", {"c", "shape"}, "r");
  file.node("Unsqueeze", {"r", "zero"}, "u").node("Squeeze", {"u", "zero"}, "s").node("Mul", {"s", "ten"}, "w");
  file.integers("zero", {0}).node("MatMul", {"x", "w"});
  CHECK(onnx_answer(file, {1, 0, 0, 1}) == std::vector<float>{10, 20, 30, 40});
}

TEST_CASE("several outputs are refused by name, and one is chosen by name") {
  OnnxFile file = linear();
  file.node("Relu", {"y"}, "z").outputs = {"y", "z"};
  CHECK(has(onnx_refusal(file), "choose it by its name (--output-name): 'y', 'z'"));
  LoadOptions options;
  options.output_name = "z";
  CHECK(layers_of(file, options) == "Linear(in_features=2, out_features=2, bias=False); ReLU()");
  options.output_name = "y";
  CHECK(layers_of(file, options) == "Linear(in_features=2, out_features=2, bias=False)");
  options.output_name = "q";
  CHECK(onnx_refusal(file, options).starts_with("invalid_argument: "));
}

TEST_CASE("an output that repeats an input is no answer, and an input that nothing needs is left aside") {
  OnnxFile file = linear();
  file.more_inputs = {onnx_value("state_in", {-1}, 1)};
  file.node("Identity", {"state_in"}, "state_out").outputs = {"y", "state_out"};
  const model::Network network = read_onnx_file(file);
  CHECK(network.outputs == std::vector<std::string>{"y"});
  CHECK(network.notes.size() == 2);
}

TEST_CASE("the labels of a scikit-learn classifier are left aside for its probabilities") {
  OnnxFile file = linear();
  file.node("Sigmoid", {"y"}, "p").scalar("one", 1).node("Sub", {"one", "p"}, "q");
  file.node("Concat", {"q", "p"}, "both", {int_attribute("axis", 1)});
  file.node("ArgMax", {"both"}, "index", {int_attribute("axis", 1)}).integers("classes", {0, 1});
  const auto in_ml = [](std::string node) {
    return node + message([](pbf_writer& w) { w.add_string(7, "ai.onnx.ml"); });
  };
  file.nodes.push_back(in_ml(onnx::node("ArrayFeatureExtractor", {"classes", "index"}, "class")));
  file.node("Cast", {"class"}, "label", {int_attribute("to", 7)});
  file.nodes.push_back(in_ml(onnx::node("ZipMap", {"both"}, "map")));
  file.outputs = {"label", "map"};
  file.domains = {"ai.onnx.ml"};
  const model::Network network = read_onnx_file(file);
  CHECK(layers_of(file) == "Linear(in_features=2, out_features=2, bias=False); Sigmoid()");
  CHECK(network.outputs == std::vector<std::string>{"map"});
  CHECK(network.notes.size() == 3);
}

TEST_CASE("all nodes that lamina does not know are told at once") {
  OnnxFile file;
  file.node("Sin", {"x"}, "a").node("Relu", {"a"}, "b").node("Cos", {"b"});
  try {
    (void)read_onnx_file(file);
    FAIL("loaded");
  } catch (const Error& error) {
    CHECK(error.code() == Errc::unsupported_layer);
    REQUIRE(error.problems().size() == 2);
    CHECK(error.problems()[0] == "node 0 (Sin): lamina does not know this operator");
    CHECK(error.problems()[1] == "node 2 (Cos): lamina does not know this operator");
  }
}

TEST_CASE("an operator that lamina knows in part, or will not, is refused with a way out") {
  const std::pair<std::string, std::string> cases[] = {
      {"Erf", "is known as a part of GELU alone"},    {"Hardmax", "leave it off"},
      {"Conv", "lamina runs dense networks"},         {"QLinearMatMul", "quantised"},
      {"MultiHeadAttention", "without convolutions"}, {"If", "without branches"},
      {"TreeEnsembleRegressor", "no network"},
  };
  for (const auto& [op, hint] : cases) {
    CHECK(has(onnx_refusal(OnnxFile().node(op, {"x"})),
              "unsupported_layer: node 0 (" + op + "): lamina does not know this operator: "));
    CHECK(has(onnx_refusal(OnnxFile().node(op, {"x"})), hint));
  }
}

TEST_CASE("a problem within a pattern is told with the others") {
  OnnxFile file;
  file.node("Sin", {"x"}, "a").node("ReduceMean", {"a"}, "m", {int_attribute("axes", 1)}).node("Sub", {"a", "m"}, "d");
  file.node("Mul", {"d", "d"}, "d2").node("ReduceMean", {"d2"}, "v", {int_attribute("axes", 1)});
  file.scalar("eps", 1e-5f).node("Add", {"v", "eps"}, "e").node("Sqrt", {"e"}, "s").node("Div", {"d", "s"});
  try {
    (void)read_onnx_file(file);
    FAIL("loaded");
  } catch (const Error& error) {
    std::string all;
    for (const std::string& problem : error.problems()) all += problem + "\n";
    CHECK(has(all, "node 0 (Sin): lamina does not know"));
    CHECK(has(all, "(Div): attribute 'axes': is no list of integers"));
  }
}

TEST_CASE("the scaler of scikit-learn in front of a network is an Affine") {
  const auto scaled = [](const std::vector<std::string>& attributes, std::int32_t type = 1) {
    OnnxFile file{.input_type = type};
    file.domains = {"ai.onnx.ml"};
    file.nodes.push_back(onnx::node("Scaler", {"x"}, "s", attributes) +
                         message([](pbf_writer& w) { w.add_string(7, "ai.onnx.ml"); }));
    return file.floats("w", {2, 2}, {1, 0, 0, 1}).node("MatMul", {"s", "w"});
  };
  const auto list = [](const std::string& name, const std::vector<float>& values) {
    return message([&](pbf_writer& w) {
      w.add_string(1, name);
      for (const float value : values) w.add_float(7, value);
      w.add_int32(20, 6);
    });
  };
  CHECK(onnx_answer(scaled({list("offset", {1, 2}), list("scale", {0.5f, 4})}), {3, 3}) == std::vector<float>{1, 4});
  CHECK(onnx_answer(scaled({list("offset", {1}), list("scale", {2})}), {3, 5}) == std::vector<float>{4, 8});
  CHECK(onnx_answer(scaled({list("offset", {1}), list("scale", {2})}, 7), {3, 5}) == std::vector<float>{4, 8});
  CHECK(has(onnx_refusal(scaled({list("offset", {1, 2})})), "(ai.onnx.ml.Scaler): attribute 'scale': is missing"));
  CHECK(has(onnx_refusal(scaled({list("offset", {1, 2, 3}), list("scale", {1})})), "shape_mismatch: "));
  OnnxFile own;
  CHECK(has(onnx_refusal(own.node("Scaler", {"x"})), "node 0 (Scaler): lamina does not know this operator"));
}

TEST_CASE("what is not a chain, not known or not sound is refused with the node's name") {
  OnnxFile branches = linear();
  CHECK(
      has(onnx_refusal(branches.node("Add", {"x", "y"}, "z").node("Relu", {"z"}, "y2")), "no error"));  // a dead branch
  branches.outputs = {"z"};
  CHECK(has(onnx_refusal(branches), "node 1 (Add): joins branches"));
  CHECK(has(onnx_refusal(OnnxFile().node("Relu", {"x"}, "y", {int_attribute("foo", 1)})),
            "node 0 (Relu): attribute 'foo': is not known for this operator"));
  CHECK(has(onnx_refusal(OnnxFile().node("Relu", {"q"})), "input 'q' is no input, initializer or earlier output"));
  CHECK(has(onnx_refusal(OnnxFile().node("Relu", {"x"}).node("Tanh", {"x"})), "value 'y': is defined twice"));
  CHECK(has(onnx_refusal(OnnxFile().node("Relu", {"x"}, "x")), "value 'x': is defined twice"));
  CHECK(has(onnx_refusal(OnnxFile().node("Relu", {"x"}, "z")), "output 'y': is made by no node"));
  CHECK(has(onnx_refusal(OnnxFile().node("Elu", {"x"}, "y", {int_attribute("alpha", 1)})),
            "attribute 'alpha': is no float"));
  CHECK(has(onnx_refusal(OnnxFile().node("Cast", {"x"}, "y", {int_attribute("to", 7)})), "got int64"));
  CHECK(has(onnx_refusal(OnnxFile{.input_type = 7}.node("Relu", {"x"})),
            "input 'x': element type: expected a float type, got int64"));
  CHECK(has(onnx_refusal(OnnxFile().scalar("y", 1)), "output: is the constant 'y'"));
  CHECK(has(onnx_refusal(OnnxFile().scalar("c", 1).node("Identity", {"c"})), "does not depend on the network's input"));
  CHECK(has(onnx_refusal(OnnxFile().node("ArgMax", {})), "is made of an input that is missing"));
  CHECK(has(onnx_refusal(OnnxFile().node("Relu", {})), "does not depend on the network's input"));
  CHECK(has(onnx_refusal(OnnxFile().scalar("c", 1).node("Add", {"x", "c", "c"})),
            "inputs: number: expected at most 2, got 3"));
  CHECK(has(onnx_refusal(OnnxFile{.opset = 5}.node("Relu", {"x"})), "expected 6 to 28, got 5"));
  CHECK(has(onnx_refusal(OnnxFile{.opset = 99}.node("Relu", {"x"})), "expected 6 to 28, got 99"));
}

TEST_CASE("a file is ONNX by its fields, whatever its name, and nothing else is") {
  const auto recognises = [](const std::string& bytes) {
    return format::recognises_onnx(base::ByteSource::over(as_bytes(bytes)));
  };
  const std::string file = linear().bytes();
  CHECK(recognises(file));
  CHECK_FALSE(recognises(""));
  CHECK_FALSE(recognises("\x08"));
  CHECK_FALSE(recognises(std::string("PK\3\4") + file));
  CHECK_FALSE(recognises(file.substr(2)));  // no ir_version
  CHECK_FALSE(recognises("Sequential(\n  (0): ReLU()\n)"));
}

TEST_CASE("every cut of a file and every flipped bit gives a network or an Error") {
  const std::string file = linear().bytes();
  for (std::size_t size = 0; size < file.size(); ++size) {
    CHECK(failure([&] { (void)format::read_onnx(base::ByteSource::over(as_bytes(file.substr(0, size))), {}); }) !=
          "no error");
  }
  std::size_t errors = 0;
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::string changed = file;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    errors +=
        failure([&] { (void)format::read_onnx(base::ByteSource::over(as_bytes(changed)), {}); }) != "no error" ? 1 : 0;
  }
  CHECK(errors > file.size());
}

TEST_CASE("what was read from ONNX is the same after it was saved as safetensors") {
  const Folder folder;
  OnnxFile file{.input = {1, 2, 2}};
  file.floats("mean", {2}, {1, 2}).floats("w", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}).scalar("top", 3);
  file.node("Sub", {"x", "mean"}, "a")
      .node("Flatten", {"a"}, "b")
      .node("Gemm", {"b", "w"}, "c")
      .node("Min", {"c", "top"});
  const Model model{read_onnx_file(file)};
  save(model, folder / "m.safetensors");
  CHECK(load(folder / "m.safetensors") == model);
}

namespace {

/// A model whose weight lies in the file `location`.
std::string external_model(const std::string& location, const std::string& offset = "4",
                           const std::string& length = "16") {
  std::string entries;
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"location", location}, {"offset", offset}, {"length", length}}) {
    const std::string entry = message([&, k = key, v = value](pbf_writer& w) {
      w.add_string(1, k);
      w.add_string(2, v);
    });
    entries += message([&](pbf_writer& w) { w.add_message(13, entry); });
  }
  entries += message([](pbf_writer& w) { w.add_int32(14, 1); });
  OnnxFile file;
  file.initializers.push_back(onnx::tensor("w", {2, 2}, "", entries));
  return file.node("MatMul", {"x", "w"}).bytes();
}

std::string load_external(const Folder& folder, const std::string& model, bool allowed = true) {
  const std::filesystem::path path = folder.put("m.onnx", model);
  LoadOptions options;
  options.external_data = allowed;
  return failure([&] { (void)load(path, options); });
}

}  // namespace

TEST_CASE("weights in a file beside the model are read where that is allowed, and from nowhere else") {
  namespace fs = std::filesystem;
  const Folder folder;
  const std::string data = std::string(4, '\0') + raw_bytes(std::vector<float>{1, 2, 3, 4});
  fs::create_directory(folder / "weights");
  folder.put("weights/a.bin", data);
  CHECK(load_external(folder, external_model("weights/a.bin")) == "no error");
  CHECK(has(load_external(folder, external_model("weights/a.bin"), false), "unsafe_content"));
  CHECK(has(load_external(folder, external_model("weights/a.bin", "4", "12")), "length: expected 16 bytes"));
  CHECK(has(load_external(folder, external_model("weights/a.bin", "8")), "truncated"));
  CHECK(has(load_external(folder, external_model("weights/a.bin", "-1")), "a decimal number"));
  CHECK(load_external(folder, external_model("weights/none.bin")).starts_with("io: "));
  for (const char* location : {"../a.bin", "/etc/passwd", "weights/../weights/a.bin", "./weights/a.bin",
                               "weights//a.bin", "weights\\a.bin", "weights"}) {
    INFO(location);
    CHECK(load_external(folder, external_model(location)).starts_with("unsafe_content: "));
  }
  fs::create_symlink("a.bin", folder / "weights/link.bin");
  fs::create_directory_symlink("weights", folder / "linked");
  CHECK(load_external(folder, external_model("weights/link.bin")).starts_with("unsafe_content: "));
  CHECK(load_external(folder, external_model("linked/a.bin")).starts_with("unsafe_content: "));
  fs::create_hard_link(folder / "weights/a.bin", folder / "weights/second.bin");
  CHECK(load_external(folder, external_model("weights/second.bin")).starts_with("unsafe_content: "));
  LoadOptions options;
  options.external_data = true;
  const std::string bytes = external_model("weights/a.bin");
  CHECK(failure([&] { (void)load(as_bytes(bytes), options); }).starts_with("unsupported_feature: "));
}

TEST_CASE("weights in any number of files are read with one of them open at a time") {
  constexpr int kFiles = 60;
  constexpr rlim_t kDescriptors = 40;
  const Folder folder;
  OnnxFile file;
  std::vector<float> sum = {0, 0};
  for (int i = 0; i < kFiles; ++i) {
    const std::string n = std::to_string(i);
    folder.put("w" + n, raw_bytes(std::vector<float>{static_cast<float>(i), 1}));
    const std::string location = message([&](pbf_writer& w) {
      w.add_string(1, "location");
      w.add_string(2, "w" + n);
    });
    file.initializers.push_back(onnx::tensor("w" + n, {2}, "", message([&](pbf_writer& w) {
                                               w.add_message(13, location);
                                               w.add_int32(14, 1);
                                             })));
    file.node("Add", {i == 0 ? "x" : "s" + std::to_string(i - 1), "w" + n}, "s" + n);
    sum = {sum[0] + static_cast<float>(i), sum[1] + 1};
  }
  file.outputs = {"s" + std::to_string(kFiles - 1)};
  LoadOptions options;
  options.external_data = true;
  const std::filesystem::path path = folder.put("m.onnx", file.bytes());
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{kDescriptors, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
  std::vector<float> y(2);
  const std::string result = failure([&] {
    const Plan plan = load(path, options).compile();
    Workspace workspace = plan.workspace();
    plan.run(std::vector<float>{0, 0}, y, workspace);
  });
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(result == "no error");
  CHECK(y == sum);
}

TEST_CASE("a function in place of an operator, and a sparse weight, are not passed over") {
  const std::string function = message([](pbf_writer& w) { w.add_string(1, "Relu"); });
  const std::string model =
      OnnxFile().node("Relu", {"x"}).bytes() + message([&](pbf_writer& w) { w.add_message(25, function); });
  CHECK(has(failure([&] { (void)format::read_network(base::ByteSource::over(as_bytes(model)), {}); }),
            "function 'Relu': replaces an operator"));
  CHECK(has(onnx_refusal(OnnxFile{.input_type = 257}.node("Relu", {"x"})), "element type 257 is unknown"));
}

TEST_CASE("a short graph cannot ask for much time") {
  using namespace std::string_literals;
  // Each of the nodes below would be worked on again for every one behind it.
  OnnxFile copies;
  copies.floats("c0", {100}, std::vector<float>(100, 1)).node("Relu", {"x"});
  OnnxFile ranks;
  const std::vector<std::int64_t> ones(100'000, 1);
  ranks.integers("ones", ones).node("Reshape", {"x", "ones"}, "r0");
  for (int i = 0; i < 20'000; ++i) {
    const std::string n = std::to_string(i), next = std::to_string(i + 1);
    copies.node("Squeeze", {"c" + n}, "c" + next);
    ranks.node("Relu", {"r" + n}, "r" + next);
  }
  ranks.outputs = {"r20000"};
  CHECK(onnx_refusal(copies) == "no error");  // a dead branch
  CHECK(has(onnx_refusal(ranks), "node 0 (Reshape)"));

  OnnxFile empty;
  empty.initializers.push_back(onnx::tensor("c", {INT64_MAX, 0}, ""));
  empty.node("Concat", {"c", "c"}, "w", {int_attribute("axis", 1)}).node("MatMul", {"x", "w"});
  CHECK(has(onnx_refusal(empty), "expected two dimensions, got [9223372036854775807, 0]"));

  OnnxFile joins;
  joins.scalar("s", 1).integers("one", {1}).node("Reshape", {"s", "one"}, "a");
  joins.node("Concat", std::vector<std::string>(20'000, "a"), "b", {int_attribute("axis", 0)});
  joins.node("Concat", std::vector<std::string>(20'000, "b"), "w", {int_attribute("axis", 0)});
  CHECK(has(onnx_refusal(joins.node("Add", {"x", "w"})), "at most 16 times that of the file"));

  OnnxFile fields;  // a weight with much beside its elements, which is read for each node
  std::string padding;
  for (int i = 0; i < 500'000; ++i) padding += "\x62\0"s;  // doc_string
  fields.initializers.push_back(padding + onnx::tensor("w", {100}, std::string(400, '\1')));
  fields.input = {-1, 100};
  for (int i = 0; i < 200; ++i) {
    const std::string n = i == 0 ? "x" : "v" + std::to_string(i);
    fields.node("Add", {n, "w"}, "v" + std::to_string(i + 1));
  }
  fields.outputs = {"v200"};
  CHECK(has(onnx_refusal(fields), "at most 16 times that of the file"));
}

TEST_CASE("of very many outputs one must be chosen by its name") {
  OnnxFile file = linear();
  file.outputs.assign(101, "y");
  CHECK(has(onnx_refusal(file), "has 101 outputs"));
  LoadOptions options;
  options.output_name = "y";
  CHECK(layers_of(file, options) == "Linear(in_features=2, out_features=2, bias=False)");
}
