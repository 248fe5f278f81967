// HDF5 files with one field changed, as an attacker would: each is refused, and the message says for what.
// SPDX-License-Identifier: Apache-2.0
#include "format/hdf5_patch.hpp"

namespace {

using namespace lamina;
using namespace lamina::test;
using format::Hdf5;

Hdf5Patch golden_patch(const std::string& name) { return Hdf5Patch(hdf5_golden("read/" + name + ".h5")); }

void refused(const Hdf5Patch& file, std::string_view code, std::string_view part) {
  const std::string error = hdf5_error(file.bytes(), walk);
  INFO(error);
  CHECK(error.rfind(std::string(code) + ": ", 0) == 0);
  CHECK(error.find(part) != std::string::npos);
}

std::string u64_text(std::uint64_t value) {
  std::string text(8, '\0');
  base::store_le(value, reinterpret_cast<std::byte*>(text.data()));
  return text;
}

/// Where the dimensions of /layers/dense/kernel stand.
std::size_t kernel_dims(const Hdf5Patch& file) { return file.find(u64_text(3) + u64_text(2)); }

/// Where the layout message of a contiguous dataset of this size has its address; the size follows.
std::size_t layout_of(const Hdf5Patch& file, std::uint64_t size) {
  for (std::size_t at = 0; at + 18 <= file.bytes().size(); ++at) {
    const auto version = file.get<std::uint8_t>(at);
    const bool contiguous = (version == 3 || version == 4) && file.get<std::uint8_t>(at + 1) == 1;
    if (contiguous && file.get<std::uint64_t>(at + 10) == size) return at + 2;
  }
  FAIL("no dataset of " << size << " bytes");
  return 0;
}

/// Type of the message of a version 1 header that holds this attribute; its flags lie four bytes further.
std::size_t message_of(const Hdf5Patch& file, std::string_view attribute) { return file.find(attribute) - 16; }

constexpr std::size_t kTreeLevel = 5, kTreeFirstChild = 24 + 8;  // of a version 1 B-tree node

}  // namespace

TEST_CASE("T-01: HDF5 dimensions whose product overflows are refused") {
  for (const char* name : {"keras_old", "keras_new"}) {
    Hdf5Patch file = golden_patch(name);
    const std::size_t dims = kernel_dims(file);
    refused(Hdf5Patch(file).put<std::uint64_t>(dims, 0x7FFFFFFF).put<std::uint64_t>(dims + 8, 0x7FFFFFFF),
            "limit_exceeded", "2^40");
    refused(Hdf5Patch(file).put<std::uint64_t>(dims, 0x80000000), "limit_exceeded", "at most 2^31 - 1");
    refused(Hdf5Patch(file).put<std::uint64_t>(dims, ~std::uint64_t{0}), "limit_exceeded", "at most 2^31 - 1");
  }
}

TEST_CASE("T-02: an HDF5 dataset has exactly the bytes that its shape needs") {
  for (const char* name : {"keras_old", "keras_new"}) {
    Hdf5Patch file = golden_patch(name);
    refused(Hdf5Patch(file).put<std::uint64_t>(kernel_dims(file), 2), "malformed", "expected 16 bytes, got 24");
    for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{23}, std::uint64_t{25}, ~std::uint64_t{0}}) {
      refused(Hdf5Patch(file).put(layout_of(file, 24) + 8, bytes), "malformed", "expected 24 bytes");
    }
    const std::size_t address = layout_of(file, 24);
    refused(Hdf5Patch(file).put<std::uint64_t>(address, file.bytes().size() - 23), "truncated", "beyond the end");
    refused(Hdf5Patch(file).put(address, ~std::uint64_t{0} - 1), "truncated", "beyond the end");
  }
}

TEST_CASE("T-16: an HDF5 dataset that lies over another structure is refused") {
  for (const char* name : {"keras_old", "keras_new"}) {
    Hdf5Patch file = golden_patch(name);
    const std::size_t address = layout_of(file, 24);
    refused(Hdf5Patch(file).put<std::uint64_t>(address, 0), "malformed", "shares bytes with another structure");
    const auto kernel = file.get<std::uint64_t>(address);
    refused(Hdf5Patch(file).put(layout_of(file, 8), kernel), "malformed", "shares bytes with another structure");
  }
}

