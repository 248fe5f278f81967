// Command line -> one command of the table; its errors -> one line on stderr and the exit status.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "ending.hpp"
#include "help.hpp"

#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>
#include <new>
#include <sstream>
#include <string>

namespace lamina::tools {
namespace {

constexpr Command kCommands[] = {
    {"run", "Answers for the rows of an array file", add_run},
    {"inspect", "Layers of a model, and how they run on this machine", add_inspect},
    {"verify", "Compare answers with expected ones, or count right classes", add_verify},
    {"profile", "How fast, how steady, how close to this machine's limits", add_profile},
    {"convert", "Save a model as safetensors with its architecture", add_convert},
    {"serve", "Answer over HTTP: Open Inference Protocol, batching, metrics", add_serve},
    {"plot", "Draw activation functions as SVG", add_plot},
    {"info", "This machine as lamina sees it", add_info},
};

/// Names in messages may hold line breaks; a message must not.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) c = ' ';
  }
  return text;
}

void complain(const std::string& place, const std::string& message) {
  std::cerr << place << ": " << one_line(message) << '\n';
}

void complain(const std::string& place, const Error& error) {
  std::string message = error.what();
  if (error.problems().size() > 1) {
    message += " (and " + std::to_string(error.problems().size() - 1) + " more: see lamina inspect)";
  }
  complain(place, message);
  if (!error.excerpt().empty() && isatty(STDERR_FILENO) != 0) std::cerr << error.excerpt() << '\n';
}

ExitStatus guarded(const std::string& place, const Action& action) {
  try {
    return action();
  } catch (const UsageError& error) {
    complain(place, error.what() + ("; see " + place + " --help"));
    return kBadUsage;
  } catch (const Error& error) {
    complain(place, error);
    if (error.code() == Errc::verification_failed) return kCheckFailed;
  } catch (const std::bad_alloc&) {
    complain(place, "out of memory");
  } catch (const std::exception& error) {
    complain(place, error.what());
  }
  return kWorkFailed;
}

ExitStatus print_and_exit(const CLI::App& app, const CLI::Success& request) {
  std::ostringstream text;
  app.exit(request, text, text);
  return guarded("lamina", [&] {
    data::TextWriter out("-");
    out.write(text.str());
    out.finish();
    return kDone;
  });
}

/// CLI11 would call a mistyped command a missing one.
void check_command_name(const std::string& name) {
  if (name.empty()) throw UsageError("a command is needed");
  const bool known = std::any_of(std::begin(kCommands), std::end(kCommands),
                                 [&](const Command& command) { return name == command.name; });
  if (known || name.front() == '-') return;
  std::string names;
  for (const Command& command : kCommands) names += (names.empty() ? "" : ", ") + std::string(command.name);
  throw UsageError("unknown command '" + name + "': expected one of " + names);
}

/// Parses; `place` becomes "lamina COMMAND" as soon as the command is known.
void parse(CLI::App& app, int argc, char** argv, std::string& place) {
  check_command_name(argc > 1 ? argv[1] : "");
  try {
    app.parse(argc, argv);
  } catch (...) {
    for (const CLI::App* sub : app.get_subcommands()) place += " " + sub->get_name();
    throw;
  }
  place += " " + app.get_subcommands().front()->get_name();
}

ExitStatus run_program(int argc, char** argv) {
  CLI::App app("Runs saved feed-forward networks on CPUs.", "lamina");
  app.set_version_flag("--version", "lamina " + std::string(version()));
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(1);
  app.footer("Exit status: 0 done, 1 the work failed, 2 bad usage, 3 a check failed.");
  Action chosen;
  for (const Command& command : kCommands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary)->group("Commands");
    sub->callback([&chosen, action = command.add_to(*sub)] { chosen = action; });
  }
  std::string place = "lamina";
  try {
    parse(app, argc, argv, place);
  } catch (const CLI::Success& request) {
    return print_and_exit(app, request);
  } catch (const std::runtime_error& error) {  // CLI::ParseError or UsageError
    return guarded(place, [&]() -> ExitStatus { throw UsageError(error.what()); });
  }
  return guarded(place, chosen);
}

}  // namespace
}  // namespace lamina::tools

int main(int argc, char** argv) {
  lamina::tools::remove_temporaries_when_ended();
  try {
    return lamina::tools::run_program(argc, argv);
  } catch (const std::exception& error) {  // nothing but memory can be missing here
    std::cerr << "lamina: " << error.what() << '\n';
    return lamina::tools::kWorkFailed;
  }
}
