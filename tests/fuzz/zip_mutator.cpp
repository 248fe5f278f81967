// A zip archive -> one with a mutated member and right sizes and CRCs: else a fuzzer meets the CRC check only.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/zip_members.hpp"

#include <algorithm>
#include <cstdint>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  using namespace lamina;
  constexpr unsigned kRawShare = 8;  // one in so many is mutated as bytes, for the container's own rules
  auto members = fuzz::zip_members({reinterpret_cast<const char*>(data), size});
  if (seed % kRawShare == 0 || !members || members->contents.empty()) return LLVMFuzzerMutate(data, size, max_size);
  std::string& content = members->contents[seed / kRawShare % members->contents.size()].second;
  const std::size_t before = content.size();
  const std::size_t room = max_size > size ? max_size - size : 0;
  content.resize(before + room);
  content.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(content.data()), before,
                                  std::max<std::size_t>(1, content.size())));
  const std::string archive = test::stored_zip(members->contents);
  if (archive.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(archive.begin(), archive.end(), data);
  return archive.size();
}
