// lamina inspect: a model or an architecture -> tables for people, JSON for programs.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <lamina/lamina.hpp>

#include <nlohmann/json.hpp>

namespace lamina::test {
namespace {

TEST_CASE("the table of layers is Keras's, with the PyTorch form behind it where asked for") {
  const Folder folder;
  const std::string path = save_relu_sum(folder / "relu.safetensors");
  const Model model = load(path);
  const std::string table = summary(model);
  CHECK(holds(table, "Total params: 9"));
  CHECK(run_lamina({"inspect", path}).out == table + "\n");
  CHECK(run_lamina({"inspect", path, "--verbose"}).out ==
        table + "\n\n" + to_string(model) + "\n\nEvery parameter: " + architecture(model) + "\n");
}

TEST_CASE("the plan lists steps, kernels and scratch") {
  const Folder folder;
  const std::string path = save_relu_sum(folder / "relu.safetensors");
  const Outcome outcome = run_lamina({"inspect", path, "--plan", "--threads", "1"});
  CHECK(outcome.status == 0);
  const Plan plan = load(path).compile();
  CHECK(holds(outcome.out, "Step  Layers  Operation"));
  CHECK(holds(outcome.out, plan.steps().front().kernel));
  CHECK(holds(outcome.out, "Row block        " + std::to_string(plan.row_block()) + " rows, "));
  CHECK(holds(outcome.out, "Threads          at most 1\n"));
}

TEST_CASE("JSON says the same as the library") {
  const Folder folder;
  const std::string path = save_relu_sum(folder / "relu.safetensors");
  const nlohmann::json json = nlohmann::json::parse(run_lamina({"inspect", path, "--plan", "--json"}).out);
  CHECK(json["input_shape"] == nlohmann::json{2});
  CHECK(json["output_shape"] == nlohmann::json{3});
  CHECK(json["parameters"] == 9);
  CHECK(json["layers"].size() == 2);
  CHECK(json["layers"][0] == nlohmann::json{{"name", "0"},
                                            {"type", "Linear"},
                                            {"description", "Linear(in_features=2, out_features=3, bias=True)"},
                                            {"output_shape", {3}},
                                            {"parameters", 9}});
  CHECK(json["architecture"] == to_string(load(path)));
  const Plan plan = load(path).compile({.threads = 0});
  CHECK(json["plan"]["instruction_set"] == to_string(plan.isa()));
  CHECK(json["plan"]["threads"] == plan.threads());
  CHECK(json["plan"]["scratch_bytes"] == plan.workspace_bytes());
  CHECK(json["plan"]["steps"].size() == 1);
  CHECK(json["plan"]["steps"][0]["layers"] == "0+1");
  CHECK_FALSE(nlohmann::json::parse(run_lamina({"inspect", path, "--json"}).out).contains("plan"));
}

TEST_CASE("a model that works over the batch has no fixed scratch") {
  const Folder folder;
  const std::string path = save_coupled(folder / "coupled.safetensors");
  const nlohmann::json json = nlohmann::json::parse(run_lamina({"inspect", path, "--plan", "--json"}).out);
  CHECK(json["plan"]["batch_coupled"] == true);
  CHECK(json["plan"]["scratch_bytes"].is_null());
  CHECK(holds(run_lamina({"inspect", path, "--plan"}).out, "all rows at once"));
}

TEST_CASE("an architecture is enough: its weights are drawn") {
  const Outcome outcome = run_lamina({"inspect", "--arch", "nn.Sequential(nn.Linear(784, 10), nn.ReLU())", "--plan"});
  CHECK(outcome.status == 0);
  CHECK(holds(outcome.out, "Total params: 7,850"));
  const std::string open = "nn.Sequential(nn.ReLU())";
  CHECK(fails(run_lamina({"inspect", "--arch", open, "--plan", "--format", "text"}), 1, "input_shape"));
  CHECK(run_lamina({"inspect", "--arch", open, "--plan", "--input-shape", "4x4"}).status == 0);
}

TEST_CASE("--input-shape fills the table too") {
  const std::string open = "nn.Sequential(nn.ReLU(), nn.Flatten())";
  CHECK(holds(run_lamina({"inspect", "--arch", open}).out, "?"));
  CHECK(holds(run_lamina({"inspect", "--arch", open, "--input-shape", "4x5"}).out, "(None, 20)"));
  CHECK(fails(run_lamina({"inspect", "--arch", kSumText, "--input-shape", "3"}), 1, "layer '0' (Linear)"));
}

TEST_CASE("verbose says the defaults that a text leaves out") {
  const std::string text = "nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.LeakyReLU())";
  const std::string out = run_lamina({"inspect", "--arch", text, "--verbose"}).out;
  CHECK(holds(out, "negative_slope=0.01"));
  CHECK(holds(out, "eps=1e-05"));
}

TEST_CASE("a bare file's listing ends with flags that read it") {
  const Folder folder;
  const std::string path = save_tensors_only(folder / "weights.safetensors");
  const Outcome outcome = run_lamina({"inspect", path});
  CHECK(holds(outcome.out, "'fc1.weight' [3, 2] F32\n'fc1.bias' [3] F32\na guess from the shapes"));
  const std::size_t begin = outcome.out.find("--arch '") + 8;
  const std::string guess = outcome.out.substr(begin, outcome.out.rfind('\'') - begin);
  CHECK(guess == kSumText);
  CHECK(run_lamina({"inspect", path, "--arch", guess}).status == 0);
}

TEST_CASE("a config.json gives the arguments that a class asks for") {
  const Folder folder;
  const std::string text = folder.put("net.py",
                                      "from huggingface_hub import PyTorchModelHubMixin\n"
                                      "class Net(nn.Module, PyTorchModelHubMixin, license='mit'):\n"
                                      "    def __init__(self, width, bias=True):\n"
                                      "        super().__init__()\n"
                                      "        self.fc1 = nn.Linear(width, 3, bias=bias)\n"
                                      "    def forward(self, x):\n"
                                      "        return self.fc1(x)\n");
  const auto inspect = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"inspect", "--arch", "@" + text});
    return run_lamina(arguments);
  };
  const std::string config =
      folder.put("config.json", R"({"width": 5, "bias": false, "name": "x", "other": {"a": 1}})");
  CHECK(holds(inspect({"--arg", "@" + config}).out, "Total params: 15"));
  CHECK(holds(inspect({"--arg", "@" + config, "--arg", "width=4"}).out, "Total params: 12"));
  CHECK(fails(inspect({"--arg", "@" + folder.put("list.json", "[1]").string()}), 1, "configuration: "));
  const std::string whole =
      folder.put("whole.py",
                 "class Net(nn.Module):\n"
                 "    def __init__(self, config: NetConfig):\n"
                 "        super().__init__()\n"
                 "        self.config = config\n"
                 "        self.fc1 = nn.Linear(config.width, self.config.width, bias=config.bias)\n"
                 "    def forward(self, x):\n"
                 "        return self.fc1(x)\n");
  CHECK(holds(run_lamina({"inspect", "--arch", "@" + whole, "--arg", "@" + config}).out, "Total params: 25"));
  CHECK(fails(run_lamina({"inspect", "--arch", "@" + whole}), 1, "argument 'config' of Net has no value"));
  CHECK(fails(inspect({"--arg", "@" + config, "--arg", "@" + config}), 2, "expected one @FILE"));
}

