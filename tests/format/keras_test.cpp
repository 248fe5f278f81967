// Files as Keras 1, 2 and 3 lay them out -> Keras's answers, whichever way the weights are named.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras_reading.hpp"
#include "format/zip_writer.hpp"
#include "support/folder.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace {

using namespace lamina;
using namespace lamina::test;

std::vector<float> golden_floats(const std::string& name) {
  const std::string bytes = golden(name);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

void check_close(const std::vector<float>& y, const std::vector<float>& expected) {
  REQUIRE(y.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double error = std::abs(double{y[i]} - double{expected[i]});
    worst = std::max(worst, error / (1e-6 + 1e-5 * std::abs(double{expected[i]})));
  }
  CHECK(worst <= 1);
}

Tensor weight(const Model& model, const std::string& name) {
  for (const auto& [key, tensor] : model.state_dict()) {
    if (key == name) return tensor;
  }
  FAIL("no tensor " << name);
  return {};
}

bool notes_contain(const Model& model, std::string_view part) {
  return std::any_of(model.notes().begin(), model.notes().end(),
                     [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("one network in every form gives the answers of Keras") {
  const std::vector<float> x = golden_floats("x.f32");
  for (const std::string file : {"legacy2.h5", "legacy3.h5", "archive.keras", "archive_new.keras"}) {
    INFO(file);
    check_close(answers(load_bytes(golden(file)), x), golden_floats(file == "legacy2.h5" ? "y2.f32" : "y3.f32"));
  }
}

TEST_CASE("the weights are those of the file, to the bit, and kernels are transposed") {
  const Model archive = load_bytes(golden("archive.keras"));
  CHECK(archive.state_dict() == load_bytes(golden("legacy3.h5")).state_dict());
  CHECK(archive.state_dict() == load_bytes(golden("legacy2.h5")).state_dict());
  Hdf5Tree weights;
  put_dense(weights, "layers/dense", 3, 2);
  const Model model = load_bytes(archive_of(model_json(3, dense_json("d", 2)), weights));
  CHECK(weight(model, "d.weight") == Tensor({2, 3}, {1, 3, 5, 2, 4, 6}));
  CHECK(weight(model, "d.bias") == Tensor({2}, {1, 1}));
}

TEST_CASE("what lamina saves of a Keras model is that model") {
  const Folder folder;
  for (const std::string file : {"legacy2.h5", "legacy3.h5", "archive.keras"}) {
    INFO(file);
    const Model model = load_bytes(golden(file));
    save(model, folder / "model.safetensors");
    const Model again = load(folder / "model.safetensors");
    CHECK(again == model);
    CHECK(answers(again, golden_floats("x.f32")) == answers(model, golden_floats("x.f32")));
  }
}

TEST_CASE("notes say who saved the file and what was left aside") {
  const Model model = load_bytes(golden("archive.keras"));
  CHECK(notes_contain(model, "saved by Keras 3.9.2"));
  CHECK(notes_contain(model, "state of the training was left aside: optimizer"));
}

TEST_CASE("an archive that another program has compressed is the same") {
  Hdf5Tree weights;
  put_dense(weights, "layers/dense", 3, 2);
  const std::string config = model_json(3, dense_json("d", 2));
  const std::string deflated = zip_of({{.name = "assets/", .content = ""},
                                       {.name = "config.json", .content = config, .method = 8},
                                       {.name = "assets/words.txt", .content = "a b", .method = 8},
                                       {.name = "model.weights.h5", .content = weights.file(), .method = 8},
                                       {.name = "metadata.json", .content = version_json("3.0.0"), .method = 8}});
  const Model model = load_bytes(deflated);
  CHECK(model.state_dict() == load_bytes(archive_of(config, weights)).state_dict());
  CHECK(notes_contain(model, "'assets/words.txt' of the archive was left aside"));
}

TEST_CASE("groups are found under each of the names that Keras has given them") {
  const std::string config = model_json(2, dense_json("a", 2) + "," + dense_json("b", 2) + "," + dense_json("c", 2));
  for (const auto& [prefix, step] : {std::pair{"layers/dense", 1},
                                     {"_layer_checkpoint_dependencies/dense", 2},
                                     {"layers\\dense", 1},
                                     {"_layer_checkpoint_dependencies\\dense", 2}}) {
    INFO(prefix);
    Hdf5Tree weights;
    for (int i = 2; i >= 0; --i) {
      put_dense(weights, prefix + (i == 0 ? std::string() : "_" + std::to_string(i * step)), 2, 2,
                static_cast<float>(i + 1));
    }
    weights.at("metrics/mean/vars").data("0", {}, {1});
    weights.at("optimizer\\vars").data("0", {}, {1});
    const Model model = load_bytes(archive_of(config, weights, "2.13.1"));
    CHECK(weight(model, "a.bias") == Tensor({2}, {1, 1}));
    CHECK(weight(model, "b.bias") == Tensor({2}, {2, 2}));
    CHECK(weight(model, "c.bias") == Tensor({2}, {3, 3}));
  }
}

TEST_CASE("groups are taken by number, of which ten comes after nine, and classes count apart") {
  std::string layers;
  Hdf5Tree weights;
  for (int i = 0; i < 12; ++i) {
    layers += (i == 0 ? "" : ",") + dense_json("d" + std::to_string(i), 2) + "," +
              layer_json("PReLU", "p" + std::to_string(i));
    const std::string suffix = i == 0 ? std::string() : "_" + std::to_string(2 * i + 1);  // never the expected number
    put_dense(weights, "layers/dense" + suffix, 2, 2, static_cast<float>(i));
    weights.data("layers/p_re_lu" + suffix + "/vars/0", {2}, {static_cast<float>(i), 0});
  }
  const Model model = load_bytes(archive_of(model_json(2, layers), weights));
  for (int i = 0; i < 12; ++i) {
    const auto number = static_cast<float>(i);
    CHECK(weight(model, "d" + std::to_string(i) + ".bias") == Tensor({2}, {number, number}));
    CHECK(weight(model, "p" + std::to_string(i) + ".weight") == Tensor({2}, {number, 0}));
  }
}

TEST_CASE("nested models are found by their own counters, with backslashes as well") {
  const auto inner = [](const std::string& name, const std::string& dense) {
    return R"({"class_name": "Sequential", "config": {"name": ")" + name + R"(", "layers": [)" + dense_json(dense, 2) +
           "]}}";
  };
  const std::string config = model_json(2, inner("s", "x") + "," + dense_json("d", 2) + "," + inner("t", "x"));
  for (const std::string separator : {"/", "\\"}) {
    Hdf5Tree weights;
    const std::string layers = "layers" + separator, nested = separator + "layers" + separator + "dense";
    put_dense(weights, layers + "sequential" + nested, 2, 2, 1);
    put_dense(weights, layers + "dense", 2, 2, 2);
    put_dense(weights, layers + "sequential_1" + nested, 2, 2, 3);
    weights.at(layers + "sequential/vars");
    const Model model = load_bytes(archive_of(config, weights));
    CHECK(weight(model, "s.x.bias") == Tensor({2}, {1, 1}));
    CHECK(weight(model, "d.bias") == Tensor({2}, {2, 2}));
    CHECK(weight(model, "t.x.bias") == Tensor({2}, {3, 3}));
  }
}

TEST_CASE("a Normalization takes its numbers from the weights, or from the config that has them") {
  const auto norm = [](const std::string& numbers) {
    return layer_json("Normalization", "n", ", \"axis\": -1" + numbers);
  };
  Hdf5Tree weights;
  weights.data("layers/normalization/vars/0", {2}, {1, 2}).data("layers/normalization/vars/1", {2}, {4, 0});
  weights.data("layers/normalization/vars/2", {}, {9});
  const Model adapted = load_bytes(archive_of(model_json(2, norm("")), weights));
  CHECK(weight(adapted, "n.shift") == Tensor({2}, {1, 2}));
  CHECK(weight(adapted, "n.scale") == Tensor({2}, {2, 1e-7F}));
  const Model given = load_bytes(archive_of(model_json(2, norm(R"(, "mean": [1, 2], "variance": [4, 9])")),
                                            Hdf5Tree().data("optimizer", {}, {1})));
  CHECK(weight(given, "n.scale") == Tensor({2}, {2, 3}));
  Hdf5Tree one;
  one.data("layers/normalization/vars/0", {1}, {5}).data("layers/normalization/vars/1", {1}, {4});
  CHECK(weight(load_bytes(archive_of(model_json(1, norm("")), one)), "n.shift") == Tensor(Shape{}, {5}));
}

TEST_CASE("Keras's version decides what a name means") {
  Hdf5Tree weights;
  put_dense(weights, "layers/dense", 1, 1);
  const std::string config = model_json(1, dense_json("d", 1, R"(, "activation": "hard_sigmoid")"));
  CHECK(answers(load_bytes(archive_of(config, weights, "2.15.0")), {1})[0] == Approx(0.2 * 2 + 0.5));
  CHECK(answers(load_bytes(archive_of(config, weights, "3.0.1")), {1})[0] == Approx((2.0 + 3) / 6));
}
