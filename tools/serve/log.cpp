// Events of the server -> one line each on stderr: time=... level=info event=listening port=8080.
// SPDX-License-Identifier: Apache-2.0
#include "serve/log.hpp"

#include "serve/json_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace lamina::serve {
namespace {

/// 2026-11-24T16:10:53.123Z
std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto whole = std::chrono::system_clock::from_time_t(seconds);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(now - whole).count();
  std::tm date = {};
  gmtime_r(&seconds, &date);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &date);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(rest));
  return text;
}

void append_value(std::string& line, const std::string& value) {
  const auto is_plain = [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '='; };
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_plain)) {
    line += value;
  } else {
    append_json_string(line, value);
  }
}

}  // namespace

std::string log_text(Level level, std::string_view event, std::initializer_list<Field> fields) {
  constexpr std::string_view kNames[] = {"info", "warning", "error"};
  std::string line = "level=" + std::string(kNames[static_cast<std::size_t>(level)]) + " event=" + std::string(event);
  for (const auto& [name, value] : fields) {
    line.append(" ").append(name).append("=");
    append_value(line, value);
  }
  return line;
}

void log(Level level, std::string_view event, std::initializer_list<Field> fields) noexcept {
  try {
    const std::string line = "time=" + now_text() + ' ' + log_text(level, event, fields) + '\n';
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t written = ::write(STDERR_FILENO, line.data() + done, line.size() - done);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // nobody listens
      done += static_cast<std::size_t>(written);
    }
  } catch (...) {  // no memory even for the line that says so
  }
}

}  // namespace lamina::serve
