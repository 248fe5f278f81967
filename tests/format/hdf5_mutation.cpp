// HDF5 files cut off anywhere, or with any bit flipped: an error or a valid result, in bounded time and memory.
// SPDX-License-Identifier: Apache-2.0
#include "format/hdf5_patch.hpp"

namespace {

using namespace lamina;
using namespace lamina::test;

constexpr std::size_t kMetadata = 4096;

/// Small limits, so that a reader that allocated what a broken file declares would be seen.
Limits small_limits() {
  Limits limits;
  limits.text_bytes = std::uint64_t{1} << 18;
  limits.weight_bytes = std::uint64_t{1} << 18;
  return limits;
}

/// "no error" or a line; anything else (another exception, a sanitizer's report) fails the test.
std::string survive(const std::string& file) {
  std::string error = hdf5_error(file, walk, small_limits());
  if (error.size() > 2048 || error.find('\n') != std::string::npos) FAIL("not one line: " << error);
  return error;
}

std::vector<std::string> small_files() {
  std::vector<std::string> files;
  for (const std::string& name : hdf5_names("read")) {
    // The others hold the same structures, more of them.
    const bool twin = name == "many_new" || name == "types_new" || name == "keras_v108" || name == "by_creation_old";
    if (!twin) files.push_back("read/" + name + ".h5");
  }
  for (const char* name : {"external_link_old", "chunked_new", "loop_new"}) {
    files.push_back("refuse/" + std::string(name) + ".h5");
  }
  return files;
}

}  // namespace

TEST_CASE("HDF5 files cut off at any length are errors") {
  for (const std::string& name : small_files()) {
    const std::string file = hdf5_golden(name);
    for (std::size_t length = 0; length < file.size(); ++length) {
      if (survive(file.substr(0, length)) == "no error") FAIL(name << " cut off to " << length << " bytes");
    }
  }
}

TEST_CASE("HDF5 files cut off at any length that they then declare give an error or a valid result") {
  for (const std::string& name : small_files()) {
    const Hdf5Patch file(hdf5_golden(name));
    int errors = 0;
    for (std::size_t length = 96; length < file.bytes().size(); ++length) {
      errors += survive(file.first(length)) != "no error";
    }
    INFO(name);
    CHECK(errors > 0);
  }
}

TEST_CASE("HDF5 files with any one bit flipped give an error or a valid result") {
  for (const std::string& name : small_files()) {
    std::string file = hdf5_golden(name);
    int errors = 0;
    for (std::size_t i = 0; i < std::min(file.size(), kMetadata); ++i) {
      const char was = file[i];
      for (int bit = 0; bit < 8; ++bit) {
        file[i] = static_cast<char>(static_cast<unsigned char>(was) ^ (1U << bit));
        errors += survive(file) != "no error";
      }
      file[i] = was;
    }
    INFO(name);
    CHECK(errors > 0);
  }
}

TEST_CASE("HDF5 structures with any one bit flipped, under a right checksum, give an error or a valid result") {
  for (const char* name : {"read/keras_new.h5", "read/dense.h5", "read/texts_new.h5", "read/by_creation_new.h5"}) {
    Hdf5Patch file(hdf5_golden(name));
    REQUIRE(file.sums().size() >= 2);
    int errors = 0, damaged = 0;
    for (const Checksummed part : file.sums()) {
      for (std::size_t i = part.begin; i < std::min(part.end, part.begin + 512); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
          const std::string error = survive(file.flip(i, bit).bytes());
          file.flip(i, bit);
          errors += error != "no error";
          damaged += error.find("checksum") != std::string::npos;
        }
      }
    }
    INFO(name);
    CHECK(errors > 0);
    CHECK(damaged < errors / 10);  // the flips themselves were seen, not the checksums
  }
}
