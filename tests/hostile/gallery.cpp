// One hostile file per threat -> the typed error that it gives, from a path and from memory, and nothing else.
// SPDX-License-Identifier: Apache-2.0
#include "hostile/gallery.hpp"

#include "format/safetensors_file.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"
#include "support/folder.hpp"

#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace {

using namespace lamina;
using namespace lamina::test;

struct Threat {
  std::string_view row, what, held_by;  // held_by: where no file can show it, what does
};

// The list of threats of a reader of untrusted files; T-30 and later are those of a server.
constexpr std::array kThreats = {
    Threat{"T-01", "a product or sum of sizes overflows", ""},
    Threat{"T-02", "a declared size is not the size of the data", ""},
    Threat{"T-03", "a small file declares a huge size", ""},
    Threat{"T-04", "members of a zip overlap", ""},
    Threat{"T-05", "two readers could see different members in a zip", ""},
    Threat{"T-06", "a member's name leads out of its folder", ""},
    Threat{"T-07", "a name in the file asks for code to be run", ""},
    Threat{"T-08", "a pickle abuses its machine: types, memo, cycles, depth", ""},
    Threat{"T-09", "a view lies outside its storage", ""},
    Threat{"T-10", "a header costs more than it is worth: depth, keys, duplicates", ""},
    Threat{"T-11", "bytes that belong to nothing", ""},
    Threat{"T-12", "a name that promises another format than the bytes have", ""},
    Threat{"T-13", "data of an ONNX file that lies in other files", ""},
    Threat{"T-14", "links of an HDF5 file that lead out of it", ""},
    Threat{"T-15", "defects of the HDF5 library", "it is not linked; the reader is the project's own, and fuzzed"},
    Threat{"T-16", "structures of an HDF5 file that contain themselves", ""},
    Threat{"T-17", "an ONNX graph that is none: cycles, loose ends, subgraphs", ""},
    Threat{"T-18", "a protobuf of extreme nesting, groups or numbers", ""},
    Threat{"T-19", "dimensions of size zero", ""},
    Threat{"T-20", "an assertion that input can reach", "structure_text: the library has none"},
    Threat{"T-21", "recursion on the length of the input", ""},
    Threat{"T-22", "a file that shrinks while it is read", "base: files are read, never mapped"},
    Threat{"T-23", "a path that is no regular file", ""},
    Threat{"T-24", "a file that changes between check and use", "base: opened once, and what was read is used"},
    Threat{"T-25", "hyper-parameters that are no sane numbers", ""},
    Threat{"T-26", "denormal weights, which are slow", "no error: the answer is right"},
    Threat{"T-27", "texts of numbers that are none, or too long", ""},
    Threat{"T-28", "a csv file that is none: quotes, NUL, ragged rows", ""},
    Threat{"T-29", "an npy header that is a program", ""},
};

std::vector<Hostile> gallery() {
  std::vector<Hostile> all;
  for (const auto& part : {hostile_safetensors(), hostile_zips(), hostile_torch_files(), hostile_arrays(),
                           hostile_hdf5_files(), hostile_onnx_files(), hostile_texts()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

bool is_array(const std::string& file) { return data::format_of(file).has_value(); }
bool is_text(const std::string& file) { return file.ends_with(".txt"); }

std::string failure_of(const Hostile& hostile, const std::filesystem::path& path) {
  if (is_array(hostile.file)) return failure([&] { (void)data::read_array(path); });
  if (!is_text(hostile.file)) return failure([&] { (void)load(path); });
  const std::string weights = safetensors_file({{"0.weight", Tensor({1, 1}, {1})}});
  return failure([&] { (void)load(std::as_bytes(std::span(weights)), {.architecture = hostile.bytes}); });
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("each hostile file gives the error that says what is wrong with it") {
  const Folder folder;
  for (const Hostile& hostile : gallery()) {
    INFO(hostile.row << ": " << hostile.what);
    const std::string failed = failure_of(hostile, folder.put(hostile.file, hostile.bytes));
    INFO(failed);
    CHECK(failed.starts_with(hostile.code + ": "));
    CHECK(has(failed, hostile.part));
    CHECK(failed.size() < 2048);
    CHECK_FALSE(has(failed, "\n"));
    if (!is_text(hostile.file)) CHECK(has(failed, hostile.file));
  }
}

TEST_CASE("a hostile model gives the same error from memory") {
  const Folder folder;
  for (const Hostile& hostile : gallery()) {
    if (is_array(hostile.file) || is_text(hostile.file)) continue;
    INFO(hostile.row << ": " << hostile.what);
    const std::string failed = failure([&] { (void)load(std::as_bytes(std::span(hostile.bytes))); });
    CHECK(failed.starts_with(hostile.code + ": "));
    CHECK(has(failed, hostile.part));
  }
}

TEST_CASE("T-23: folders, devices and pipes without a writer are refused, and opening one never waits") {
  const Folder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const std::filesystem::path& path : {folder / "", folder / "pipe", std::filesystem::path("/dev/zero")}) {
    INFO(path);
    CHECK(failure([&] { (void)load(path); }).starts_with("io: "));
  }
  CHECK(failure([&] { (void)load(folder / "absent"); }).starts_with("io: "));
}

TEST_CASE("every threat has a file in the gallery, or is held by something else") {
  std::set<std::string, std::less<>> shown = {"T-23"};
  for (const Hostile& hostile : gallery()) shown.insert(hostile.row);
  for (const Threat& threat : kThreats) {
    INFO(threat.row << ": " << threat.what);
    CHECK(shown.contains(threat.row) == threat.held_by.empty());
  }
  for (const std::string& row : shown) {
    CHECK(std::ranges::any_of(kThreats, [&](const Threat& threat) { return threat.row == row; }));
  }
}
