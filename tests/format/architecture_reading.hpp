// Architecture text -> what a test compares: layers in one line each, or the error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/architecture.hpp"
#include "model/infer.hpp"
#include "model/print.hpp"
#include "support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lamina::test {

inline model::Network parse(std::string_view text, const ArchitectureOptions& options = {}) {
  return format::parse_architecture(text, options);
}

/// "fc1: Linear(in_features=784, ...)" of each layer, nested ones flat.
inline std::vector<std::string> layers_of(const model::Network& network) {
  std::vector<std::string> lines;
  for (const model::Layer& layer : model::flatten(network))
    lines.push_back(layer.name + ": " + model::torch_repr(layer));
  return lines;
}

/// The same without names.
inline std::vector<std::string> ops_of(const model::Network& network) {
  std::vector<std::string> lines;
  for (const model::Layer& layer : model::flatten(network)) lines.push_back(model::torch_repr(layer));
  return lines;
}

inline Error error_of(std::string_view text, const ArchitectureOptions& options = {}) {
  try {
    (void)parse(text, options);
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error for: " << text);
  return {Errc::internal, ""};
}

inline bool says(const Error& error, std::string_view part) {
  return std::string_view(error.what()).find(part) != std::string_view::npos;
}

}  // namespace lamina::test
