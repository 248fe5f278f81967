// A Report -> one HTML page that needs nothing else: plots, drawn by its own script from the report's JSON.
// SPDX-License-Identifier: Apache-2.0
#include "profile/report_html.hpp"

#include "profile/report_json.hpp"

namespace lamina::tools {
namespace {

/// No text of a model can end the script element that holds it.
std::string embedded(const nlohmann::ordered_json& document) {
  std::string text;
  for (const char c : document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string to_html(const Report& report) {
  nlohmann::ordered_json document = to_json(report);
  for (nlohmann::ordered_json& run : document["runs"]) run.erase("blocks_ns");  // the page draws the histogram
  const std::string_view mark = "@REPORT@";
  const std::size_t at = kPage.find(mark);
  return std::string(kPage.substr(0, at)) + embedded(document) + std::string(kPage.substr(at + mark.size()));
}

}  // namespace lamina::tools
