// Names and shapes of tensors -> what to say when nothing says which network they belong to.
// SPDX-License-Identifier: Apache-2.0
#include "format/missing_architecture.hpp"

#include "base/fail.hpp"
#include "format/bind/map_text.hpp"
#include "format/bind/sides.hpp"
#include "format/guess.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::size_t kListed = 1000;       // tensors
constexpr std::size_t kNetworks = 8;        // with a guess each
constexpr std::size_t kLongestGuess = 400;  // in the message; problems() have it whole

/// In quotes where a shell would see more in it than a word: names come from the file, and flags are copied.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:/=-";
  if (text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

/// The words of a command that would read the tensors so.
std::string flags_of(const Guess& guess, const std::string& prefix) {
  std::string text = prefix.empty() ? "" : "--prefix " + shell_word(prefix) + " ";
  text += "--arch " + shell_word(guess.text);
  return guess.map.empty() ? text : text + " --map " + shell_word(map_text(guess.map));
}

std::vector<NamedTensor> under(const std::string& prefix, const std::vector<NamedTensor>& tensors) {
  std::vector<NamedTensor> part;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) part.emplace_back(name.substr(prefix.size()), tensor);
  }
  return part;
}

/// "actor." with its tensors and "critic." with its own, of actor.0.weight and critic.0.weight, in the order of the
/// file; names without a dot are left out.
std::vector<std::pair<std::string, std::vector<NamedTensor>>> parts_of(const std::vector<NamedTensor>& tensors) {
  std::vector<std::pair<std::string, std::vector<NamedTensor>>> parts;
  std::map<std::string, std::size_t> by_name;
  for (const auto& [name, tensor] : tensors) {
    const std::string part = name.substr(0, name.find('.') + 1);
    if (part.empty()) continue;
    const auto [place, is_new] = by_name.emplace(part, parts.size());
    if (is_new) parts.emplace_back(part, std::vector<NamedTensor>());
    parts[place->second].second.emplace_back(name.substr(part.size()), tensor);
  }
  return parts;
}

struct Proposal {
  std::string prefix;
  Guess guess;
};

/// Parts with several names of their own that look like a network, each as large as possible. Recursion is bounded by
/// `levels`.
void propose_parts(const std::vector<NamedTensor>& tensors, bool ordered, const std::string& prefix, int levels,
                   std::vector<Proposal>& proposals) {
  for (const auto& [part, inner] : parts_of(tensors)) {
    if (proposals.size() == kNetworks) return;
    const bool nested = std::all_of(inner.begin(), inner.end(),
                                    [](const NamedTensor& tensor) { return !stem_of(tensor.first).empty(); });
    Guess guess = nested ? guess_architecture(inner, ordered) : Guess();
    if (!guess.text.empty()) {
      proposals.push_back({prefix + part, std::move(guess)});
    } else if (levels > 1) {
      propose_parts(inner, ordered, prefix + part, levels - 1, proposals);
    }
  }
}

/// Of the tensors as one network, else of its parts.
std::vector<Proposal> propose(const std::vector<NamedTensor>& tensors, bool ordered, const std::string& prefix) {
  constexpr int kLevels = 4;
  Guess whole = guess_architecture(tensors, ordered);
  std::vector<Proposal> proposals;
  if (whole.text.empty() && !whole.is_transformer) propose_parts(tensors, ordered, prefix, kLevels, proposals);
  if (proposals.empty()) proposals.push_back({prefix, std::move(whole)});
  return proposals;
}

std::vector<std::string> list(const Contents& contents) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < std::min(kListed, contents.tensors.size()); ++i) {
    const auto& [name, tensor] = contents.tensors[i];
    lines.push_back(base::quoted(name) + " " + to_string(tensor.shape()) +
                    (i < contents.dtypes.size() ? " " + contents.dtypes[i] : ""));
  }
  if (contents.tensors.size() > kListed) {
    lines.push_back("and " + std::to_string(contents.tensors.size() - kListed) + " more");
  }
  return lines;
}

}  // namespace

Error missing_architecture(const Contents& contents, const LoadOptions& options) {
  std::vector<std::string> problems = list(contents);
  std::string message = contents.format + ": the file holds " + std::to_string(contents.tensors.size()) +
                        " tensors and not the network that they belong to: give its architecture (--arch)";
  const std::string prefix =
      options.prefix.empty() || options.prefix.ends_with('.') ? options.prefix : options.prefix + ".";
  const std::vector<Proposal> proposals = propose(under(prefix, contents.tensors), contents.ordered, prefix);
  const Guess& first = proposals.front().guess;
  if (first.text.empty()) {
    if (!first.obstacle.empty()) problems.push_back("no guess at the network: " + first.obstacle);
    return {Errc::invalid_argument, std::move(message), std::move(problems)};
  }
  for (const Proposal& proposal : proposals) {
    problems.push_back("a guess from the shapes, where the activations are unknown and ReLU is the usual one: " +
                       flags_of(proposal.guess, proposal.prefix));
  }
  const std::string flags = flags_of(first, proposals.front().prefix);
  if (proposals.size() > 1) {
    message += "; it seems to hold " + std::to_string(proposals.size()) + " networks, of which --prefix picks one";
  } else if (flags.size() <= kLongestGuess) {
    message += "; a guess from the shapes, where the activations are unknown: " + flags;
  }
  return {Errc::invalid_argument, std::move(message), std::move(problems)};
}

}  // namespace lamina::format
