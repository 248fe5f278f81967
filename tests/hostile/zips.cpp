// Threats -> the zip archives (PyTorch's, Keras's and numpy's containers) that carry them.
// SPDX-License-Identifier: Apache-2.0
#include "format/zip_writer.hpp"
#include "hostile/gallery.hpp"

namespace lamina::test {
namespace {

std::string overlapping() {
  ZipWriter writer;  // "in" lies within the data of "a"
  writer.add({.name = "a", .content = zip_of({{.name = "in", .content = "x"}}) + "tail"});
  writer.add({.name = "in", .content = "x", .local_offset = 31});
  return writer.done();
}

ZipMemberSpec damaged() {
  ZipMemberSpec member = {.name = "a.npy", .content = "text"};
  member.crc = 1;
  return member;
}

}  // namespace

std::vector<Hostile> hostile_zips() {
  const std::string file = "a.pt";
  const ZipMemberSpec a = {.name = "a", .content = "text"};
  return {
      {"T-03", "three MiB of zeros in three KiB", file,
       zip_of({{.name = "a", .content = std::string(3 << 20, '\0'), .method = 8}}), "limit_exceeded",
       "more than 100 times"},
      {"T-04", "a member within another", file, overlapping(), "malformed", "overlap"},
      {"T-05", "two members of one name", file, zip_of({a, a}), "malformed", "occurs twice"},
      {"T-05", "another name in the local header", file, zip_of({{.name = "a", .content = "text", .local_name = "b"}}),
       "malformed", "differ"},
      {"T-05", "a CRC of other bytes", "a.npz", zip_of({damaged()}), "malformed", "CRC"},
      {"T-05", "two end records", file, zip_of({a}, {.comment = zip_of({a})}), "malformed", "two end records"},
      {"T-05", "a member that is encrypted", file, zip_of({{.name = "a", .content = "text", .flags = 1}}),
       "unsupported_feature", "encrypted"},
      {"T-06", "a name with ..", file, zip_of({{.name = "../a", .content = ""}}), "unsafe_content", "../a"},
      {"T-06", "an absolute name", file, zip_of({{.name = "/etc/passwd", .content = ""}}), "unsafe_content", ""},
      {"T-11", "a script in front", file, zip_of({a}, {.prefix = "#!/bin/sh\n"}), "malformed", ""},
      {"T-11", "bytes behind a member", file, zip_of({{.name = "a", .content = "text", .gap = "hidden"}}), "malformed",
       "belong to no"},
  };
}

}  // namespace lamina::test
