// lamina run --top: the best classes of each row, by number or name.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <nlohmann/json.hpp>

namespace lamina::test {
namespace {

struct Scores {
  Folder folder;
  std::string model = save_sum(folder / "sum.safetensors");
  std::string x = folder.put("x.csv", "1,2\n-4,0.25\n");  // scores 1.5 2 2 and -3.5 0.25 -4.75
  std::string labels = folder.put("labels.txt", "cat\nsmall \"dog\", wet\nfox\n");

  [[nodiscard]] Outcome top(std::vector<std::string> more) const {
    more.insert(more.begin(), {"run", model, "-i", x, "--top"});
    return run_lamina(more);
  }
};

TEST_CASE("the best classes come first, equal ones in the order of the classes") {
  const Scores scores;
  CHECK(scores.top({"1"}).out == "1,2\n1,0.25\n");
  CHECK(scores.top({"3"}).out == "1,2,2,2,0,1.5\n1,0.25,0,-3.5,2,-4.75\n");
}

TEST_CASE("names replace numbers, quoted as the format wants") {
  const Scores scores;
  CHECK(scores.top({"2", "--labels", scores.labels}).out ==
        "\"small \"\"dog\"\", wet\",2,fox,2\n\"small \"\"dog\"\", wet\",0.25,cat,-3.5\n");
  const nlohmann::json json = nlohmann::json::parse(scores.top({"2", "--labels", scores.labels, "--json"}).out);
  CHECK(json[1][0] == nlohmann::json{{"label", "small \"dog\", wet"}, {"score", 0.25}});
  CHECK(json[1][1] == nlohmann::json{{"label", "cat"}, {"score", -3.5}});
  const std::string lines = scores.top({"1", "--format", "jsonl"}).out;
  CHECK(lines == "[{\"label\": \"1\", \"score\": 2}]\n[{\"label\": \"1\", \"score\": 0.25}]\n");
}

TEST_CASE("NaN ranks last and is null in JSON") {
  const Scores scores;
  const std::string x = scores.folder.put("nan.csv", "inf,1\n");
  const std::vector<std::string> run = {"run", scores.model, "-i", x, "--allow-nonfinite", "--no-header", "--top", "3"};
  CHECK(run_lamina(run).out == "0,inf,2,inf,1,nan\n");
  std::vector<std::string> json = run;
  json.push_back("--json");
  CHECK(nlohmann::json::parse(run_lamina(json).out)[0][2]["score"].is_null());
}

TEST_CASE("what does not fit the classes is refused, and no output appears") {
  const Scores scores;
  const std::string y = scores.folder / "y.csv";
  CHECK(fails(scores.top({"4", "-o", y}), 1, "--top: expected at most the model's 3 outputs, got 4"));
  CHECK(fails(scores.top({"1", "--labels", scores.folder.put("two.txt", "a\nb\n"), "-o", y}), 1,
              "two.txt: names: expected 3, one per output, got 2"));
  CHECK(fails(scores.top({"1", "--format", "npy"}), 2, "npy"));
  CHECK_FALSE(std::filesystem::exists(y));
}

}  // namespace
}  // namespace lamina::test
