// A JSON value that is neither object nor array.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lamina::serve {

using JsonScalar = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string_view>;

/// For messages: "null", "true", "-3", "'text'".
[[nodiscard]] std::string to_string(const JsonScalar& value);

/// A number without fraction, from 0 on.
[[nodiscard]] std::optional<std::uint64_t> whole_number(const JsonScalar& value);

}  // namespace lamina::serve
