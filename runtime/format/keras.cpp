// The Keras reader: picks the container.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras.hpp"

#include "format/container/hdf5.hpp"
#include "format/keras/archive.hpp"
#include "format/keras/legacy.hpp"

namespace lamina::format {

bool recognises_keras(const base::ByteSource& source) { return is_hdf5(source) || is_keras_archive(source); }

Contents read_keras(const base::ByteSource& source, const LoadOptions& options) {
  return is_hdf5(source) ? read_keras_hdf5(source, options) : read_keras_archive(source, options);
}

}  // namespace lamina::format
