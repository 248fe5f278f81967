// lamina verify: answers against expected ones or labels -> what it prints and its exit status.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <nlohmann/json.hpp>

namespace lamina::test {
namespace {

struct Check {
  Folder folder;
  std::string model = save_sum(folder / "sum.safetensors");
  std::string x = folder.put("x.csv", "1,2\n-4,0.25\n");  // answers 1.5 2 2 and -3.5 0.25 -4.75

  [[nodiscard]] Outcome against(const std::string& expected, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"verify", model, "-i", x, "-e", folder.put("e.csv", expected)});
    return run_lamina(more);
  }
  [[nodiscard]] Outcome classes(const std::string& labels, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"verify", model, "-i", x, "--classes", folder.put("labels.txt", labels)});
    return run_lamina(more);
  }
};

TEST_CASE("equal answers are OK") {
  const Check check;
  const Outcome outcome = check.against("1.5,2,2\n-3.5,0.25,-4.75\n");
  CHECK(outcome.status == 0);
  CHECK(outcome.out ==
        "largest error 0 at row 0, column 0 (from 0): got 1.5, expected 1.5\n"
        "OK: 6 values in 2 rows within 1e-05 + 0.0001 |expected|\n");
}

TEST_CASE("the largest error is found, and may be within the tolerance") {
  const Check check;
  const Outcome outcome = check.against("1.5,2,2\n-3.5,0.25,-4.7499\n");
  CHECK(outcome.status == 0);
  CHECK(holds(outcome.out, "at row 1, column 2 (from 0): got -4.75, expected -4.7499\nOK: "));
}

TEST_CASE("an error beyond the tolerance ends with status 3") {
  const Check check;
  const Outcome outcome = check.against("1.5,2,2\n-3.5,0.5,-4\n");
  CHECK(outcome.status == 3);
  CHECK(outcome.err.empty());
  CHECK(outcome.out ==
        "largest error 0.75 at row 1, column 2 (from 0): got -4.75, expected -4\n"
        "FAIL: 2 of 6 values beyond 1e-05 + 0.0001 |expected|; furthest at row 1, column 2 (from 0): got -4.75, "
        "expected -4\n");
  CHECK(check.against("1.5,2,2\n-3.5,0.5,-4\n", {"--atol", "0.75"}).status == 0);
  CHECK(check.against("1.5,2,2\n-3.5,0.5,-4\n", {"--atol", "0.7499", "--rtol", "0"}).status == 3);
  CHECK(check.against("1.5,2,2\n-3.5,0.5,-4\n", {"--rtol", "0.51", "--atol", "0"}).status == 0);
}

TEST_CASE("the value furthest beyond its own tolerance is named, not only the largest error") {
  const Check check;
  const Outcome outcome = check.against("1.5,2,2\n-3.5,0.35,-4.55\n", {"--atol", "0", "--rtol", "0.05"});
  CHECK(outcome.status == 3);
  CHECK(holds(outcome.out, "largest error 0.2 at row 1, column 2"));
  CHECK(holds(outcome.out, "FAIL: 1 of 6"));
  CHECK(holds(outcome.out, "furthest at row 1, column 1 (from 0): got 0.25, expected 0.35"));
}

TEST_CASE("NaN equals NaN alone, an infinity itself alone") {
  const Check check;
  const std::string x = check.folder.put("special.csv", "nan,1\ninf,2\n1,2\n");
  const auto status = [&](const std::string& expected) {
    return run_lamina({"verify", check.model, "-i", x, "-e", check.folder.put("e.csv", expected), "--no-header",
                       "--allow-nonfinite"})
        .status;
  };
  CHECK(status("nan,nan,nan\ninf,nan,inf\n1.5,2,2\n") == 0);
  CHECK(status("nan,nan,0\ninf,nan,inf\n1.5,2,2\n") == 3);
  CHECK(status("nan,nan,inf\ninf,nan,inf\n1.5,2,2\n") == 3);
  CHECK(status("nan,nan,nan\n-inf,nan,inf\n1.5,2,2\n") == 3);
  CHECK(status("nan,nan,nan\n1e38,nan,inf\n1.5,2,2\n") == 3);
  CHECK(status("nan,nan,nan\ninf,nan,inf\ninf,2,2\n") == 3);
  CHECK(status("nan,nan,nan\ninf,nan,inf\nnan,2,2\n") == 3);
}

TEST_CASE("the report is one JSON document where it is asked for") {
  const Check check;
  const nlohmann::json good = nlohmann::json::parse(check.against("1.5,2,2\n-3.5,0.25,-4.75\n", {"--json"}).out);
  CHECK(good["ok"] == true);
  CHECK(good["rows"] == 2);
  CHECK(good["furthest"].is_null());
  const nlohmann::json bad = nlohmann::json::parse(check.against("1.5,2,nan\n-3.5,0.25,-4\n", {"--json"}).out);
  CHECK(bad["ok"] == false);
  CHECK(bad["failures"] == 2);
  CHECK(bad["largest"]["error"].is_null());
  CHECK(bad["furthest"]["row"] == 0);
  CHECK(bad["furthest"]["expected"].is_null());
}

TEST_CASE("other shapes and row counts are errors, not failed checks") {
  const Check check;
  CHECK(fails(check.against("1.5,2\n-3.5,0.25\n"), 1, "e.csv: row 1: shape: expected [3] (3 numbers), got [2]"));
  CHECK(fails(check.against("1.5,2,2\n"), 1, "e.csv: rows: expected 2"));
  CHECK(fails(check.against("1.5,2,2\n-3.5,0.25,-4.75\n1,2,3\n"), 1, "e.csv: rows: expected 2"));
}

TEST_CASE("labels give the accuracy, whatever it is") {
  const Check check;
  CHECK(check.classes("1\n1\n").out == "accuracy 1 (2 of 2)\n");
  const Outcome half = check.classes("1\n0\n");
  CHECK(half.out == "accuracy 0.5 (1 of 2)\n");
  CHECK(half.status == 0);
  CHECK(nlohmann::json::parse(check.classes("0\n0\n", {"--json"}).out)["accuracy"] == 0);
  CHECK(fails(check.classes("1\n"), 1, "labels.txt: rows: expected 2"));
  CHECK(fails(check.classes("1\n1\n1\n"), 1, "labels.txt: rows: expected 2"));
  CHECK(fails(check.classes("1\n3\n"), 1, "labels.txt: label 2: expected 0 to 2, got 3"));
}

TEST_CASE("a single output is class 1 above one half") {
  const Folder folder;
  const std::string model = save_double(folder / "double.safetensors");
  const std::string x = folder.put("x.csv", "0.2\n0.25\n0.3\n"), labels = folder.put("labels.txt", "0\n0\n1\n");
  CHECK(run_lamina({"verify", model, "-i", x, "--classes", labels}).out == "accuracy 1 (3 of 3)\n");
}

}  // namespace
}  // namespace lamina::test
