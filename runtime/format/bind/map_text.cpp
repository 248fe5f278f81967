// LoadOptions::map -> the text of --map.
// SPDX-License-Identifier: Apache-2.0
#include "format/bind/map_text.hpp"

#include <string_view>

namespace lamina::format {
namespace {

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ',' || c == '=' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::string map_text(const std::vector<std::pair<std::string, std::string>>& map) {
  std::string text;
  for (const auto& [layer, tensor] : map) text += (text.empty() ? "" : ",") + escaped(layer) + "=" + escaped(tensor);
  return text;
}

}  // namespace lamina::format
