// Method and target of a request -> what it asks for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace lamina::serve {

enum class Resource { live, ready, server, model, model_ready, model_config, infer, metrics };

/// Views into the target.
struct Route {
  Resource resource;
  std::string_view model = {};    // empty where the resource has none
  std::string_view version = {};  // empty: the newest
};

/// Throws Refused{404} for an unknown path, Refused{405} with Allow for a method that it does not have.
[[nodiscard]] Route route_of(std::string_view method, std::string_view target);

}  // namespace lamina::serve
