// An action -> the error that it throws, as one line to compare: "shape_mismatch: layer '2' ...".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>

#include <string>

namespace lamina::test {

template <class Action>
std::string failure(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return "no error";
}

}  // namespace lamina::test
