// Bytes -> the members of a zip archive, each read whole.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/zip_stored.hpp"
#include "fuzz/survive.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lamina;
  return fuzz::survive([&] {
    const base::ByteSource file = fuzz::source(data, size);
    const format::Zip zip(file, fuzz::limits().weight_bytes);
    for (const format::ZipMember& member : zip.members()) {
      if (zip.find(member.name) != &member) throw std::logic_error("a member is not found under its own name");
      if (zip.read(member).size() != member.size) throw std::logic_error("a member has another size than it says");
      if (member.stored) format::StoredMember(file, member).check();
    }
  });
}
