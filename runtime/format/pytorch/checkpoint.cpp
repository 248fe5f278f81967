// Finding the state_dict in what people save around it: epochs, optimizers, several networks.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch/checkpoint.hpp"

#include "base/fail.hpp"
#include "format/pytorch/tensor.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::array<std::string_view, 3> kWrappers = {"state_dict", "model_state_dict", "model"};
/// Put before every name by nn.DataParallel and torch.compile.
constexpr std::array<std::string_view, 2> kPrefixes = {"module.", "_orig_mod."};
constexpr std::size_t kNameBytes = 1024;
constexpr std::size_t kListed = 16;

class CheckpointFinder {
 public:
  CheckpointFinder(const PickleGraph& graph, std::string_view prefix, std::uint64_t most)
      : graph_(graph), prefix_(prefix), most_(most) {}

  TorchCheckpoint find() {
    const ObjectId root = graph_.root();
    const PickleKind kind = graph_.at(root).kind;
    if (kind == PickleKind::instance) {
      result_.module = root;
    } else if (kind != PickleKind::dict) {
      fail(Errc::unsupported_feature, "expected a state_dict or an nn.Sequential, the file holds " + describe(root));
    } else {
      choose(root);
    }
    for (const std::string_view prefix : kPrefixes) strip(prefix);
    return std::move(result_);
  }

 private:
  struct Candidate {
    std::string key;
    ObjectId value;
  };

  std::string describe(ObjectId id) const {
    return is_torch_tensor(graph_, id) ? "a single tensor" : graph_.describe(id);
  }

  bool holds_tensors(ObjectId id) {
    if (graph_.at(id).kind != PickleKind::dict) return false;
    const auto [known, added] = holds_tensors_.emplace(id, false);
    if (!added) return known->second;
    const std::span<const ObjectId> items = graph_.items(id);
    for (std::size_t i = 1; i < items.size() && !known->second; i += 2) {
      known->second = is_torch_tensor(graph_, items[i]);
    }
    return known->second;
  }

  std::vector<Candidate> candidates(ObjectId root) {
    std::vector<Candidate> found;
    const std::span<const ObjectId> items = graph_.items(root);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      const bool module = graph_.at(items[i + 1]).kind == PickleKind::instance;
      const bool named = graph_.at(items[i]).kind == PickleKind::text;
      if (named && (module || holds_tensors(items[i + 1])))
        found.push_back({tensor_name(graph_, items[i]), items[i + 1]});
    }
    return found;
  }

  void choose(ObjectId root) {
    const std::vector<Candidate> all = candidates(root);
    const auto begins = [&](const Candidate& candidate) { return prefix_.starts_with(candidate.key + "."); };
    if (const auto picked = std::find_if(all.begin(), all.end(), begins); picked != all.end()) {
      return take(*picked, picked->key + ".");
    }
    std::vector<Candidate> wrapped;
    std::copy_if(all.begin(), all.end(), std::back_inserter(wrapped), [](const Candidate& candidate) {
      return std::find(kWrappers.begin(), kWrappers.end(), candidate.key) != kWrappers.end();
    });
    if (wrapped.size() == 1) return take(wrapped[0], "");
    if (wrapped.empty() && all.empty()) return take_dict(root, "");
    if (wrapped.empty() && all.size() == 1 && !holds_tensors(root)) return take(all[0], "");
    refuse_choice(graph_, all, holds_tensors(root));
  }

  void take(const Candidate& candidate, const std::string& prefix) {
    result_.notes.push_back("read from the checkpoint's entry " + base::quoted(candidate.key));
    if (graph_.at(candidate.value).kind == PickleKind::instance) {
      result_.module = candidate.value;
    } else {
      take_dict(candidate.value, prefix);
    }
  }

  void take_dict(ObjectId dict, const std::string& prefix) {
    result_.ordered = graph_.at(dict).ordered;
    std::vector<ObjectId> left;
    const std::span<const ObjectId> items = graph_.items(dict);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (is_torch_tensor(graph_, items[i + 1])) {
        if (result_.tensors.size() >= most_)
          fail(Errc::limit_exceeded, "more than " + std::to_string(most_) + " tensors");
        result_.tensors.emplace_back(prefix + tensor_name(graph_, items[i]), items[i + 1]);
      } else {
        left.push_back(items[i]);
      }
    }
    if (result_.tensors.empty()) {
      fail(Errc::missing_weight, "no tensors in " + graph_.describe(dict) + (left.empty() ? "" : ": " + list(left)));
    }
    if (!left.empty()) result_.notes.push_back("entries that are no tensors were left aside: " + list(left));
  }

  std::string list(const std::vector<ObjectId>& ids) const {
    std::string text;
    for (std::size_t i = 0; i < ids.size() && i < kListed; ++i) text += (i == 0 ? "" : ", ") + graph_.describe(ids[i]);
    return ids.size() > kListed ? text + ", ..." : text;
  }

  [[noreturn]] static void refuse_choice(const PickleGraph& graph, const std::vector<Candidate>& all, bool direct) {
    std::vector<std::string> problems;
    std::string listed;
    for (const Candidate& candidate : all) {
      if (problems.size() == kListed) break;
      problems.push_back(base::quoted(candidate.key) + ": " + graph.describe(candidate.value));
      listed += (listed.empty() ? "" : ", ") + base::quoted(candidate.key);
    }
    std::string message = "the checkpoint holds more than one network: " + listed;
    if (direct) message += " beside tensors of its own";
    message += "; pick one by its prefix (--prefix), for instance " + all[0].key + ".";
    throw Error(Errc::unsupported_feature, std::move(message), std::move(problems));
  }

  /// Only where every name has it, and the caller does not ask for it by name.
  void strip(std::string_view prefix) {
    auto& tensors = result_.tensors;
    if (tensors.empty() || prefix_.starts_with(prefix)) return;
    const bool all = std::all_of(tensors.begin(), tensors.end(),
                                 [&](const auto& tensor) { return tensor.first.starts_with(prefix); });
    if (!all) return;
    for (auto& tensor : tensors) tensor.first.erase(0, prefix.size());
    result_.notes.push_back("took " + base::quoted(prefix) + " off every name");
  }

  const PickleGraph& graph_;
  std::string_view prefix_;
  std::uint64_t most_;
  TorchCheckpoint result_;
  std::map<ObjectId, bool> holds_tensors_;  // a file may refer to one dict a million times
};

}  // namespace

std::string tensor_name(const PickleGraph& graph, ObjectId id) {
  const PickleObject& name = graph.at(id);
  constexpr std::string_view kPlace = "name of a tensor";
  if (name.kind != PickleKind::text) fail(Errc::malformed, kPlace, "expected a string, got " + graph.describe(id));
  const bool control = std::any_of(name.text.begin(), name.text.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (name.text.size() > kNameBytes) fail(Errc::limit_exceeded, kPlace, "more than 1024 bytes");
  if (control) fail(Errc::malformed, kPlace, "control character in " + graph.describe(id));
  return std::string(name.text);
}

TorchCheckpoint find_checkpoint(const PickleGraph& graph, std::string_view prefix, std::uint64_t most_tensors) {
  return CheckpointFinder(graph, prefix, most_tensors).find();
}

}  // namespace lamina::format
