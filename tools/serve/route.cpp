// Method and target of a request -> what it asks for.
// SPDX-License-Identifier: Apache-2.0
#include "serve/route.hpp"

#include "serve/reply.hpp"

#include <optional>
#include <string>

namespace lamina::serve {
namespace {

struct Place {
  std::string_view path;
  Resource resource;
};

constexpr Place kServerPlaces[] = {
    {"/v2/health/live", Resource::live}, {"/v2/health/ready", Resource::ready},
    {"/v2", Resource::server},           {"/v2/", Resource::server},  // as the specification's own list of paths has it
    {"/metrics", Resource::metrics},
};

constexpr Place kModelPlaces[] = {
    {"", Resource::model},
    {"/ready", Resource::model_ready},
    {"/config", Resource::model_config},
    {"/infer", Resource::infer},
};

/// Takes "NAME" off the front of "NAME/rest".
std::string_view take_segment(std::string_view& path) {
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool take(std::string_view& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  return true;
}

std::optional<Route> place_of(std::string_view path) {
  for (const Place& place : kServerPlaces) {
    if (path == place.path) return Route{place.resource};
  }
  if (!take(path, "/v2/models/")) return std::nullopt;
  Route route{Resource::model, take_segment(path)};
  if (route.model.empty()) return std::nullopt;
  if (take(path, "/versions/")) {
    route.version = take_segment(path);
    if (route.version.empty()) return std::nullopt;
  }
  for (const Place& place : kModelPlaces) {
    if (path != place.path) continue;
    route.resource = place.resource;
    return route;
  }
  return std::nullopt;
}

}  // namespace

Route route_of(std::string_view method, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::optional<Route> route = place_of(path);
  if (!route) {
    throw Refused(404,
                  "path: expected /v2, /v2/health/live, /v2/health/ready, /v2/models/NAME[/versions/V]"
                  "[/ready|/config|/infer] or /metrics, got " +
                      in_quotes(path));
  }
  const bool infer = route->resource == Resource::infer;
  if (infer ? method == "POST" : method == "GET" || method == "HEAD") return *route;
  const std::string allowed = infer ? "POST" : "GET, HEAD";
  throw Refused(405, "method: expected " + allowed + " for " + in_quotes(path) + ", got " + in_quotes(method),
                {{"Allow", allowed}});
}

}  // namespace lamina::serve
