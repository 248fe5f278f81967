// Members and what is wrong with them -> a zip archive: every field can be set apart from the truth.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/pickle_writer.hpp"
#include "support/stored_zip.hpp"

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lamina::test {

struct ZipMemberSpec {
  std::string name;
  std::string content;
  int method = 0;
  unsigned flags = 0;
  int version = 20;
  int descriptor = 0;                    // bytes of a data descriptor: 12, 16 (with signature), 20 or 24 (zip64)
  bool zip64 = false;                    // sizes in the extra field, of both headers
  std::string extra = {};                // of the local header
  std::string local_name = {};           // empty: `name`
  std::optional<std::string> data = {};  // instead of the (compressed) content
  std::optional<std::uint64_t> size = {}, crc = {};  // instead of the content's, in both headers
  std::optional<std::uint64_t> local_size = {}, local_crc = {}, local_offset = {};
  int local_method = -1;
  std::string gap = {};  // after the data
};

struct ZipArchiveSpec {
  std::string prefix = {}, gap = {}, comment = {}, tail = {};
  bool zip64 = false;
  std::optional<std::uint64_t> entries = {}, end_entries = {}, directory_offset = {};
  int disk = 0;
};

inline std::string deflated(const std::string& content) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<unsigned>(content.size());
  stream.next_out = reinterpret_cast<unsigned char*>(out.data());
  stream.avail_out = static_cast<unsigned>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class ZipWriter {
 public:
  void add(const ZipMemberSpec& m) {
    const std::string data = m.data.value_or(m.method == 8 ? deflated(m.content) : m.content);
    const std::uint64_t size = m.size.value_or(m.content.size()), crc = m.crc.value_or(crc32(m.content));
    const std::uint64_t offset = m.local_offset.value_or(body_.size());
    const unsigned flags = m.flags | (m.descriptor != 0 ? 8U : 0U);
    const std::string wide =
        little_endian(1, 2) + little_endian(16, 2) + little_endian(size, 8) + little_endian(data.size(), 8);
    const std::string& local_name = m.local_name.empty() ? m.name : m.local_name;
    const bool later = m.descriptor != 0;
    const std::string local_extra = (m.zip64 ? wide : "") + m.extra;
    body_ += "PK\3\4" + little_endian(static_cast<unsigned>(m.version), 2) + little_endian(flags, 2) +
             little_endian(static_cast<unsigned>(m.local_method < 0 ? m.method : m.local_method), 2) +
             little_endian(0x210000, 4) + little_endian(later ? 0 : m.local_crc.value_or(crc), 4) +
             sizes(m.zip64, later ? 0 : data.size(), later ? 0 : m.local_size.value_or(size)) +
             little_endian(local_name.size(), 2) + little_endian(local_extra.size(), 2) + local_name + local_extra +
             data;
    body_ += descriptor(m.descriptor, crc, data.size(), size) + m.gap;
    directory_ += "PK\1\2" + little_endian(20, 2) + little_endian(static_cast<unsigned>(m.version), 2) +
                  little_endian(flags, 2) + little_endian(static_cast<unsigned>(m.method), 2) +
                  little_endian(0x210000, 4) + little_endian(crc, 4) + sizes(m.zip64, data.size(), size) +
                  little_endian(m.name.size(), 2) + little_endian(m.zip64 ? wide.size() : 0, 2) + little_endian(0, 10) +
                  little_endian(offset, 4) + m.name + (m.zip64 ? wide : "");
    ++count_;
  }

  [[nodiscard]] std::string done(const ZipArchiveSpec& a = {}) const {
    const std::uint64_t offset = a.directory_offset.value_or(body_.size());
    const std::uint64_t entries = a.entries.value_or(count_);
    std::string file = a.prefix + body_ + directory_ + a.gap;
    if (a.zip64) {
      const std::size_t at = file.size();
      file += "PK\6\6" + little_endian(44, 8) + little_endian(45, 2) + little_endian(45, 2) + little_endian(0, 8) +
              little_endian(entries, 8) + little_endian(entries, 8) + little_endian(directory_.size(), 8) +
              little_endian(offset, 8) + "PK\6\7" + little_endian(0, 4) + little_endian(at, 8) + little_endian(1, 4);
    }
    const std::uint64_t end_entries = a.end_entries.value_or(a.zip64 ? 0xFFFF : entries);
    return file + "PK\5\6" + little_endian(static_cast<unsigned>(a.disk), 2) + little_endian(0, 2) +
           little_endian(end_entries, 2) + little_endian(end_entries, 2) +
           little_endian(a.zip64 ? 0xFFFFFFFF : directory_.size(), 4) +
           little_endian(a.zip64 ? 0xFFFFFFFF : offset, 4) + little_endian(a.comment.size(), 2) + a.comment + a.tail;
  }

 private:
  static std::string sizes(bool zip64, std::uint64_t compressed, std::uint64_t size) {
    return little_endian(zip64 ? 0xFFFFFFFF : compressed, 4) + little_endian(zip64 ? 0xFFFFFFFF : size, 4);
  }
  static std::string descriptor(int bytes, std::uint64_t crc, std::uint64_t compressed, std::uint64_t size) {
    if (bytes == 0) return {};
    const int width = bytes >= 20 ? 8 : 4;
    return (bytes % 8 == 0 ? std::string("PK\7\10") : "") + little_endian(crc, 4) + little_endian(compressed, width) +
           little_endian(size, width);
  }

  std::string body_, directory_;
  std::uint64_t count_ = 0;
};

inline std::string zip_of(const std::vector<ZipMemberSpec>& members, const ZipArchiveSpec& archive = {}) {
  ZipWriter writer;
  for (const ZipMemberSpec& member : members) writer.add(member);
  return writer.done(archive);
}

}  // namespace lamina::test
