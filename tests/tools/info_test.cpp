// lamina info: this machine, for people and for programs.
// SPDX-License-Identifier: Apache-2.0
#include "tools/program.hpp"

#include <lamina/lamina.hpp>

#include <nlohmann/json.hpp>

namespace lamina::test {
namespace {

TEST_CASE("info names the CPU, its instruction sets and the CPUs that can be used") {
  const Outcome outcome = run_lamina({"info"});
  CHECK(outcome.status == 0);
  for (const std::string label : {"CPU ", "Instruction sets ", "In use ", "Caches ", "Effective CPUs ", "oneTBB "}) {
    CHECK(holds(outcome.out, label));
  }
}

TEST_CASE("info as JSON says the same as the library") {
  const nlohmann::json json = nlohmann::json::parse(run_lamina({"info", "--json"}).out);
  const SystemInfo system = system_info();
  CHECK(json["cpu"] == system.cpu);
  CHECK(json["instruction_sets"].size() == system.instruction_sets.size());
  CHECK(json["instruction_set_in_use"] == to_string(system.best));
  CHECK(json["cpus"]["effective"] == system.effective_cpus);
  CHECK(json["versions"]["lamina"] == version());
}

TEST_CASE("LAMINA_ISA shows, and is refused where it names no instruction set") {
  const std::string least(to_string(system_info().instruction_sets.front()));
  const Outcome outcome = launch({{"info", "--json"}, "/dev/null", {}, {"LAMINA_ISA=" + least}});
  CHECK(nlohmann::json::parse(outcome.out)["instruction_set_in_use"] == least);
  CHECK(fails(launch({{"info"}, "/dev/null", {}, {"LAMINA_ISA=mmx"}}), 1, "mmx"));
}

}  // namespace
}  // namespace lamina::test
