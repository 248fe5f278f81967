// Place, what, expected, got -> lamina::Error with a one-line message.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace lamina::base {

/// Throws Error{code, "what"}; `what` names the place itself.
[[noreturn]] void fail(Errc code, const std::string& what);
/// Throws Error{code, "place: what"}.
[[noreturn]] void fail(Errc code, std::string_view place, std::string_view what);
/// Throws Error{code, "place: what: expected E, got G"}.
[[noreturn]] void fail(Errc code, std::string_view place, std::string_view what, std::string_view expected,
                       std::string_view got);

/// The same error with "prefix: " in front of the message and of each problem.
[[nodiscard]] Error with_prefix(const Error& error, std::string_view prefix);

/// At most 64 bytes of `text` in quotes, control and non-ASCII bytes escaped: for messages about file content.
[[nodiscard]] std::string quoted(std::string_view text);

/// Closest of `candidates` within a small edit distance: "; did you mean 'ReLU'?", or empty.
[[nodiscard]] std::string did_you_mean(std::string_view name, const std::string_view* candidates, std::size_t count);

}  // namespace lamina::base
