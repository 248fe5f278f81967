// Bytes -> the reader that takes them, the architecture that they need, or what they seem to be instead.
// SPDX-License-Identifier: Apache-2.0
#include "format/reader.hpp"

#include "format/bind/map_text.hpp"
#include "format/guess.hpp"
#include "format/safetensors_file.hpp"
#include "model/infer.hpp"
#include "support/catch.hpp"
#include "support/stored_zip.hpp"

#include <algorithm>

using namespace lamina;
using namespace lamina::test;

namespace {

const std::vector<format::NamedTensor> kTensors = {{"fc2.weight", Tensor({2, 3}, {1, 2, 3, 4, 5, 6})},
                                                   {"fc2.bias", Tensor({2}, {7, 8})},
                                                   {"fc1.weight", Tensor({3, 1}, {1, 2, 3})},
                                                   {"fc1.bias", Tensor({3}, {4, 5, 6})}};
const std::string kText = "nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 2))";

model::Network load(const std::string& bytes, const LoadOptions& options = {}) {
  return format::read_network(base::ByteSource::over(as_bytes(bytes)), options);
}
std::string load_failure(const std::string& bytes, const LoadOptions& options = {}) {
  return failure([&] { (void)load(bytes, options); });
}
LoadOptions with(const std::string& architecture) {
  LoadOptions options;
  options.architecture = architecture;
  return options;
}

bool has(const std::string& text, std::string_view part) {
  UNSCOPED_INFO("looking for '" << part << "' in '" << text << "'");
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("tensors and an architecture beside them become a network with weights") {
  const model::Network network = load(safetensors_file(kTensors), with(kText));
  CHECK(std::get<model::Linear>(network.layers[0].op).weight == kTensors[2].second);
  CHECK(std::get<model::Linear>(network.layers[2].op).bias == kTensors[1].second);
  CHECK(std::any_of(network.notes.begin(), network.notes.end(), [](const auto& n) { return has(n, "0=fc1,2=fc2"); }));
}

TEST_CASE("an architecture in the file is used, and one that is given overrules it") {
  const std::string file = safetensors_file(kTensors, "{\"lamina.architecture\":\"" + kText + "\"}");
  CHECK(load(file).layers.size() == 3);
  CHECK(load(file, with("nn.Sequential(nn.Linear(1, 3), nn.Linear(3, 2))")).layers.size() == 2);
}

TEST_CASE("errors of an architecture say where it came from") {
  CHECK(has(load_failure(safetensors_file(kTensors), with("nn.Sequential(nn.Conv2d(1, 3))")), ": architecture: "));
  CHECK(has(load_failure(safetensors_file(kTensors, R"({"lamina.architecture":"nn.Foo("})")),
            ": architecture in the file: "));
}

TEST_CASE("tensors alone are refused with a list and a guess of their chain") {
  try {
    (void)load(safetensors_file(kTensors));
    FAIL("loaded");
  } catch (const Error& error) {
    CHECK(error.code() == Errc::invalid_argument);
    CHECK(std::string(error.what()) ==
          "safetensors: the file holds 4 tensors and not the network that they belong to: give its architecture "
          "(--arch); "
          "a guess from the shapes, where the activations are unknown: "
          "--arch 'nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 2))'");
    CHECK(error.problems() ==
          std::vector<std::string>{"'fc2.weight' [2, 3] F32", "'fc2.bias' [2] F32", "'fc1.weight' [3, 1] F32",
                                   "'fc1.bias' [3] F32",
                                   "a guess from the shapes, where the activations are unknown and ReLU is the usual "
                                   "one: --arch 'nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 2))'"});
  }
}

TEST_CASE("no guess is made where the tensors form no chain of Linear layers") {
  CHECK_FALSE(has(
      load_failure(safetensors_file({{"a.weight", Tensor(Shape{2, 3})}, {"b.weight", Tensor(Shape{2, 3})}})), "guess"));
  CHECK_FALSE(
      has(load_failure(safetensors_file({{"a.weight", Tensor(Shape{2, 3})}, {"scale", Tensor(Shape{3})}})), "guess"));
  CHECK_FALSE(has(load_failure(safetensors_file({{"a.weight", Tensor(Shape{2, 3, 4})}})), "guess"));
  CHECK(has(load_failure(safetensors_file({{"a.weight", Tensor(Shape{2, 3})}})), "nn.Linear(3, 2, bias=False)"));
  std::vector<format::NamedTensor> many;
  for (int i = 0; i < 25; ++i) many.emplace_back("t" + std::to_string(i), Tensor(Shape{1}));
  try {
    (void)load(safetensors_file(many));
    FAIL("loaded");
  } catch (const Error& error) {
    CHECK(error.problems().size() == 26);
    CHECK(error.problems().back() ==
          "no guess at the network: 't0' [1] does not look like a part of Linear, BatchNorm1d, LayerNorm or PReLU");
  }
}

namespace {

std::vector<format::NamedTensor> of_shapes(const std::vector<std::pair<std::string, Shape>>& shapes) {
  std::vector<format::NamedTensor> tensors;
  for (const auto& [name, shape] : shapes) tensors.emplace_back(name, Tensor(shape));
  return tensors;
}

std::string guess_of(const std::vector<std::pair<std::string, Shape>>& shapes) {
  const format::Guess guess = format::guess_architecture(of_shapes(shapes), false);
  std::string text = guess.text.empty() ? "none: " + guess.obstacle : guess.text;
  for (const auto& [layer, stem] : guess.map) text += " " + layer + "=" + stem;
  return text;
}

}  // namespace

TEST_CASE("a guess has the layers that the shapes tell, in the order of numbers, of the file, or of the sizes") {
  CHECK(guess_of({{"fc10.weight", {2, 4}}, {"fc2.weight", {4, 3}}, {"fc2.bias", {4}}}) ==
        "nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False))");
  CHECK(guess_of({{"encode.weight", {4, 3}}, {"decode.weight", {2, 4}}}) ==
        "nn.Sequential(nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Linear(4, 2, bias=False))");
  CHECK(guess_of({{"a.weight", {2, 4}}, {"b.weight", {4, 3}}}) ==
        "nn.Sequential(nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Linear(4, 2, bias=False))");
  CHECK(guess_of({{"bn1.bias", {4}},
                  {"bn1.running_mean", {4}},
                  {"bn1.running_var", {4}},
                  {"bn1.weight", {4}},
                  {"fc1.weight", {4, 3}},
                  {"fc2.weight", {2, 4}},
                  {"ln2.weight", {2}},
                  {"ln2.bias", {2}}}) ==
        "nn.Sequential(nn.Linear(3, 4, bias=False), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2, bias=False), "
        "nn.LayerNorm(2))");
  CHECK(guess_of({{"0.weight", {4, 3}}, {"1.weight", {1}}, {"2.weight", {2, 4}}}) ==
        "nn.Sequential(nn.Linear(3, 4, bias=False), nn.PReLU(), nn.Linear(4, 2, bias=False))");
}

TEST_CASE("the numbers of an nn.Sequential leave room for Dropout") {
  CHECK(guess_of({{"net.0.weight", {4, 3}}, {"net.3.weight", {2, 4}}}) ==
        "nn.Sequential(nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Dropout(), nn.Linear(4, 2, bias=False))");
}

TEST_CASE("where names speak against the guess it comes with a map") {
  CHECK(guess_of({{"0.weight", {3, 3}}, {"1.weight", {3, 3}}, {"2.weight", {3, 3}}}) ==
        "nn.Sequential(nn.Linear(3, 3, bias=False), nn.ReLU(), nn.Linear(3, 3, bias=False), nn.ReLU(), nn.Linear(3, 3, "
        "bias=False)) 0=0 2=1 4=2");
}

TEST_CASE("a map names tensors whatever is in their names") {
  CHECK(format::map_text({{"0", "a,b"}, {"2", "c=\\"}}) == R"(0=a\,b,2=c\=\\)");
  const std::string net = "nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))";
  const std::vector<std::pair<std::string, Shape>> shapes = {
      {"a,=b.weight", {3, 3}}, {"a,=b.bias", {3}}, {"c.weight", {3, 3}}, {"c.bias", {3}}};
  CHECK(has(load_failure(safetensors_file(of_shapes(shapes)), with(net)), R"((--map) is 0=a\,\=b,1=c)"));
}

TEST_CASE("no guess names what stands against it") {
  CHECK(guess_of({{"conv.weight", {8, 3, 3, 3}}}) ==
        "none: 'conv.weight' [8, 3, 3, 3] does not look like a part of Linear, BatchNorm1d, LayerNorm or PReLU");
  CHECK(guess_of({{"encoder.attention.query.weight", {4, 4}}, {"out.weight", {2, 4}}}) ==
        "none: 'encoder.attention.query' is no dense layer, by its name: lamina runs no transformers, convolutions or "
        "recurrent networks");
  CHECK(guess_of({{"a.weight", {3, 2}}, {"b.weight", {5, 2}}}) == "none: their sizes form no single chain of layers");
  CHECK(guess_of({{"a.weight", {3, 3}}, {"b.weight", {3, 4}}, {"c.weight", {3, 3}}}) ==
        "none: their sizes form no single chain of layers");
}

TEST_CASE("the parts of a transformer are no networks of their own") {
  const std::string message = load_failure(safetensors_file(of_shapes({{"embeddings.words.weight", {10, 4}},
                                                                       {"encoder.0.attention.query.weight", {4, 4}},
                                                                       {"encoder.0.attention.key.weight", {4, 4}},
                                                                       {"pooler.dense.weight", {4, 4}},
                                                                       {"classifier.weight", {2, 4}}})));
  CHECK(has(message, "give its architecture (--arch)"));
  CHECK_FALSE(message.find("networks") != std::string::npos);
}

TEST_CASE("several networks in one file get a guess with a prefix each") {
  const std::vector<std::pair<std::string, Shape>> shapes = {{"actor.0.weight", {4, 3}},
                                                             {"actor.2.weight", {2, 4}},
                                                             {"critic.0.weight", {4, 3}},
                                                             {"critic.2.weight", {1, 4}},
                                                             {"log_std", {2}}};
  const std::string file = safetensors_file(of_shapes(shapes));
  LoadOptions options;
  try {
    (void)load(file);
    FAIL("loaded");
  } catch (const Error& error) {
    CHECK(has(error.what(), "it seems to hold 2 networks, of which --prefix picks one"));
    REQUIRE(error.problems().size() == 7);
    CHECK(has(error.problems()[5], "--prefix actor. --arch 'nn.Sequential(nn.Linear(3, 4, bias=False), "));
    CHECK(has(error.problems()[6], "--prefix critic. --arch '"));
  }
  options.prefix = "critic";
  CHECK(has(load_failure(file, options),
            "a guess from the shapes, where the activations are unknown: --prefix critic. "));
  options.architecture = "nn.Sequential(nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Linear(4, 1, bias=False))";
  CHECK(load(file, options).layers.size() == 3);
}

TEST_CASE("networks are found below a name that they share with other tensors") {
  const std::string file = safetensors_file(of_shapes({{"policy.log_std", {2}},
                                                       {"policy.mu.weight", {2, 4}},
                                                       {"policy.qf.0.0.weight", {4, 3}},
                                                       {"policy.qf.0.2.weight", {1, 4}},
                                                       {"policy.qf.1.0.weight", {4, 3}},
                                                       {"policy.qf.1.2.weight", {1, 4}}}));
  try {
    (void)load(file);
    FAIL("loaded");
  } catch (const Error& error) {
    REQUIRE(error.problems().size() == 8);
    CHECK(has(error.problems()[6], "--prefix policy.qf.0. --arch '"));
    CHECK(has(error.problems()[7], "--prefix policy.qf.1. --arch '"));
  }
}

TEST_CASE("a name that is more than a word to a shell is quoted in the flags") {
  const std::string file = safetensors_file(of_shapes({{"a;b'$(x).0.weight", {4, 3}}, {"c.0.weight", {4, 3}}}));
  CHECK(failure([&] { (void)load(file); }) != "no error");
  try {
    (void)load(file);
  } catch (const Error& error) {
    REQUIRE(error.problems().size() == 4);
    CHECK(has(error.problems()[2], "--prefix 'a;b'\\''$(x).' --arch 'nn.Sequential("));
  }
}

TEST_CASE("golden vectors are no weights, and come in pairs") {
  std::vector<format::NamedTensor> tensors = kTensors;
  tensors.emplace_back("lamina.golden.input", Tensor({1, 1}, {2}));
  CHECK(has(load_failure(safetensors_file(tensors), with(kText)),
            "golden vectors: expected both lamina.golden.input and lamina.golden.output, got one of them"));
  tensors.emplace_back("lamina.golden.output", Tensor({1, 2}, {0, 0}));
  const model::Network network = load(safetensors_file(tensors), with(kText));
  REQUIRE(network.golden.has_value());
  CHECK(network.golden->input == Tensor({1, 1}, {2}));
  tensors.back().second = Tensor({1, 3});
  CHECK(has(load_failure(safetensors_file(tensors), with(kText)),
            "golden vectors: row of output: expected [2], got [3]"));
}

TEST_CASE("read_contents gives bare tensors without an architecture") {
  const std::string file = safetensors_file(kTensors);
  const format::Contents contents = format::read_contents(base::ByteSource::over(as_bytes(file)), {});
  CHECK(contents.tensors == kTensors);
}

TEST_CASE("a file beyond the limit is not read") {
  LoadOptions options = with(kText);
  options.limits.file_bytes = 10;
  CHECK(load_failure(safetensors_file(kTensors), options)
            .starts_with("limit_exceeded: file: size: expected at most 10 bytes, got "));
}

TEST_CASE("weights that break a rule of their layer are refused after binding") {
  const std::string file = safetensors_file({{"0.weight", Tensor({1}, {1})},
                                             {"0.bias", Tensor({1}, {1})},
                                             {"0.running_mean", Tensor({1}, {1})},
                                             {"0.running_var", Tensor({1}, {-1})}});
  CHECK(has(load_failure(file, with("nn.Sequential(nn.BatchNorm1d(1))")), "layer '0' (BatchNorm1d)"));
}

TEST_CASE("foreign bytes are named") {
  using namespace std::string_literals;
  CHECK(load_failure("") == "truncated: is empty");
  CHECK(has(load_failure("GGUF\3\0\0\0"s), "a GGUF file"));
  CHECK(has(load_failure("\x93NUMPY\1\0"s), "an array file (npy)"));
  CHECK(has(load_failure("\x1c\0\0\0TFL3"s), "a TensorFlow Lite model"));
  CHECK(has(load_failure("\x1f\x8b\x08"s), "compressed with gzip"));
  CHECK(has(load_failure("version https://git-lfs.github.com/spec/v1\n"), "run git lfs pull"));
  CHECK(has(load_failure("<!DOCTYPE html>\n<html>"), "a page in HTML"));
  CHECK(has(load_failure("\x80\x05\x95 pickle"s), "a pickle of Python objects"));
  CHECK(has(load_failure(std::string(257, 'x') + "ustar"), "a tar archive: unpack it first"));
  CHECK(has(load_failure("\x89HDF\r\r\n\x1a\r\n"s), "by a transfer in text mode"));
  CHECK(has(load_failure(std::string(100, '\0')), "it is made of zeros"));
  CHECK(has(load_failure("\x08\x01\x12\x90\x01\x0a\x20\x12\x05serve"s), "a SavedModel of TensorFlow"));
  CHECK(has(load_failure("\x0a\x14\x0a\x05"
                         "dense\x12\x05"
                         "Const....."s),
            "a graph of TensorFlow"));
  CHECK(has(load_failure("\x08\x08\x12\x07pytorch\x3a\xff\x7f\x0a"s),
            "field 7 has 16383 bytes and the file ends after 1: it was cut short"));
  CHECK(has(load_failure(stored_zip({{"a.npy", "x"}})), "arrays of numpy (npz)"));
  CHECK(has(load_failure(R"({"hidden_size": 3})"), "it is JSON, but no network of Keras: a config.json"));
  CHECK(has(load_failure("\x01\x02\x03\x04 nothing at all"s), "no model file that lamina knows (safetensors, "));
  CHECK(load_failure(stored_zip({{"readme.txt", "hello"}})) != "no error");
}

TEST_CASE("text is told apart: an architecture without weights, or anything else") {
  CHECK(has(load_failure(kText), "it is an architecture without weights: give it as the architecture (--arch)"));
  CHECK(has(load_failure("Sequential(\n  (0): Linear(in_features=3, out_features=4, bias=True)\n)\n"),
            "without weights"));
  CHECK(has(load_failure("a,b\n1,2\n"), "it is text: "));
  CHECK(has(load_failure("caf\xc3\xa9"), "it is text: "));
  CHECK(has(load_failure(std::string(4095, 'a') + "\xc3\xa9"), "it is text: "));  // a character cut by the sample
}

TEST_CASE("the table has one name per reader") {
  std::vector<std::string_view> names;
  for (const format::Reader& reader : format::readers()) names.push_back(reader.name);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(std::find(names.begin(), names.end(), "safetensors") != names.end());
}