TEST_CASE("arguments of class text come from the command line") {
  const Folder folder;
  const std::string text = folder.put("net.py",
                                      "class Net(nn.Module):\n"
                                      "    def __init__(self, width):\n"
                                      "        super().__init__()\n"
                                      "        self.fc1 = nn.Linear(width, 3)\n"
                                      "    def forward(self, x):\n"
                                      "        return self.fc1(x)\n");
  CHECK(holds(run_lamina({"inspect", "--arch", "@" + text, "--arg", "width=5"}).out, "Total params: 18"));
  CHECK(fails(run_lamina({"inspect", "--arch", "@" + text}), 1, "net.py"));
}

TEST_CASE("tensors without an architecture are listed beside the error") {
  const Folder folder;
  const std::string path = save_tensors_only(folder / "weights.safetensors");
  const Outcome outcome = run_lamina({"inspect", path});
  CHECK(outcome.status == 1);
  CHECK(holds(outcome.err, "--arch"));
  CHECK(holds(outcome.out, "fc1.weight"));
  CHECK(holds(outcome.out, "[3, 2]"));
  CHECK(holds(outcome.out, "fc1.bias"));
  const nlohmann::json json = nlohmann::json::parse(run_lamina({"inspect", path, "--json"}).out);
  CHECK(json["error"]["problems"].size() >= 2);
}

}  // namespace
TEST_CASE("rows that the first layers ask for and a later one does not take are told") {
  const std::string out =
      run_lamina({"inspect", "--arch", "nn.Sequential(nn.Linear(3, 4), nn.Flatten(), nn.Linear(20, 2))"}).out;
  CHECK(holds(out, "note: rows of shape [3] do not pass: layer '2' (Linear): "));
  CHECK(holds(out, "another shape is given with --input-shape"));
}

}  // namespace lamina::test