TEST_CASE("T-16: trees of HDF5 groups that meet themselves are refused") {
  const Hdf5Patch file = golden_patch("narrow");
  std::size_t top = file.find("TREE");
  for (int n = 1; file.get<std::uint8_t>(top + kTreeLevel) < 2; ++n) top = file.find("TREE", n);
  const auto child = file.get<std::uint64_t>(top + kTreeFirstChild);
  refused(Hdf5Patch(file).put<std::uint64_t>(top + kTreeFirstChild, top), "malformed", "shares bytes");
  refused(Hdf5Patch(file).put<std::uint64_t>(top + kTreeFirstChild + 16, child), "malformed", "shares bytes");
  refused(Hdf5Patch(file).put<std::uint8_t>(child + kTreeLevel, 3), "malformed", "level: expected");
  refused(Hdf5Patch(file).put<std::uint8_t>(top + kTreeLevel, 17), "limit_exceeded", "level: expected at most 16");
  refused(Hdf5Patch(file).put<std::uint8_t>(top + 4, 1), "malformed", "is not one of a group");
  refused(Hdf5Patch(file).put<std::uint16_t>(top + 6, 0xFFFF), "truncated", "beyond the end");
}

TEST_CASE("T-16: HDF5 headers whose continuations meet themselves are refused") {
  Hdf5Patch old = golden_patch("texts_old");
  const std::size_t header = 96;
  REQUIRE(old.get<std::uint16_t>(header + 16) == 0x10);  // its first message is a continuation
  refused(Hdf5Patch(old).put<std::uint64_t>(header + 24, header), "malformed", "shares bytes");
  refused(Hdf5Patch(old).put<std::uint64_t>(header + 24, old.bytes().size()), "truncated", "beyond the end");
  refused(Hdf5Patch(old).put<std::uint64_t>(header + 32, 0), "malformed", "messages: expected");
  refused(Hdf5Patch(old).put<std::uint16_t>(header + 2, 0xFFFF), "malformed", "messages: expected 65535");
  refused(Hdf5Patch(old).put<std::uint32_t>(header + 8, 0xFFFFFFFF), "truncated", "beyond the end");
}

TEST_CASE("HDF5 messages that lamina must know, or that lie elsewhere, are refused") {
  const Hdf5Patch file = golden_patch("texts_old");
  const std::size_t message = message_of(file, "number");
  REQUIRE(file.get<std::uint16_t>(message) == 0x0C);
  CHECK(hdf5_error(Hdf5Patch(file).put<std::uint16_t>(message, 0x99).bytes(), walk) == "no error");
  refused(Hdf5Patch(file).put<std::uint16_t>(message, 0x99).put<std::uint8_t>(message + 4, 0x80), "unsupported_feature",
          "unknown message of type 153");
  refused(Hdf5Patch(file).put<std::uint8_t>(message + 4, 0x02), "unsupported_feature", "kept elsewhere");
  refused(Hdf5Patch(file).put<std::uint8_t>(message + 8, 4), "unsupported_feature", "expected 1 to 3, got 4");
  refused(Hdf5Patch(file).put<std::uint16_t>(message + 2, 8), "malformed", "ends within a field");
}

TEST_CASE("HDF5 names that could deceive are refused") {
  const Hdf5Patch file = golden_patch("many_old");
  const std::size_t name = file.find("dense_1");
  refused(Hdf5Patch(file).put(name, '/'), "malformed", "printable UTF-8 without '/'");
  refused(Hdf5Patch(file).put(name, '\n'), "malformed", "printable UTF-8");
  refused(Hdf5Patch(file).put(name, '\xFF'), "malformed", "printable UTF-8");
  refused(Hdf5Patch(file).put(name, '\0'), "limit_exceeded", "length of a name: expected 1 to 1024 bytes, got 0");
  refused(Hdf5Patch(file).put(name + 6, '0'), "malformed", "has two members 'dense_0'");
}

