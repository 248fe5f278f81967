// A Report -> JSON of the schema "lamina.profile/1", which docs/profile.md describes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/report.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace lamina::tools {

inline constexpr const char* kProfileSchema = "lamina.profile/1";

[[nodiscard]] nlohmann::ordered_json to_json(const Report& report);
[[nodiscard]] nlohmann::ordered_json to_json(const Difference& difference);

/// Indented; a list of numbers or words takes one line, however many they are. Ends in a newline.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& document);

}  // namespace lamina::tools
