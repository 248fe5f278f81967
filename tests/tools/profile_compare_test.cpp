// lamina profile between two sides, or with an older report: what differs is found, what does not is not, status 3.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <lamina/lamina.hpp>

#include <nlohmann/json.hpp>

#include <fstream>

namespace lamina::test {
namespace {

std::vector<std::string> profile_of(std::vector<std::string> more) {
  std::vector<std::string> arguments = {"profile", "--no-roofs", "--threads", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::string save_network(const std::string& path, const std::string& activation) {
  Model model = parse_architecture("nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1024), nn." + activation +
                                   "(), nn.Linear(1024, 8))");
  model.randomize(0);
  save(model, path);
  return path;
}

TEST_CASE("of two models in turns, the slower one and the step that was slowed are found, and a limit ends with 3") {
  const Folder folder;
  const std::string a = save_network(folder / "a.safetensors", "ReLU"),
                    b = save_network(folder / "b.safetensors", "Mish");
  const std::vector<std::string> what = {a, b, "--batch", "16", "--duration", "0.2", "--fail-if", "p50>+2%", "--json"};
  const Outcome outcome = run_lamina(profile_of(what));
  CHECK(outcome.status == 3);
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  CHECK(json["schema"] == "lamina.profile.versus/1");
  const nlohmann::json& run = json["runs"][0];
  CHECK(run["a"]["n"] > 100);
  CHECK(run["b"]["steps"].size() == 3);
  REQUIRE(run["differences"][1]["metric"] == "p50");
  CHECK(run["differences"][1]["ratio"] > 1.02);
  CHECK(run["differences"][1]["interval95"][0] > 1.02);
  const std::string verdict = json["verdict"].dump();
  CHECK(holds(verdict, "B takes 1."));
  CHECK(holds(verdict, "Step 2 (Linear(in_features=64, out_features=1024, bias=True) + Mish())"));
  CHECK(holds(verdict, "FAIL: batch 16: p50 "));
}

TEST_CASE("a model beside itself is not called slower") {
  const Folder folder;
  const std::string a = save_network(folder / "a.safetensors", "ReLU");
  const Outcome outcome = run_lamina(profile_of({a, a, "--duration", "0.2", "--fail-if", "p50>+5%"}));
  UNSCOPED_INFO(outcome.out);
  CHECK(outcome.status == 0);
  CHECK(holds(outcome.out, "Latency per call, in turns"));
}

TEST_CASE("settings can be the difference") {
  const Folder folder;
  const std::string least(to_string(system_info().instruction_sets.front()));
  const std::string a = save_network(folder / "a.safetensors", "ReLU");
  const Outcome outcome = run_lamina(profile_of(
      {a, "--duration", "0.05", "--against", "threads=1,isa=" + least + ",fuse=off,skip_zeros=off", "--batch", "8"}));
  CHECK(outcome.status == 0);
  CHECK(holds(outcome.out, least + ", threads 1, fuse off, skip_zeros off"));
}

TEST_CASE("beside an older report of itself a model keeps a wide limit; beside a faster past it does not") {
  const Folder folder;
  const std::string model = save_network(folder / "a.safetensors", "ReLU"), old = folder / "old.json";
  const std::vector<std::string> what = {model, "--batch", "1,4", "--duration", "0.1", "--json"};
  const Outcome first = run_lamina(profile_of(what));
  REQUIRE(first.status == 0);
  std::ofstream(old) << first.out;
  std::vector<std::string> again = what;
  again.insert(again.end(), {"--baseline", old, "--fail-if", "p50>+200%"});
  const Outcome same = run_lamina(profile_of(again));
  CHECK(same.status == 0);
  CHECK(nlohmann::json::parse(same.out)["changes"].size() == 2);
  nlohmann::json faster = nlohmann::json::parse(first.out);
  faster["environment"]["cpu"] = "another";
  for (nlohmann::json& run : faster["runs"]) {
    for (nlohmann::json& block : run["blocks_ns"]) {
      for (nlohmann::json& sample : block) sample = sample.get<double>() / 10;
    }
  }
  std::ofstream(old, std::ios::trunc) << faster;
  const Outcome slower = run_lamina(profile_of(again));
  CHECK(slower.status == 3);
  CHECK(holds(slower.out, "FAIL: batch 4, threads 1: p50 "));
  CHECK(holds(slower.out, "was measured with another CPU 'another'"));
}

TEST_CASE("what cannot be compared is refused by name") {
  const Folder folder;
  const std::string a = save_network(folder / "a.safetensors", "ReLU"), old = folder / "old.json";
  const auto bad = [&](std::vector<std::string> more, int status, const std::string& part) {
    more.insert(more.begin(), {a, "--duration", "0.01"});
    return fails(run_lamina(profile_of(std::move(more))), status, part);
  };
  CHECK(bad({"--baseline", old}, 1, "old.json: cannot open"));
  std::ofstream(old) << "{}";
  CHECK(bad({"--baseline", old}, 1, "expected a report of lamina profile --json"));
  std::ofstream(old, std::ios::trunc) << R"({"schema": "other/1"})";
  CHECK(bad({"--baseline", old}, 1, "schema: expected lamina.profile/1, got \"other/1\""));
  std::ofstream(old, std::ios::trunc)
      << R"({"schema": "lamina.profile/1", "model": "m", "environment": {"cpu": "c"}, "runs": [{"batch": 9, "threads": 1,
             "cache": "warm", "isa": "avx2", "blocks_ns": [[1]]}]})";
  CHECK(bad({"--baseline", old}, 1, "has no run of batch 1 on 1 threads with warm caches"));
  CHECK(bad({"--fail-if", "p99>+10%"}, 2, "none is given"));
  CHECK(bad({"--against", "speed=2"}, 2, "--against: expected threads=N"));
  CHECK(bad({"--against", "fuse=maybe"}, 2, "expected on or off, got 'maybe'"));
  CHECK(bad({"--against", "threads=1", "--slo", "p99<=1ms"}, 2, "calls one after the other"));
  CHECK(bad({"--against", "threads=1", "--format", "csv"}, 2, "expected text or json"));
  CHECK(bad({"--against", "threads=1", "--fail-if", "p99.9>+1%"}, 1, "expected at least 6636 on both sides"));
  CHECK(bad({save_relu_sum(folder / "other.safetensors")}, 1, "rows of [64] and of [2]"));
  CHECK(bad({"--report", (folder / "missing/x.html").string()}, 1, "x.html"));
}

}  // namespace
}  // namespace lamina::test
