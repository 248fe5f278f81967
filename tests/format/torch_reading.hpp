// Bytes of a torch file -> what the reader makes of them, or the text of its error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/pytorch.hpp"
#include "support/catch.hpp"
#include "support/pickle_writer.hpp"

#include <lamina/error.hpp>
#include <lamina/model.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::test {

inline format::Contents read(const std::string& file, const LoadOptions& options = {}) {
  return format::read_pytorch(base::ByteSource::over(as_bytes(file)), options);
}

/// "code: message", or "no error".
inline std::string error_of(const std::string& file, const LoadOptions& options = {}) {
  try {
    (void)read(file, options);
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return "no error";
}

/// Refused with this code, and these words in the message.
inline void refused(const std::string& file, std::string_view code, std::string_view part,
                    const LoadOptions& options = {}) {
  const std::string error = error_of(file, options);
  INFO(error);
  CHECK(error.find(std::string(code) + ": ") == 0);
  CHECK(error.find(part) != std::string::npos);
}

inline bool notes_contain(const std::vector<std::string>& notes, std::string_view part) {
  return std::any_of(notes.begin(), notes.end(),
                     [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

inline std::vector<float> values(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

/// A file that golden/make_pytorch.py wrote.
inline std::string golden(const std::string& name) {
  std::ifstream file(std::string(LAMINA_GOLDEN) + "/pytorch/" + name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace lamina::test
