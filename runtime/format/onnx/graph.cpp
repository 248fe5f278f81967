// ModelProto -> the graph with names resolved.
// SPDX-License-Identifier: Apache-2.0
#include "format/onnx/graph.hpp"

#include "base/fail.hpp"

#include <utility>

namespace lamina::format::onnx {
namespace {

using base::fail;

constexpr std::int64_t kOldestOpset = 6, kNewestOpset = 28;
constexpr std::size_t kMostProblems = 32;

/// Of each domain, 0 for one that the file does not import.
std::unordered_map<std::string_view, std::int64_t> opset_versions(const ModelProto& model) {
  std::unordered_map<std::string_view, std::int64_t> versions;
  for (const auto& [domain, version] : model.opsets) {
    const std::string_view key = is_default_domain(domain) ? std::string_view() : std::string_view(domain);
    if (!versions.emplace(key, version).second) {
      fail(Errc::malformed, "opset_import", "domain " + base::quoted(domain), "once", "twice");
    }
  }
  const auto own = versions.find({});
  const std::int64_t version = own == versions.end() ? 0 : own->second;
  if (version < kOldestOpset || version > kNewestOpset) {
    fail(Errc::unsupported_feature, "opset_import", "version of ONNX's operators",
         std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset),
         own == versions.end() ? "none" : std::to_string(version));
  }
  return versions;
}

}  // namespace

bool is_default_domain(std::string_view domain) noexcept { return domain.empty() || domain == "ai.onnx"; }

void throw_problems(Errc code, std::vector<std::string> problems) {
  if (problems.empty()) return;
  const std::string first = problems.front();
  if (problems.size() == 1) throw Error(code, first);
  if (problems.size() > kMostProblems) {
    const std::size_t more = problems.size() - kMostProblems;
    problems.resize(kMostProblems);
    problems.push_back("and " + std::to_string(more) + " more");
  }
  throw Error(code, first, std::move(problems));
}

namespace {

/// What would change the meaning of the rest if it were passed over.
void refuse_foreign(const ModelProto& model) {
  for (const auto& [domain, name] : model.functions) {
    if (is_default_domain(domain)) {
      fail(Errc::unsupported_feature, "function " + base::quoted(name), "replaces an operator of ONNX's own");
    }
  }
  if (!model.graph.sparse_initializers.empty()) {
    fail(Errc::unsupported_feature, "initializer " + base::quoted(model.graph.sparse_initializers[0]),
         "is stored sparsely: store all of its elements");
  }
}

}  // namespace

Graph::Graph(const ModelProto& model) {
  refuse_foreign(model);
  add_initializers(model.graph);
  add_inputs(model.graph);
  add_nodes(model);
  throw_problems(Errc::malformed, std::move(problems_));
}

ValueId Graph::define(std::string_view name, Value value) {
  const auto id = static_cast<ValueId>(values_.size());
  if (!names_.emplace(name, id).second) problems_.push_back("value " + base::quoted(name) + ": is defined twice");
  value.name = name;
  values_.push_back(value);
  return id;
}

void Graph::add_initializers(const GraphProto& graph) {
  for (const TensorProto& tensor : graph.initializers) {
    define(tensor.name, {.name = {}, .initializer = &tensor});
  }
}

void Graph::add_inputs(const GraphProto& graph) {
  for (const ValueInfo& info : graph.inputs) {
    const auto known = names_.find(info.name);
    if (known != names_.end() && values_[known->second].initializer != nullptr) continue;  // IR 3: listed as inputs too
    inputs_.push_back(define(info.name, {}));
    infos_.emplace(inputs_.back(), &info);
  }
}

void Graph::add_nodes(const ModelProto& model) {
  const auto versions = opset_versions(model);
  nodes_.reserve(model.graph.nodes.size());
  for (const NodeProto& proto : model.graph.nodes) {
    const auto id = static_cast<NodeId>(nodes_.size());
    const auto version = versions.find(is_default_domain(proto.domain) ? std::string_view() : proto.domain);
    nodes_.push_back({.proto = &proto, .opset = version == versions.end() ? 0 : version->second});
    for (const std::string& name : proto.inputs) {
      const auto known = names_.find(name);
      if (!name.empty() && known == names_.end()) {
        problems_.push_back(place(id) + ": input " + base::quoted(name) +
                            " is no input, initializer or earlier output");
      }
      nodes_.back().inputs.push_back(name.empty() || known == names_.end() ? kNone : known->second);
    }
    for (const std::string& name : proto.outputs) {
      const auto output = static_cast<std::uint32_t>(nodes_.back().outputs.size());
      nodes_.back().outputs.push_back(name.empty() ? kNone
                                                   : define(name, {.name = {}, .producer = id, .output = output}));
    }
  }
}

ValueId Graph::find(std::string_view name) const noexcept {
  const auto found = names_.find(name);
  return found == names_.end() ? kNone : found->second;
}

std::string Graph::place(NodeId id) const {
  const NodeProto& proto = *nodes_[id].proto;
  const std::string which = proto.name.empty() ? std::to_string(id) : base::quoted(proto.name);
  std::string op = base::quoted(proto.op);  // names from the file are escaped; the quotes are left out
  op = op.substr(1, op.size() - 2);
  return "node " + which + " (" + (is_default_domain(proto.domain) ? "" : proto.domain + ".") + op + ")";
}

const Node* Graph::producer(ValueId id, std::string_view op) const noexcept {
  if (id == kNone || values_[id].producer == kNone) return nullptr;
  const Node& node = nodes_[values_[id].producer];
  return node.op() == op && is_default_domain(node.proto->domain) ? &node : nullptr;
}

}  // namespace lamina::format::onnx
