// lamina info: this machine, as far as it decides speed.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "output_options.hpp"
#include "table.hpp"

#include <lamina/lamina.hpp>

#include <array>
#include <charconv>
#include <memory>
#include <string>

namespace lamina::tools {
namespace {

std::string kib(std::size_t bytes) { return bytes == 0 ? "unknown" : with_commas(bytes / 1024) + " KiB"; }

std::string quota_text(double cpus) {
  if (cpus == 0) return "none";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), cpus).ptr;
  return {digits.data(), end};
}

nlohmann::ordered_json to_json(const SystemInfo& system) {
  nlohmann::ordered_json sets = nlohmann::ordered_json::array();
  for (const Isa isa : system.instruction_sets) sets.push_back(to_string(isa));
  const auto known = [](std::size_t bytes) {
    return bytes == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(bytes);
  };
  nlohmann::ordered_json quota;
  if (system.cgroup_quota != 0) quota = system.cgroup_quota;
  return {
      {"cpu", system.cpu},
      {"instruction_sets", sets},
      {"instruction_set_in_use", to_string(system.best)},
      {"cache_bytes",
       {{"l1d", known(system.l1d_bytes)}, {"l2", known(system.l2_bytes)}, {"l3", known(system.l3_bytes)}}},
      {"cpus",
       {{"hardware", system.hardware_threads},
        {"affinity", system.affinity_cpus},
        {"cgroup_quota", quota},
        {"effective", system.effective_cpus}}},
      {"versions", {{"lamina", version()}, {"onetbb", system.tbb}}},
  };
}

std::string to_text(const SystemInfo& system) {
  std::string sets;
  for (const Isa isa : system.instruction_sets) sets += (sets.empty() ? "" : " ") + std::string(to_string(isa));
  const std::string inputs = "hardware " + std::to_string(system.hardware_threads) + ", affinity " +
                             std::to_string(system.affinity_cpus) + ", cgroup quota " + quota_text(system.cgroup_quota);
  return format_table({
      {"CPU", system.cpu},
      {"Instruction sets", sets},
      {"In use", std::string(to_string(system.best))},
      {"Caches", "L1d " + kib(system.l1d_bytes) + ", L2 " + kib(system.l2_bytes) + ", L3 " + kib(system.l3_bytes)},
      {"Effective CPUs", std::to_string(system.effective_cpus) + " (" + inputs + ")"},
      {"lamina", std::string(version())},
      {"oneTBB", system.tbb},
  });
}

ExitStatus info(const std::string& format) {
  const SystemInfo system = system_info();
  format == "json" ? print_json(to_json(system)) : print(to_text(system));
  return kDone;
}

}  // namespace

Action add_info(CLI::App& app) {
  const auto format = std::make_shared<std::string>("text");
  add_format_option(app, *format, {"text", "json"});
  app.footer(
      "JSON keys: cpu, instruction_sets, instruction_set_in_use, cache_bytes {l1d, l2, l3} (null: unknown),\n"
      "cpus {hardware, affinity, cgroup_quota (null: no limit), effective}, versions {lamina, onetbb}.");
  return [format] { return info(*format); };
}

}  // namespace lamina::tools
