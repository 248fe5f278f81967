// The public Model: reader, state_dict, compile, printing, behind a shared immutable Network.
// SPDX-License-Identifier: Apache-2.0
#include "base/byte_source.hpp"
#include "base/cpus.hpp"
#include "base/fail.hpp"
#include "format/architecture/architecture.hpp"
#include "format/bind.hpp"
#include "format/reader.hpp"
#include "format/safetensors.hpp"
#include "model/infer.hpp"
#include "model/network.hpp"
#include "model/print.hpp"
#include "pass/pass.hpp"
#include "plan/compile.hpp"
#include "run/float_mode.hpp"
#include "run/parallel.hpp"

#include <lamina/model.hpp>
#include <lamina/plan.hpp>

#include <cmath>
#include <new>
#include <random>
#include <utility>

namespace lamina {
namespace {

/// Walks every layer that is no container, containers dissolved, without copying.
template <class LayerT, class Visit>
void for_each_layer(std::vector<LayerT>& layers, const std::string& prefix, Visit visit) {
  for (LayerT& layer : layers) {
    if (auto* nested = std::get_if<model::Sequential>(&layer.op)) {
      for_each_layer(nested->layers, prefix + layer.name + ".", visit);
    } else {
      visit(prefix + layer.name, layer);
    }
  }
}
template <class Visit>
void for_each_layer(const std::vector<model::Layer>& layers, const std::string& prefix, Visit visit) {
  for (const model::Layer& layer : layers) {
    if (const auto* nested = std::get_if<model::Sequential>(&layer.op)) {
      for_each_layer(nested->layers, prefix + layer.name + ".", visit);
    } else {
      visit(prefix + layer.name, layer);
    }
  }
}

/// Most threads of one run. Throws Error{unsupported_feature} where there is nobody to take them from.
int threads_of(const CompileOptions& options) {
  if (options.threads == 1) return 1;
  if (!run::has_threads() && !options.parallel_for) {
    if (options.threads == 0) return 1;
    base::fail(Errc::unsupported_feature, "compile", "threads",
               "1, or parallel_for: this lamina is built without oneTBB", std::to_string(options.threads));
  }
  return options.threads == 0 ? base::count_cpus().effective : options.threads;
}

Plan compile_network(model::Network network, const CompileOptions& options) {
  if (options.threads < 0) {
    base::fail(Errc::invalid_argument, "compile", "threads", "0 or more", std::to_string(options.threads));
  }
  const run::FloatMode mode(false);  // weights that are folded have the same bits under any rounding of the caller
  network.golden.reset();            // what has been read from a file has been checked
  model::validate(network);
  if (options.input_shape && !network.input_shape) network.input_shape = options.input_shape;
  return Plan(plan::compile(pass::run_passes(std::move(network), options.fuse), options, threads_of(options)));
}

/// PyTorch's reset_parameters: weights and biases uniform in +-1/sqrt(in_features), norms the identity.
void randomize_layer(model::Layer& layer, std::mt19937_64& engine) {
  float bound = 0.25f;
  if (const auto* linear = std::get_if<model::Linear>(&layer.op)) {
    bound = 1.0f / std::sqrt(static_cast<float>(linear->in_features));
  }
  const bool norm =
      std::holds_alternative<model::BatchNorm>(layer.op) || std::holds_alternative<model::LayerNorm>(layer.op);
  for (const model::Slot& slot : model::weight_slots(layer)) {
    Tensor tensor(slot.shape);
    for (float& value : tensor.mutable_values()) {
      // 24 bits of the generator: the same numbers on every standard library, unlike std::uniform_real_distribution.
      const float unit = static_cast<float>(engine() >> 40) * 0x1p-24f;
      value = norm ? (slot.name == "weight" || slot.name == "running_var" ? 1.0f : 0.0f) : (2 * unit - 1) * bound;
    }
    *slot.tensor = std::move(tensor);
  }
}

}  // namespace

Model::Model() : network_(std::make_shared<const model::Network>()) {}
Model::Model(model::Network network) : network_(std::make_shared<const model::Network>(std::move(network))) {}
Model::Model(const Model&) = default;
Model::Model(Model&& other) noexcept = default;
Model& Model::operator=(const Model&) = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

std::vector<LayerInfo> Model::layers() const {
  const std::vector<model::Layer> layers = model::flatten(*network_);
  const std::vector<std::optional<Shape>> shapes = model::output_shapes(layers, input_shape());
  std::vector<LayerInfo> infos;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    infos.push_back({layers[i].name, model::torch_class(layers[i]), model::torch_repr(layers[i]), shapes[i],
                     model::parameter_count(layers[i])});
  }
  return infos;
}

std::optional<Shape> Model::input_shape() const { return model::input_shape(*network_); }

std::optional<Shape> Model::output_shape() const {
  const std::vector<model::Layer> layers = model::flatten(*network_);
  return layers.empty() ? input_shape() : model::output_shapes(layers, input_shape()).back();
}