TEST_CASE("HDF5 texts that are not what they declare are refused") {
  const Hdf5Patch file = golden_patch("keras_old");
  refused(Hdf5Patch(file).put(file.find("dense_1"), '\xFF'), "malformed", "text: expected UTF-8");
  const std::size_t heap = file.find("GCOL");
  const std::size_t reference = file.find(std::string("\x06\0\0\0", 4) + u64_text(heap));  // "kernel"
  refused(Hdf5Patch(file).put<std::uint32_t>(reference, 7), "malformed", "length of a string: expected 7, got 6");
  refused(Hdf5Patch(file).put<std::uint32_t>(reference + 12, 99), "malformed", "has no object 99");
  refused(Hdf5Patch(file).put<std::uint64_t>(reference + 4, 0), "malformed", "shares bytes");
  refused(Hdf5Patch(file).put<std::uint64_t>(reference + 4, ~std::uint64_t{0}), "malformed", "has no address");
  refused(Hdf5Patch(file).put<std::uint64_t>(heap + 8, 15), "malformed", "size: expected at least 16, got 15");
  refused(Hdf5Patch(file).put<std::uint64_t>(heap + 8, std::uint64_t{1} << 62), "truncated", "beyond the end");
  refused(Hdf5Patch(file).put<std::uint16_t>(heap + 16, 2), "malformed", "has two objects 2");
}

TEST_CASE("T-03: HDF5 texts that name one string many times are counted by what they become") {
  const Hdf5Patch file = golden_patch("keras_old");
  Limits limits;
  const auto read = [](const Hdf5& opened) {
    for (int i = 0; i < 1000; ++i) (void)opened.texts(opened.root(), "model_config");
  };
  CHECK(hdf5_error(file.bytes(), read, limits) == "no error");
  limits.text_bytes = std::uint64_t{1} << 14;
  const std::string error = hdf5_error(file.bytes(), read, limits);
  INFO(error);
  CHECK(error.rfind("limit_exceeded: '/': ", 0) == 0);
  CHECK(error.find("texts: expected at most") != std::string::npos);
}

TEST_CASE("T-16: heaps and trees of new HDF5 groups that do not belong together are refused") {
  const Hdf5Patch file = golden_patch("many_new");
  const std::size_t heap = file.find("FRHP"), tree = file.find("BTHD"), indirect = file.find("FHIB");
  const std::size_t node = file.find("BTIN");
  refused(Hdf5Patch(file).put<std::uint8_t>(tree + 5, 6), "malformed", "type: expected");
  refused(Hdf5Patch(file).put<std::uint32_t>(tree + 6, 16), "malformed", "without room for a record");
  refused(Hdf5Patch(file).put<std::uint16_t>(tree + 10, 12), "malformed", "");
  refused(Hdf5Patch(file).put<std::uint16_t>(tree + 12, 17), "limit_exceeded", "depth: expected at most 16");
  refused(Hdf5Patch(file).put<std::uint64_t>(tree + 26, 3), "malformed", "records: expected 3");
  refused(Hdf5Patch(file).put<std::uint64_t>(node + 6 + 11, node), "malformed", "shares bytes");
  refused(Hdf5Patch(file).put<std::uint64_t>(indirect + 17, 0), "malformed", "shares bytes");
  refused(Hdf5Patch(file).put<std::uint64_t>(indirect + 5, heap + 1), "malformed", "belongs to another heap");
  refused(Hdf5Patch(file).put<std::uint16_t>(heap + 7, 1), "unsupported_feature", "compressed or filtered");
  refused(Hdf5Patch(file).put<std::uint64_t>(heap + 112, 500), "malformed", "not powers of two");
  refused(Hdf5Patch(file).put<std::uint16_t>(heap + 128, 64), "malformed", "not powers of two");
  refused(Hdf5Patch(file).put<std::uint16_t>(heap + 140, 99), "malformed", "more rows");
}

TEST_CASE("the checksum of every new HDF5 structure is verified") {
  const Hdf5Patch file = golden_patch("many_new");
  REQUIRE(file.sums().size() > 60);
  for (const Checksummed& part : file.sums()) {
    std::string damaged = file.bytes();
    damaged[part.sum] = static_cast<char>(damaged[part.sum] ^ 1);
    INFO(file.bytes().substr(part.begin, 4) << " at " << part.begin);
    CHECK(hdf5_error(damaged, walk).find("checksum is not that of its bytes") != std::string::npos);
  }
}

TEST_CASE("HDF5 groups nested beyond 32 are refused") {
  const std::string error = hdf5_error(hdf5_golden("refuse/nested.h5"), walk);
  INFO(error);
  CHECK(error.rfind("limit_exceeded: ", 0) == 0);
  CHECK(error.find("nested more than 32 deep") != std::string::npos);
}
