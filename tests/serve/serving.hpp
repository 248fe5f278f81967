// A service over a small model, without a socket: requests -> replies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/catalog.hpp"
#include "serve/reply.hpp"
#include "serve/service.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::test {

using nlohmann::json;

/// y = [x0 + x1, 2 x0, -x1], exact for small whole numbers.
inline Model sum_model() {
  Model model = Sequential{Linear(2, 3)};
  model.load_state_dict({{"0.weight", Tensor({3, 2}, {1, 1, 2, 0, 0, -1})}, {"0.bias", Tensor({3}, {0, 0, 0})}});
  return model;
}

inline serve::ModelSource source_of(const std::string& name, std::uint64_t version = 1) {
  return {name, version, name + ".safetensors", sum_model};
}

/// The refusal of an action as "400 message"; "none" where there is none.
template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const serve::Refused& refused) {
    return std::to_string(refused.status()) + " " + refused.what();
  }
  return "none";
}

struct Serving {
  explicit Serving(std::vector<serve::ModelSource> sources = {source_of("m")}, const BatcherOptions& options = {4})
      : catalog(std::move(sources), options), service(catalog, metrics, std::chrono::microseconds(0)) {}

  /// Of a request that is answered at once.
  serve::Reply reply(const serve::Request& request) {
    std::vector<serve::Reply> replies;
    service.handle(request, [&](serve::Reply&& reply) { replies.push_back(std::move(reply)); });
    REQUIRE(replies.size() == 1);
    return replies[0];
  }
  serve::Reply get(std::string_view target) { return reply({"GET", target, {}, {}, {}}); }
  serve::Reply infer(std::string_view body, std::optional<std::string_view> json_length = {}) {
    return reply({"POST", "/v2/models/m/infer", json_length, {}, body});
  }

  serve::Catalog catalog;
  serve::ServerMetrics metrics;
  serve::Service service;
};

/// "400 message" of an error in the protocol's form, its status alone otherwise.
inline std::string told(const serve::Reply& reply) {
  const std::string status = std::to_string(reply.status);
  return reply.status == 200 ? status : status + " " + json::parse(reply.body)["error"].get<std::string>();
}

}  // namespace lamina::test
