// The root of a Keras config: its version, then its layers.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/keras_config.hpp"

#include "base/fail.hpp"
#include "format/architecture/keras_chain.hpp"
#include "format/architecture/keras_json.hpp"

namespace lamina::format {
namespace {

/// Keras 1 and 2 write "keras_version". Keras 3 writes it in another file, which the caller has read, or not at all
/// (to_json()), but its objects name their module; those of Keras 2.13 to 2.15 do so as well.
std::optional<int> version_of(const Json& config, std::optional<int> given) {
  const Json* version = config.find("keras_version");
  if (version != nullptr && version->is_string()) {
    const std::string& text = version->string("keras_version");
    if (!text.empty() && text[0] >= '1' && text[0] <= '9') return text[0] - '0';
  }
  if (given) return given;
  return config.find("module") != nullptr ? std::optional(3) : std::nullopt;
}

}  // namespace

KerasNetwork read_keras_config(const Json& config, std::optional<int> version, const Limits& limits) {
  using namespace architecture;
  try {
    const Source nowhere({}, {});
    const Scope empty(nowhere, {});
    return keras_network({nowhere, empty, version_of(config, version), limits}, keras_model_call(config));
  } catch (const Error& error) {
    throw base::with_prefix(error, "Keras config");
  }
}

}  // namespace lamina::format
