// An HDF5 file -> the file with some bytes changed, under checksums that are right again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/little_endian.hpp"
#include "format/container/hdf5/checksum.hpp"
#include "format/hdf5_reading.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace lamina::test {

/// A structure whose checksum lies at `sum`; that of a direct block counts itself as zero.
struct Checksummed {
  std::size_t begin, end, sum;
};

class Hdf5Patch {
 public:
  explicit Hdf5Patch(std::string bytes) : bytes_(std::move(bytes)), sums_(find_sums()) {}

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] const std::vector<Checksummed>& sums() const { return sums_; }

  /// Where the n-th structure with this signature starts.
  [[nodiscard]] std::size_t find(std::string_view signature, int n = 0) const {
    std::size_t at = bytes_.find(signature);
    for (; n > 0; --n) at = bytes_.find(signature, at + 1);
    REQUIRE(at != std::string::npos);
    return at;
  }

  template <class T>
  [[nodiscard]] T get(std::size_t at) const {
    return base::load_le<T>(as_bytes(bytes_).data() + at);
  }
  template <class T>
  Hdf5Patch& put(std::size_t at, T value) {
    REQUIRE(at + sizeof(T) <= bytes_.size());
    base::store_le(value, reinterpret_cast<std::byte*>(bytes_.data()) + at);
    return repair(at);
  }
  Hdf5Patch& flip(std::size_t at, int bit) {
    bytes_[at] = static_cast<char>(static_cast<unsigned char>(bytes_[at]) ^ (1U << bit));
    return repair(at);
  }

  /// Cut off, with the size that the file then has in its superblock.
  [[nodiscard]] std::string first(std::size_t size) const {
    Hdf5Patch cut(*this);
    const auto version = static_cast<unsigned char>(bytes_[8]);
    cut.put<std::uint64_t>(version > 1 ? 28U : version == 1 ? 44U : 40U, size);
    return cut.bytes_.substr(0, size);
  }

 private:
  [[nodiscard]] std::uint32_t sum_of(const Checksummed& part) const {
    std::string text = bytes_.substr(part.begin, part.end - part.begin);
    if (part.sum == part.end) return format::hdf5::lookup3(as_bytes(text));
    text.replace(part.sum - part.begin, 4, 4, '\0');
    return format::hdf5::lookup3(as_bytes(text));
  }

  Hdf5Patch& repair(std::size_t at) {
    for (const Checksummed& part : sums_) {
      if (at < part.begin || at >= part.end) continue;
      base::store_le(sum_of(part), reinterpret_cast<std::byte*>(bytes_.data()) + part.sum);
    }
    return *this;
  }

  /// Each signature starts a structure; its end is where the checksum of what lies between is right.
  [[nodiscard]] std::vector<Checksummed> find_sums() const {
    std::vector<Checksummed> sums;
    for (const std::string_view signature : {"\x89HDF", "OHDR", "OCHK", "BTHD", "BTLF", "BTIN", "FRHP", "FHIB"}) {
      for (std::size_t at = bytes_.find(signature); at != std::string::npos; at = bytes_.find(signature, at + 1)) {
        for (std::size_t end = at + 8; end + 4 <= std::min(bytes_.size(), at + 4096); ++end) {
          const Checksummed part{at, end, end};
          if (sum_of(part) != get<std::uint32_t>(end)) continue;
          sums.push_back(part);
          break;
        }
      }
    }
    for (std::size_t at = bytes_.find("FHDB"); at != std::string::npos; at = bytes_.find("FHDB", at + 1)) {
      for (const std::size_t offset_bytes : {std::size_t{4}, std::size_t{5}}) {
        for (std::size_t size = 512; size <= 65536 && at + size <= bytes_.size(); size *= 2) {
          const Checksummed part{at, at + size, at + 13 + offset_bytes};
          if (sum_of(part) == get<std::uint32_t>(part.sum)) sums.push_back(part);
        }
      }
    }
    return sums;
  }

  std::string bytes_;
  std::vector<Checksummed> sums_;
};

}  // namespace lamina::test
