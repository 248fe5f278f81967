// Whole modules of torch.nn: hyper-parameters, weights, nesting, and every way in which they can be wrong.
// SPDX-License-Identifier: Apache-2.0
#include "format/torch_reading.hpp"
#include "format/torch_writer.hpp"
#include "model/print.hpp"
#include "support/catch.hpp"

#include <functional>
#include <limits>
#include <vector>

using namespace lamina;
using namespace lamina::test;
using format::Contents;

TEST_CASE("modules: hyper-parameters come from their attributes, in both containers") {
  for (const bool legacy : {false, true}) {
    TorchWriter writer(legacy);
    writer.sequential([](TorchWriter& w) {
      w.text("fc").linear({1, 2, 3, 4, 5, 6}, {7, 8});
      w.text("act").plain_module("activation", "LeakyReLU", [](TorchWriter& a) {
        a.text("negative_slope").real(0.25).text("inplace").boolean(true);
      });
      w.text("drop").plain_module("dropout", "Dropout2d",
                                  [](TorchWriter& a) { a.text("p").real(0.5).text("inplace").boolean(false); });
      w.text("inner").sequential([](TorchWriter& i) {
        i.text("0").plain_module("activation", "Softmax", [](TorchWriter& a) { a.text("dim").none(); });
      });
    });
    const Contents contents = read(writer.file());
    REQUIRE(contents.network);
    CHECK(model::torch_repr(*contents.network) ==
          "Sequential(\n"
          "  (fc): Linear(in_features=3, out_features=2, bias=True)\n"
          "  (act): LeakyReLU(negative_slope=0.25, inplace=True)\n"
          "  (drop): Dropout2d(p=0.5, inplace=False)\n"
          "  (inner): Sequential(\n"
          "    (0): Softmax(dim=None)\n"
          "  )\n"
          ")");
    CHECK(values(std::get<model::Linear>(contents.network->layers[0].op).weight) ==
          std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(values(std::get<model::Linear>(contents.network->layers[0].op).bias) == std::vector<float>{7, 8});
  }
}

TEST_CASE("one module object used twice is two layers") {
  const Contents contents = read(torch_file([](TorchWriter& w) {
    w.sequential([](TorchWriter& s) {
      s.text("0").plain_module("activation", "Tanh").put(1).text("1").linear({2}, {3}).text("2").get(1);
    });
  }));
  REQUIRE(contents.network->layers.size() == 3);
  CHECK(contents.network->layers[0].op == contents.network->layers[2].op);
}

TEST_CASE("a lone layer is read as a Sequential of it, and a module may sit in a checkpoint") {
  const Contents lone = read(torch_file([](TorchWriter& w) { w.linear({2}, {3}); }));
  REQUIRE(lone.network);
  CHECK(lone.network->layers.size() == 1);
  CHECK(notes_contain(lone.network->notes, "one layer alone"));
  const Contents wrapped = read(dict_file([](TorchWriter& w) {
    w.text("epoch").integer(1).text("model").sequential([](TorchWriter& s) { s.text("0").linear({2}, {3}); });
  }));
  REQUIRE(wrapped.network);
  CHECK(notes_contain(wrapped.notes, "'model'"));
}

TEST_CASE("attributes that a torch version did not have yet get their defaults, with a note") {
  const Contents contents = read(torch_file(
      [](TorchWriter& w) { w.sequential([](TorchWriter& s) { s.text("0").plain_module("activation", "GELU"); }); }));
  CHECK(notes_contain(contents.network->notes, "no attribute approximate, assumed 'none'"));
}

TEST_CASE("torch 0.x: modules as persistent ids, the backend, and what ReLU inherited from Threshold") {
  const Contents contents = read(torch_file([](TorchWriter& w) {
    w.mark().text("module").global("torch.nn.modules.activation", "ReLU").text("activation.py").text("class ReLU");
    w.tuple().op("Q)\x81").dict().mark().text("_backend");
    w.global("torch.nn.backends.thnn", "_get_thnn_function_backend").op(")").reduce();
    w.empty({"_parameters", "_buffers", "_modules"}).text("training").boolean(true);
    w.text("threshold").integer(0).text("value").integer(0).text("inplace").boolean(false).end_module();
  }));
  CHECK(model::torch_repr(contents.network->layers[0]) == "ReLU()");
  CHECK(notes_contain(contents.network->notes, "training mode"));
}
TEST_CASE("T-25, T-37: what a module says beyond what lamina knows is refused") {
  const auto module = [](std::string_view file, std::string_view name,
                         const std::function<void(TorchWriter&)>& attributes) {
    return sequential_file([&](TorchWriter& w) { w.text("0").plain_module(file, name, attributes); });
  };
  refused(module("activation", "ReLU", [](TorchWriter& w) { w.text("scale").real(2); }), "unsupported_feature",
          "'scale'");
  refused(module("activation", "Tanh", [](TorchWriter& w) { w.text("_hooks").dict().integer(0).none().op("s"); }),
          "unsupported_feature", "'_hooks'");
  CHECK(error_of(module("activation", "Tanh", [](TorchWriter& w) {
          w.text("a").none().text("b").boolean(false).text("c").dict().text("d").op(")").text("e").op("]").text("f").op(
              "\x8f");
        })) == "no error");
  refused(module("activation", "ELU", [](TorchWriter& w) { w.text("alpha").text("x"); }), "malformed", "a number");
  refused(module("activation", "ELU",
                 [](TorchWriter& w) { w.text("alpha").real(std::numeric_limits<double>::quiet_NaN()); }),
          "invalid_argument", "'0'");
  refused(module("activation", "Threshold", [](TorchWriter& w) { w.text("value").real(1); }), "malformed",
          "'threshold' is missing");
  refused(module("activation", "GELU", [](TorchWriter& w) { w.text("approximate").text("erf"); }), "malformed",
          "'none' or 'tanh'");
  refused(module("activation", "GELU", [](TorchWriter& w) { w.text("approximate").none(); }), "malformed", "a string");
  refused(module("activation", "ReLU", [](TorchWriter& w) { w.text("inplace").integer(1); }), "malformed",
          "True or False");
  refused(module("activation", "ReLU", [](TorchWriter& w) { w.text("threshold").real(0.5); }), "unsupported_feature",
          "threshold has been changed");
  refused(module("activation", "ReLU6", [](TorchWriter& w) { w.text("max_val").real(5); }), "unsupported_feature",
          "max_val has been changed");
  refused(module("activation", "GLU", [](TorchWriter& w) { w.text("dim").real(1); }), "malformed", "an integer");
  refused(module("normalization", "LayerNorm", [](TorchWriter& w) { w.text("normalized_shape").text("x"); }),
          "malformed", "a tuple");
  refused(module("normalization", "LayerNorm",
                 [](TorchWriter& w) {
                   w.text("normalized_shape").integers({1, 1, 1, 1, 1, 1, 1, 1, 1});
                 }),
          "limit_exceeded", "8 dimensions");
  refused(module("batchnorm", "BatchNorm1d",
                 [](TorchWriter& w) {
                   w.text("num_features").integer(2).text("eps").real(1e-5).text("affine").boolean(false);
                   w.text("track_running_stats").boolean(false);
                 }),
          "unsupported_feature", "track_running_stats=False");
  refused(module("batchnorm", "BatchNorm1d",
                 [](TorchWriter& w) {
                   w.text("num_features").integer(2).text("eps").real(1e-5).text("affine").boolean(true);
                 }),
          "malformed", "affine and weight disagree");
  refused(module("linear", "Linear",
                 [](TorchWriter& w) { w.text("in_features").integer(1).text("out_features").integer(1); }),
          "missing_weight", "weight is missing");
}

TEST_CASE("tensors of a module must be those that its layer takes, in their shapes") {
  const auto linear = [](std::int64_t in, const std::function<void(TorchWriter&)>& parameters) {
    return sequential_file([&](TorchWriter& w) {
      w.text("fc")
          .begin_module("linear", "Linear")
          .empty({"_buffers", "_modules"})
          .text("_parameters")
          .ordered_dict()
          .mark();
      parameters(w);
      w.items().text("in_features").integer(in).text("out_features").integer(1).end_module();
    });
  };
  const auto weight = [](TorchWriter& w) -> TorchWriter& { return w.text("weight").floats({1, 2}, {1, 2}); };
  CHECK(error_of(linear(2, [&](TorchWriter& w) { weight(w).text("bias").none(); })) == "no error");
  refused(linear(3, [&](TorchWriter& w) { weight(w); }), "shape_mismatch", "[1, 3], got [1, 2]");
  refused(linear(2, [&](TorchWriter& w) { weight(w).text("more").floats({1}, {1}); }), "extra_weight", "'more'");
  refused(linear(2, [&](TorchWriter& w) { w.text("weight").none(); }), "missing_weight", "weight is missing");
  refused(linear(2, [&](TorchWriter& w) { w.text("weight").integer(1); }), "malformed", "a tensor");
  refused(linear(-2, [&](TorchWriter& w) { weight(w); }), "shape_mismatch", "fc");
  refused(sequential_file([](TorchWriter& w) {
            w.add("i", "LongStorage", 1, little_endian(1, 8)).text("p").begin_module("activation", "PReLU");
            w.empty({"_buffers", "_modules"}).text("_parameters").dict().text("weight").view("i", 0, {1}, {1}).op("s");
            w.text("num_parameters").integer(1).end_module();
          }),
          "dtype", "int64");
}

TEST_CASE("modules are modules, with names") {
  refused(sequential_file([](TorchWriter& w) { w.text("0").none(); }), "malformed", "expected a module, got None");
  refused(sequential_file([](TorchWriter& w) { w.text("").plain_module("activation", "Tanh"); }), "malformed",
          "module name");
  refused(sequential_file([](TorchWriter& w) { w.text("a.b").plain_module("activation", "Tanh"); }), "malformed",
          "without dots");
  refused(sequential_file([](TorchWriter& w) { w.integer(0).plain_module("activation", "Tanh"); }), "malformed",
          "module name");
  refused(
      sequential_file([](TorchWriter& w) { w.text("0").global("torch.nn.modules.activation", "Tanh").op(")\x81"); }),
      "malformed", "module without attributes");
  refused(sequential_file([](TorchWriter& w) {
            w.text("0").global("torch.nn.modules.activation", "Tanh").op(")\x81").dict().op("b");
          }),
          "malformed", "'_modules' is missing");
  LoadOptions options;
  options.limits.layers = 1;
  refused(sequential_file([](TorchWriter& w) {
            w.text("0").plain_module("activation", "Tanh").text("1").plain_module("activation", "Tanh");
          }),
          "limit_exceeded", "more than 1 layers", options);
  refused(sequential_file([](TorchWriter& w) {
            w.text("0").begin_module("activation", "Tanh").empty({"_parameters", "_buffers"});
            w.text("_modules").dict().text("x").plain_module("activation", "Tanh").op("s").end_module();
          }),
          "unsupported_feature", "has modules of its own");
}

TEST_CASE("all layers of a module that cannot be read are told at once") {
  const std::string file = sequential_file([](TorchWriter& w) {
    w.text("0").plain_module("activation", "ReLU", [](TorchWriter& a) { a.text("scale").real(2); });
    w.text("1").plain_module("activation", "Tanh");
    w.text("2").plain_module("activation", "GLU", [](TorchWriter& a) { a.text("dim").real(1); });
  });
  try {
    (void)read(file);
    FAIL("loaded");
  } catch (const Error& error) {
    CHECK(error.code() == Errc::unsupported_feature);
    REQUIRE(error.problems().size() == 2);
    CHECK(error.problems()[0].find("layer '0' (ReLU): ") != std::string::npos);
    CHECK(error.problems()[1].find("layer '2' (GLU): ") != std::string::npos);
  }
}
