// MODEL on the command line, [NAME[:VERSION]=]PATH -> its parts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace lamina::serve {

struct ModelArgument {
  std::string name;
  std::uint64_t version = 1;
  std::string path;
};

/// Without a name: that of the file, less its suffix. Throws Error{invalid_argument}.
[[nodiscard]] ModelArgument parse_model_argument(const std::string& text);

}  // namespace lamina::serve
