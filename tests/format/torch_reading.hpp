// Bytes of a torch file -> what the reader makes of them, or the text of its error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/byte_source.hpp"
#include "format/pytorch.hpp"
#include "support/pickle_writer.hpp"

#include <lamina/error.hpp>
#include <lamina/model.hpp>

#include <string>

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

}  // namespace lamina::test
