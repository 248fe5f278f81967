// Walks the modules of a TorchScript archive, parameters and buffers by dotted names as state_dict() gives them.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch/script.hpp"

#include "base/fail.hpp"
#include "format/pytorch/tensor.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::string_view kListModule = "torch.jit._pickle";
/// Typed lists among the attributes: recorded as calls, read by nobody.
constexpr std::array<std::string_view, 5> kLists = {"build_intlist", "build_doublelist", "build_boollist",
                                                    "build_tensorlist", "restore_type_tag"};

class ScriptWalk {
 public:
  ScriptWalk(const PickleGraph& graph, const Limits& limits) : graph_(graph), limits_(limits) {}

  TorchCheckpoint walk() {
    if (graph_.at(graph_.root()).kind != PickleKind::instance) {
      fail(Errc::malformed, "data.pkl", "expected a module, got " + graph_.describe(graph_.root()));
    }
    module(graph_.root(), "", 0);
    if (result_.tensors.empty()) fail(Errc::missing_weight, "TorchScript archive without tensors");
    result_.notes.emplace_back("the file's program code was not looked at: the architecture must say what it does");
    return std::move(result_);
  }

 private:
  /// Recursion is bounded by limits.nesting, and what shared modules multiply by limits.layers.
  void module(ObjectId id, const std::string& path, std::uint64_t depth) {
    if (depth > limits_.nesting) {
      fail(Errc::limit_exceeded, base::quoted(path), "nested deeper than " + std::to_string(limits_.nesting));
    }
    if (++modules_ > limits_.layers) {
      fail(Errc::limit_exceeded, "more than " + std::to_string(limits_.layers) + " modules");
    }
    const std::span<const ObjectId> attributes = graph_.items(graph_.at(id).state);
    if (attributes.size() > 2 * limits_.layers) fail(Errc::limit_exceeded, base::quoted(path), "too many attributes");
    for (std::size_t i = 0; i < attributes.size(); i += 2) {
      const ObjectId value = attributes[i + 1];
      const bool inner = graph_.at(value).kind == PickleKind::instance;
      if (!inner && !is_torch_tensor(graph_, value)) continue;
      const std::string name = path + tensor_name(graph_, attributes[i]);
      if (inner) {
        module(value, name + ".", depth + 1);
      } else {
        if (result_.tensors.size() >= limits_.tensors) {
          fail(Errc::limit_exceeded, "more than " + std::to_string(limits_.tensors) + " tensors");
        }
        result_.tensors.emplace_back(name, value);
      }
    }
  }

  const PickleGraph& graph_;
  const Limits& limits_;
  TorchCheckpoint result_;
  std::uint64_t modules_ = 0;
};

}  // namespace

std::optional<PickleRole> resolve_script_name(std::string_view module, std::string_view name) {
  if (module == "__torch__" || module.starts_with("__torch__.")) return PickleRole::module_class;
  const bool list = module == kListModule && std::find(kLists.begin(), kLists.end(), name) != kLists.end();
  return list ? PickleRole::function : resolve_torch_name(module, name);
}

TorchCheckpoint find_script_tensors(const PickleGraph& graph, const Limits& limits) {
  return ScriptWalk(graph, limits).walk();
}

}  // namespace lamina::format