const std::vector<std::string>& Model::input_names() const noexcept { return network_->inputs; }
const std::vector<std::string>& Model::output_names() const noexcept { return network_->outputs; }

std::uint64_t Model::parameter_count() const {
  std::uint64_t count = 0;
  for_each_layer(network_->layers, "",
                 [&](const std::string&, const model::Layer& layer) { count += model::parameter_count(layer); });
  return count;
}

bool Model::has_weights() const {
  bool all = true;
  for_each_layer(network_->layers, "", [&](const std::string&, const model::Layer& layer) {
    for (const model::ConstSlot& slot : model::weight_slots(layer)) all = all && !slot.tensor->empty();
  });
  return all;
}

const std::vector<std::string>& Model::notes() const { return network_->notes; }

std::vector<std::pair<std::string, Tensor>> Model::state_dict() const {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for_each_layer(network_->layers, "", [&](const std::string& name, const model::Layer& layer) {
    for (const model::ConstSlot& slot : model::weight_slots(layer)) {
      if (!slot.tensor->empty()) tensors.emplace_back(name + "." + slot.name, *slot.tensor);
    }
  });
  return tensors;
}

void Model::load_state_dict(const std::vector<std::pair<std::string, Tensor>>& tensors, const LoadOptions& options) {
  model::Network bound = format::bind(*network_, tensors, /*ordered=*/false, options);
  bound.golden.reset();
  model::validate(bound);
  network_ = std::make_shared<const model::Network>(std::move(bound));
}

void Model::randomize(std::uint64_t seed) {
  model::Network network = *network_;
  std::mt19937_64 engine(seed);
  for_each_layer(network.layers, "", [&](const std::string&, model::Layer& layer) { randomize_layer(layer, engine); });
  network.golden.reset();
  network_ = std::make_shared<const model::Network>(std::move(network));
}

void Model::set_input_shape(const Shape& shape) {
  model::Network network = *network_;
  if (network.input_shape && *network.input_shape != shape) {
    base::fail(Errc::shape_mismatch, "input shape", "the model states its own", to_string(*network.input_shape),
               to_string(shape));
  }
  network.input_shape = shape;
  model::validate(network);
  network_ = std::make_shared<const model::Network>(std::move(network));
}

const std::optional<GoldenVectors>& Model::golden_vectors() const noexcept { return network_->golden; }

void Model::set_golden_vectors(std::optional<GoldenVectors> golden) {
  model::Network network = *network_;
  network.golden = std::move(golden);
  if (network.golden) model::validate_golden(network);
  network_ = std::make_shared<const model::Network>(std::move(network));
}

Plan Model::compile() const& { return compile_network(*network_, {}); }
Plan Model::compile(const CompileOptions& options) const& { return compile_network(*network_, options); }
Plan Model::compile() && { return std::move(*this).compile(CompileOptions{}); }
Plan Model::compile(const CompileOptions& options) && {
  model::Network network = *network_;                   // shares the tensors ...
  network_ = std::make_shared<const model::Network>();  // ... and is now their only owner here
  return compile_network(std::move(network), options);
}

bool operator==(const Model& a, const Model& b) { return *a.network_ == *b.network_; }

namespace {

Model checked(Model model, const LoadOptions& options) {
  if (!options.verify) return model;
  constexpr std::string_view kPlace = "golden vectors";
  const std::optional<GoldenVectors>& golden = model.golden_vectors();
  if (!golden) base::fail(Errc::verification_failed, kPlace, "there are none to verify the model with");
  CompileOptions how;
  how.input_shape = model::golden_row(model.network());
  const Comparison comparison = verify(model.compile(how), *golden, options.tolerance);
  if (comparison.failures() == 0) return model;
  base::fail(Errc::verification_failed, kPlace,
             "largest error " + to_string(comparison.largest()) + "; " + to_string(comparison));
}

}  // namespace

Model load(const std::filesystem::path& path, const LoadOptions& options) {
  const run::FloatMode mode(false);                              // numbers in texts
  const base::ByteSource source = base::ByteSource::open(path);  // its own errors name the file already
  try {
    return checked(Model(format::read_network(source, options)), options);
  } catch (const Error& error) {
    throw base::with_prefix(error, path.string());
  }
}

Model load(std::span<const std::byte> bytes, const LoadOptions& options) {
  const run::FloatMode mode(false);
  return checked(Model(format::read_network(base::ByteSource::over(bytes), options)), options);
}

void save(const Model& model, const std::filesystem::path& path) { format::write_safetensors(model.network(), path); }

Model parse_architecture(std::string_view text, const ArchitectureOptions& options) {
  return Model(format::parse_architecture(text, options));
}

std::string architecture(const Model& model) { return format::write_architecture(model.network()); }
std::string to_string(const Model& model) { return model::torch_repr(model.network()); }
std::string summary(const Model& model) { return model::keras_summary(model.network()); }

}  // namespace lamina
