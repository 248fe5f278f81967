// Modules within modules, by the order of _modules; each layer takes its tensors from _parameters and _buffers.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch/network.hpp"

#include "base/fail.hpp"
#include "format/pytorch/layer.hpp"
#include "model/infer.hpp"

#include <set>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::size_t kNameBytes = 1024;
constexpr std::size_t kMostProblems = 64;

class NetworkReader {
 public:
  NetworkReader(const PickleGraph& graph, TorchTensors& tensors, const Limits& limits)
      : graph_(graph), tensors_(tensors), limits_(limits) {}

  model::Network read(ObjectId module) {
    model::Network network;
    if (is_sequential(module)) {
      network.layers = std::get<model::Sequential>(sequential(module, "", 1).op).layers;
    } else {
      network.layers.push_back(layer(module, "0", "0"));
      notes_.push_back("the file holds one layer alone; it is read as a Sequential of it");
    }
    if (!problems_.empty()) {
      const std::string first = problems_.front();
      throw Error(code_, first, problems_.size() > 1 ? std::move(problems_) : std::vector<std::string>());
    }
    if (training_) notes_.emplace_back("the model was saved in training mode; it is run in evaluation mode");
    network.notes = std::move(notes_);
    return network;
  }

 private:
  bool is_sequential(ObjectId module) const {
    return graph_.is(module, PickleKind::instance, "torch.nn.modules.container", "Sequential");
  }

  /// Recursion is bounded by limits.nesting, and what shared modules multiply by limits.layers.
  model::Layer sequential(ObjectId module, const std::string& path, std::uint64_t depth) {
    if (depth > limits_.nesting) {
      fail(Errc::limit_exceeded, place(path, "Sequential"), "nested deeper than " + std::to_string(limits_.nesting));
    }
    TorchAttributes attributes(graph_, module, place(path, "Sequential"), notes_);
    refuse_tensors(attributes);
    model::Sequential result;
    const std::string front = path.empty() ? "" : path + ".";
    const std::span<const ObjectId> children = graph_.items(attributes.dict("_modules"));
    for (std::size_t i = 0; i < children.size(); i += 2) {
      const std::string name = child_name(attributes, children[i]);
      const std::string child_path = front + name;
      if (++layers_ > limits_.layers) {
        fail(Errc::limit_exceeded, "more than " + std::to_string(limits_.layers) + " layers");
      }
      const ObjectId child = children[i + 1];
      if (graph_.at(child).kind != PickleKind::instance) {
        fail(Errc::malformed, place(child_path, "?"), "expected a module, got " + graph_.describe(child));
      }
      if (is_sequential(child)) {
        result.layers.push_back(sequential(child, child_path, depth + 1));
        result.layers.back().name = name;
      } else {
        add_layer(result, child, name, child_path);
      }
    }
    finish(attributes);
    return {.name = {}, .op = std::move(result)};
  }

  /// A layer that cannot be read is told with the others.
  void add_layer(model::Sequential& sequential, ObjectId module, const std::string& name, const std::string& path) {
    try {
      sequential.layers.push_back(layer(module, name, path));
    } catch (const Error& error) {
      if (error.code() == Errc::limit_exceeded || error.code() == Errc::io) throw;
      if (problems_.empty()) code_ = error.code();
      if (problems_.size() < kMostProblems) problems_.emplace_back(error.what());
    }
  }

  model::Layer layer(ObjectId module, const std::string& name, const std::string& path) {
    const std::string_view type = graph_.symbol(graph_.at(module).callee).name;
    TorchAttributes attributes(graph_, module, place(path, type), notes_);
    if (!graph_.items(attributes.dict("_modules")).empty()) {
      fail(Errc::unsupported_feature, attributes.place(), "has modules of its own");
    }
    model::Layer layer{.name = name, .op = read_torch_layer(attributes)};
    fill(layer, attributes, path);
    finish(attributes);
    model::validate(layer);
    return layer;
  }

  void finish(TorchAttributes& attributes) {
    training_ = attributes.boolean("training", false) || training_;
    attributes.refuse_rest();
  }

  void fill(model::Layer& layer, TorchAttributes& attributes, const std::string& path) {
    const ObjectId parameters = attributes.dict("_parameters"), buffers = attributes.dict("_buffers");
    std::set<std::string, std::less<>> taken = {"num_batches_tracked"};
    for (const model::Slot& slot : model::weight_slots(layer)) {
      std::optional<ObjectId> id = graph_.find(parameters, slot.name);
      if (!id) id = graph_.find(buffers, slot.name);
      if (!id || *id == kPickleNone) fail(Errc::missing_weight, attributes.place(), slot.name + " is missing");
      Tensor tensor = tensors_.read(*id, path + "." + slot.name);
      if (tensor.shape() != slot.shape) {
        fail(Errc::shape_mismatch, attributes.place(), slot.name, to_string(slot.shape), to_string(tensor.shape()));
      }
      *slot.tensor = std::move(tensor);
      taken.insert(slot.name);
    }
    for (const ObjectId dict : {parameters, buffers}) refuse_others(attributes, dict, taken);
  }

  void refuse_tensors(TorchAttributes& attributes) {
    for (const std::string_view name : {"_parameters", "_buffers"})
      refuse_others(attributes, attributes.dict(name), {});
  }

  void refuse_others(const TorchAttributes& attributes, ObjectId dict,
                     const std::set<std::string, std::less<>>& taken) const {
    const std::span<const ObjectId> items = graph_.items(dict);
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (items[i + 1] == kPickleNone || taken.contains(graph_.at(items[i]).text)) continue;
      fail(Errc::extra_weight, attributes.place(), "tensor that the layer does not take: " + graph_.describe(items[i]));
    }
  }

  std::string child_name(const TorchAttributes& attributes, ObjectId id) const {
    const PickleObject& name = graph_.at(id);
    const bool plain = name.kind == PickleKind::text && !name.text.empty() && name.text.size() <= kNameBytes &&
                       name.text.find_first_of(std::string_view(".\0", 2)) == std::string_view::npos;
    if (!plain) fail(Errc::malformed, attributes.place(), "module name", "a name without dots", graph_.describe(id));
    return std::string(name.text);
  }

  static std::string place(const std::string& path, std::string_view type) {
    return path.empty() ? std::string(type) : "layer " + base::quoted(path) + " (" + std::string(type) + ")";
  }

  const PickleGraph& graph_;
  TorchTensors& tensors_;
  const Limits& limits_;
  std::vector<std::string> notes_;
  std::vector<std::string> problems_;
  Errc code_ = Errc::malformed;  // of the first
  std::uint64_t layers_ = 0;
  bool training_ = false;
};

}  // namespace

model::Network read_torch_network(const PickleGraph& graph, ObjectId module, TorchTensors& tensors,
                                  const Limits& limits) {
  return NetworkReader(graph, tensors, limits).read(module);
}

}  // namespace lamina::format
