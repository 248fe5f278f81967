// MODEL on the command line, [NAME[:VERSION]=]PATH -> its parts.
// SPDX-License-Identifier: Apache-2.0
#include "serve/model_argument.hpp"

#include "serve/served_model.hpp"

#include <lamina/error.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

namespace lamina::serve {
namespace {

[[noreturn]] void fail(const std::string& text, const std::string& what) {
  throw Error(Errc::invalid_argument, "MODEL '" + text + "': " + what);
}

std::uint64_t version_of(const std::string& text, const std::string& digits) {
  std::uint64_t version = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (failure == std::errc() && end == digits.data() + digits.size() && version != 0) return version;
  fail(text, "version: expected a whole number from 1 on, got '" + digits + "'");
}

}  // namespace

ModelArgument parse_model_argument(const std::string& text) {
  ModelArgument model;
  const std::size_t equals = text.find('=');
  const bool named = equals != std::string::npos && text.find('/') > equals;  // a folder's name may hold a '='
  model.path = named ? text.substr(equals + 1) : text;
  if (model.path.empty()) fail(text, "expected [NAME[:VERSION]=]PATH");
  if (!named) {
    model.name = std::filesystem::path(model.path).stem().string();
  } else {
    const std::size_t colon = text.find(':');
    model.name = text.substr(0, std::min(colon, equals));
    if (colon < equals) model.version = version_of(text, text.substr(colon + 1, equals - colon - 1));
  }
  if (!is_model_name(model.name)) {
    fail(text, "name: expected letters, digits, '.', '_' and '-', got '" + model.name + "': say NAME=PATH");
  }
  return model;
}

}  // namespace lamina::serve
