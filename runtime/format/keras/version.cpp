// The first number of a version, within what there has been.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/version.hpp"

#include "base/fail.hpp"

namespace lamina::format {

int keras_major(const std::string& version) {
  const bool one_digit = version.size() == 1 || (version.size() > 1 && version[1] == '.');
  if (!one_digit || version[0] < '0' || version[0] > '9') {
    base::fail(Errc::malformed, "keras_version", "version", "one such as '3.9.2'", base::quoted(version));
  }
  if (version[0] < '1' || version[0] > '3') {
    base::fail(Errc::unsupported_feature, "keras_version", "version", "Keras 1, 2 or 3", base::quoted(version));
  }
  return version[0] - '0';
}

}  // namespace lamina::format
