// lamina run: rows of any format -> the model's answers in any format.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <nlohmann/json.hpp>

namespace lamina::test {
namespace {

const std::string kTwoRows = "1,2\n-4,0.25\n";
const std::string kTwoAnswers = "1.5,2,2\n-3.5,0.25,-4.75\n";

std::string npy_rows(const std::string& shape, std::initializer_list<float> values) {
  return npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", float_bytes(values));
}

struct Sum {
  Folder folder;
  std::string model = save_sum(folder / "sum.safetensors");

  [[nodiscard]] Outcome answer(const std::string& name, const std::string& content,
                               std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"run", model, "-i", folder.put(name, content)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_lamina(arguments);
  }
};

TEST_CASE("answers come as csv on stdout, whatever the form of the rows") {
  const Sum sum;
  CHECK(sum.answer("x.csv", kTwoRows).out == kTwoAnswers);
  CHECK(sum.answer("x.npy", npy_rows("(2, 2)", {1, 2, -4, 0.25f})).out == kTwoAnswers);
  CHECK(sum.answer("x.json", "[[1, 2], [-4, 0.25]]").out == kTwoAnswers);
  CHECK(sum.answer("x.jsonl", "[1, 2]\n[-4, 0.25]\n").out == kTwoAnswers);
  const std::string x = sum.folder.put("x.csv", kTwoRows);
  CHECK(launch({{"run", sum.model}, x}).out == kTwoAnswers);
  CHECK(launch({{"run", sum.model, "-i", "-"}, x}).out == kTwoAnswers);
}

TEST_CASE("--format beats the suffix of Y, which beats csv") {
  const Sum sum;
  const std::string y = sum.folder / "y.json", json = "[[1.5,2,2],\n[-3.5,0.25,-4.75]]\n";
  CHECK(sum.answer("x.csv", kTwoRows, {"--json"}).out == json);
  CHECK(sum.answer("x.csv", kTwoRows, {"--format", "jsonl"}).out == "[1.5,2,2]\n[-3.5,0.25,-4.75]\n");
  CHECK(sum.answer("x.csv", kTwoRows, {"-o", y}).out.empty());
  CHECK(content_of(y) == json);
  CHECK(sum.answer("x.csv", kTwoRows, {"-o", y, "--format", "csv"}).status == 0);
  CHECK(content_of(y) == kTwoAnswers);
  CHECK(sum.answer("x.csv", kTwoRows, {"-o", sum.folder / "y.npy"}).status == 0);
  const std::string npy = content_of(sum.folder / "y.npy");
  CHECK(holds(npy, "(2, 3)"));
  CHECK(npy.substr(npy.size() - 24) == float_bytes({1.5f, 2, 2, -3.5f, 0.25f, -4.75f}));
}

TEST_CASE("non-finite answers are null in JSON and spelled out in csv") {
  const Sum sum;
  const std::string x = "nan,1\ninf,2\n";
  CHECK(fails(sum.answer("x.csv", x, {"--no-header"}), 1, "x.csv"));
  CHECK(sum.answer("x.csv", x, {"--allow-nonfinite", "--no-header"}).out == "nan,nan,nan\ninf,nan,inf\n");
  const Outcome json = sum.answer("x.csv", x, {"--allow-nonfinite", "--no-header", "--json"});
  CHECK(nlohmann::json::parse(json.out)[0][0].is_null());
}

TEST_CASE("columns of a csv are chosen by number and by name") {
  const Sum sum;
  const std::string x = "id;a;b\n7;1;2\n8;-4;0.25\n";
  CHECK(sum.answer("x.csv", x, {"--columns", "2-3", "--separator", ";", "--header"}).out == kTwoAnswers);
  CHECK(sum.answer("x.csv", x, {"--columns", "a,b", "--separator", ";"}).out == kTwoAnswers);
  CHECK(sum.answer("x.csv", "a,b\n" + kTwoRows).out == kTwoAnswers);
  CHECK(fails(sum.answer("x.csv", "a,b\n" + kTwoRows, {"--no-header"}), 1, "x.csv: line 1"));
  CHECK(sum.answer("x.csv", "9,9\n" + kTwoRows, {"--header"}).out == kTwoAnswers);
  CHECK(sum.answer("x.csv", "1\t2\n-4\t0.25\n", {"--separator", "tab"}).out == kTwoAnswers);
}

TEST_CASE("rows are taken by their count of numbers, and refused with both shapes") {
  const Sum sum;
  CHECK(sum.answer("x.npy", npy_rows("(2, 1, 2)", {1, 2, -4, 0.25f})).out == kTwoAnswers);
  CHECK(sum.answer("x.npy", npy_rows("(2,)", {1, 2})).out == "1.5,2,2\n");
  CHECK(sum.answer("x.json", "[1, 2]").out == "1.5,2,2\n");
  CHECK(fails(sum.answer("x.npy", npy_rows("(3,)", {1, 2, 3})), 1,
              "x.npy: row 1: shape: expected [2] (2 numbers), got [3] (3 numbers)"));
  CHECK(fails(sum.answer("x.npy", npy_rows("(1, 2, 2)", {1, 2, 3, 4})), 1, "got [2, 2] (4 numbers)"));
  CHECK(fails(sum.answer("x.csv", "1,2\n3\n"), 1, "x.csv: line 2"));
}

TEST_CASE("a list of numbers is a column where a row is one number") {
  const Folder folder;
  const std::string model = save_double(folder / "double.safetensors");
  CHECK(run_lamina({"run", model, "-i", folder.put("x.npy", npy_rows("(3,)", {1, 2, 3}))}).out == "2\n4\n6\n");
  CHECK(run_lamina({"run", model, "-i", folder.put("x.csv", "1\n2\n3\n")}).out == "2\n4\n6\n");
}

TEST_CASE("no rows give an empty answer") {
  const Sum sum;
  const std::string x = npy_rows("(0, 2)", {});
  for (const std::string format : {"csv", "jsonl"}) {
    const Outcome outcome = sum.answer("x.npy", x, {"--format", format});
    CHECK(outcome.status == 0);
    CHECK(outcome.out.empty());
  }
  CHECK(sum.answer("x.npy", x, {"--json"}).out == "[]\n");
  CHECK(sum.answer("x.npy", x, {"--top", "1", "--json"}).out == "[]\n");
  CHECK(sum.answer("x.csv", "a,b\n", {"--header"}).status == 0);
  CHECK(sum.answer("x.npy", x, {"-o", sum.folder / "y.npy"}).status == 0);
  CHECK(holds(content_of(sum.folder / "y.npy"), "(0, 3)"));
}

TEST_CASE("an output file holds the whole answer or what it held before") {
  const Sum sum;
  const std::string y = sum.folder.put("y.csv", "old\n");
  CHECK(fails(sum.answer("x.csv", "1,2\n3,4\n5,x\n", {"-o", y, "--batch", "1"}), 1, "line 3"));
  CHECK(content_of(y) == "old\n");
  CHECK(sum.folder.files() == 3);  // the model, x and y: no temporary file
  CHECK(sum.answer("x.csv", kTwoRows, {"-o", y}).status == 0);
  CHECK(content_of(y) == kTwoAnswers);
}

TEST_CASE("the input may be overwritten by the answer") {
  const Sum sum;
  const std::string x = sum.folder.put("x.csv", kTwoRows);
  CHECK(run_lamina({"run", sum.model, "-i", x, "-o", x}).status == 0);
  CHECK(content_of(x) == kTwoAnswers);
}

TEST_CASE("answers do not depend on --batch and --threads") {
  const Folder folder;
  const std::string model = save_wide(folder / "wide.safetensors");
  std::string rows;
  for (int row = 0; row < 777; ++row) {
    for (int column = 0; column < 64; ++column) {
      rows += std::to_string((row * 31 + column * 17) % 101 - 50) + (column == 63 ? "\n" : ",");
    }
  }
  const std::string x = folder.put("x.csv", rows);
  const std::string expected = run_lamina({"run", model, "-i", x}).out;
  CHECK(std::count(expected.begin(), expected.end(), '\n') == 777);
  for (const std::string batch : {"1", "7", "512", "100000"}) {
    for (const std::string threads : {"1", "3"}) {
      CHECK(run_lamina({"run", model, "-i", x, "--batch", batch, "--threads", threads}).out == expected);
    }
  }
}

TEST_CASE("a model that works over the batch gets all rows at once") {
  const Folder folder;
  const std::string model = save_coupled(folder / "coupled.safetensors");
  const std::string x = folder.put("x.csv", "3,3\n3,3\n3,3\n3,3\n");
  CHECK(run_lamina({"run", model, "-i", x}).out == "0.25,0.25,0.25\n0.25,0.25,0.25\n0.25,0.25,0.25\n0.25,0.25,0.25\n");
  CHECK(launch({{"run", model}, x}).out.size() == 60);
  CHECK(fails(run_lamina({"run", model, "-i", x, "--batch", "2"}), 2, "--batch"));
}

TEST_CASE("the output may be asked for by its name") {
  const Sum sum;
  CHECK(sum.answer("x.csv", kTwoRows, {"--output-name", "output"}).out == kTwoAnswers);
  CHECK(fails(sum.answer("x.csv", kTwoRows, {"--output-name", "logits"}), 1, "expected output, got logits"));
}

TEST_CASE("weights without an architecture take the one that is given") {
  const Folder folder;
  const std::string weights = save_tensors_only(folder / "weights.safetensors");
  const std::string x = folder.put("x.csv", kTwoRows), text = folder.put("net.py", kSumText + "  # as trained\n");
  CHECK(run_lamina({"run", weights, "-i", x, "--arch", kSumText}).out == kTwoAnswers);
  CHECK(run_lamina({"run", weights, "-i", x, "--arch", "@" + text}).out == kTwoAnswers);
  CHECK(run_lamina({"run", weights, "-i", x, "--arch", kSumText, "--map", "0=fc1"}).out == kTwoAnswers);
  CHECK(fails(run_lamina({"run", weights, "-i", x}), 1, "--arch"));
  CHECK(fails(run_lamina({"run", weights, "-i", x, "--arch", "nn.Linear(3, 2)"}), 1, "weights.safetensors"));
}

}  // namespace
}  // namespace lamina::test
