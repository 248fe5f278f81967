// Threats -> the HDF5 files that carry them: written by h5py (make_hdf5.py), as an attacker would.
// SPDX-License-Identifier: Apache-2.0
#include "hostile/gallery.hpp"
#include "support/folder.hpp"

namespace lamina::test {
namespace {

std::string made(const std::string& name) { return content_of(std::string(LAMINA_HOSTILE) + "/hdf5/" + name + ".h5"); }

}  // namespace

std::vector<Hostile> hostile_hdf5_files() {
  const std::string file = "a.h5";
  return {
      {"T-03", "four exabytes in chunks that were never written", file, made("shape_bomb"), "limit_exceeded", "2^40"},
      {"T-03", "sixteen megabytes of zeros in sixteen kilobytes", file, made("compressed_bomb"), "shape_mismatch",
       "expected [3, 2]"},
      {"T-14", "a link into another file", file, made("external_link"), "unsafe_content", "link"},
      {"T-14", "a link to a path", file, made("soft_link"), "unsupported_feature", "soft link"},
      {"T-14", "elements in another file", file, made("external_storage"), "unsafe_content", "other files"},
      {"T-14", "a dataset made of other files", file, made("virtual"), "unsafe_content", "virtual"},
      {"T-16", "a group within itself", file, made("loop"), "unsupported_feature", "second name"},
  };
}

}  // namespace lamina::test
