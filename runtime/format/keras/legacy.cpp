// model_config and model_weights of an HDF5 file -> Network with weights; weights alone -> tensors.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/legacy.hpp"

#include "base/fail.hpp"
#include "format/keras/bare_weights.hpp"
#include "format/keras/match_saved.hpp"
#include "format/keras/version.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace lamina::format {
namespace {

using base::fail;

/// Beside the model since Keras 1.2 and, as it was before, beside the weights; none in the oldest files.
std::optional<std::string> version_of(const Hdf5& file, const std::optional<Hdf5Object>& weights) {
  auto version = file.text(file.root(), "keras_version");
  if (!version && weights) version = file.text(*weights, "keras_version");
  return version;
}

/// What Keras 1 keeps as "running_std" was a deviation at first and then a variance.
void refuse_old_norms(const std::vector<KerasLayer>& layers, KerasAssignment& assignment) {
  for (const KerasLayer& layer : layers) {
    refuse_old_norms(layer.children, assignment);
    if (layer.class_name != "BatchNormalization") continue;
    assignment.problem(Errc::unsupported_layer, "layer " + base::quoted(layer.name) +
                                                    " (BatchNormalization): its statistics had different meanings "
                                                    "within Keras 1; load the file with Keras 2 and save it again");
  }
}

Json parse_config(const std::string& text, const Limits& limits) {
  try {
    return parse_json(text, {.bytes = limits.text_bytes});
  } catch (const Error& error) {
    throw base::with_prefix(error, "model_config");
  }
}

void read_model(const Hdf5& file, const std::string& config, const LoadOptions& options, Contents& contents) {
  const std::optional<Hdf5Object> weights = saved_weights(file);
  if (!weights) fail(Errc::malformed, "the file has a model_config, but no group 'model_weights'");
  const auto version = version_of(file, weights);
  const std::optional<int> major = version ? keras_major(*version) : options.keras_version;
  contents.notes.push_back("saved by Keras " + version.value_or("of an unknown version"));
  KerasNetwork network = read_keras_config(parse_config(config, options.limits), major, options.limits);
  KerasAssignment assignment(file, options.allow_unused);
  if (major == 1) refuse_old_norms(network.layers, assignment);
  match_saved(file, saved_layers(file, *weights, options.limits.tensors), network, assignment);
  assignment.finish(contents.notes);
  contents.network = std::move(network.network);
}

[[noreturn]] void refuse_file(const Hdf5& file) {
  constexpr std::size_t kListed = 5;
  const std::vector<std::string> names = file.members(file.root());
  std::string listed;
  for (std::size_t i = 0; i < std::min(kListed, names.size()); ++i) {
    listed += (i == 0 ? "" : ", ") + base::quoted(names[i]);
  }
  fail(Errc::unsupported_feature,
       "an HDF5 file that Keras did not write: it holds " + (names.empty()            ? "nothing"
                                                             : names.size() > kListed ? listed + ", ..."
                                                                                      : listed));
}

void read_tensors(const Hdf5& file, const LoadOptions& options, Contents& contents) {
  contents.format = "Keras weights (HDF5)";
  if (const auto weights = saved_weights(file)) {
    contents.tensors = named_weights(file, saved_layers(file, *weights, options.limits.tensors));
    contents.ordered = true;
  } else {
    contents.tensors = numbered_weights(file, options.limits.tensors);
  }
  if (contents.tensors.empty()) refuse_file(file);
}

}  // namespace

Contents read_keras_hdf5(const base::ByteSource& source, const LoadOptions& options) {
  const Hdf5 file(source, options.limits);
  Contents contents;
  contents.format = "Keras HDF5";
  if (const auto config = file.text(file.root(), "model_config")) {
    read_model(file, *config, options, contents);
  } else {
    read_tensors(file, options, contents);
  }
  return contents;
}

}  // namespace lamina::format
