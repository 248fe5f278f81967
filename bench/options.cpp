// Flags and arguments of compare, read by CLI11.
// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include "roster.hpp"
#include "shapes.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>

namespace lamina::bench {

Options parse_options(int argc, char** argv) {
  Options options;
  bool quick = false;
  CLI::App app("lamina and its peers in turns, one process each, as a Markdown table", "tools/dev bench");
  std::vector<std::string> names;
  for (const Network& network : kNetworks) names.emplace_back(network.name);
  app.add_option("MODEL", options.model, "a model file that lamina can load; without it, the networks of shapes.hpp")
      ->check(CLI::ExistingFile);
  app.add_option("-i,--input", options.inputs, "rows for MODEL (npy, npz, csv, json); default: standard normal")
      ->check(CLI::ExistingFile);
  app.add_option("--network", options.networks, "only these")->delimiter(',')->check(CLI::IsMember(names));
  app.add_option("--batch", options.batches, "only these numbers of rows")->delimiter(',')->check(CLI::PositiveNumber);
  app.add_option("--peer", options.peers, "only these, beside lamina")
      ->delimiter(',')
      ->check(CLI::IsMember(peer_names()));
  app.add_option("--threads", options.threads, "of each call")->capture_default_str()->check(CLI::Range(1, 1024));
  app.add_option("--callers", options.callers, "calls at the same time, each from a thread of its own")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--rounds", options.rounds, "medians of so many; fewer where one is long")
      ->capture_default_str()
      ->check(CLI::Range(1, 1001));
  app.add_flag("--quick", quick, "the six networks of the README at batches 1, 8, 64, 512, three rounds");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? EXIT_SUCCESS : 2);
  }
  if (quick) {
    options.rounds = std::min(options.rounds, 3);
    if (options.batches.empty()) options.batches = {1, 8, 64, 512};
    if (options.networks.empty()) options.networks.assign(names.begin(), names.begin() + 6);
  }
  return options;
}

}  // namespace lamina::bench
