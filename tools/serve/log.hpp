// Events of the server -> one line each on stderr: time=... level=info event=listening port=8080.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace lamina::serve {

enum class Level { info, warning, error };

using Field = std::pair<std::string_view, std::string>;

/// Values with spaces, quotes or anything unprintable stand in quotes, escaped as in JSON. Lines of several threads do
/// not mix. A line for which there is no memory, or no reader, is lost.
void log(Level level, std::string_view event, std::initializer_list<Field> fields = {}) noexcept;

/// What log() writes, without the time.
[[nodiscard]] std::string log_text(Level level, std::string_view event, std::initializer_list<Field> fields);

}  // namespace lamina::serve
