// The lines of constructor code -> the value of the variable that holds the network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/expression.hpp"

#include <map>
#include <string>
#include <vector>

namespace lamina::format::architecture {

struct Program {
  Value network;                               // a call: Sequential(...), a class, or one layer
  std::map<std::string, std::size_t> classes;  // name -> its token's position
};

/// Reads imports, assignments, model.add(...) and class headers; leaves aside lines that train, print or save. A call
/// is only written down, never followed. Throws Error for any other line, and where there is not exactly one network.
[[nodiscard]] Program read_program(Cursor& cursor, Scope& scope);

}  // namespace lamina::format::architecture
