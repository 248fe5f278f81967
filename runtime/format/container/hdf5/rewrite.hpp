// What the reader refuses -> the command that makes a file without it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lamina::format::hdf5 {

inline std::string with_rewrite_hint(std::string_view problem) {
  return std::string(problem) + "; rewrite the file: h5repack -l CONTI -f NONE OLD NEW";
}

}  // namespace lamina::format::hdf5
