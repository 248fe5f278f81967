// Array files -> their rows, the Error that reading them gives, their bytes as numpy writes them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"
#include "support/folder.hpp"

#include <lamina/data.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::test {

/// All rows, `chunk` rows a time.
inline std::vector<float> all_rows(data::Reader& reader, std::size_t chunk = 3) {
  std::vector<float> all;
  std::vector<float> rows(chunk * reader.row_size());
  while (const std::size_t count = reader.read(rows)) {
    all.insert(all.end(), rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count * reader.row_size()));
  }
  return all;
}

inline std::vector<float> all_rows(const std::filesystem::path& path, const data::ReadOptions& options = {}) {
  data::Reader reader(path, options);
  return all_rows(reader);
}

/// Equal bits, all NaNs taken as one.
inline bool same(std::span<const float> a, std::span<const float> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](float x, float y) { return (x != x && y != y) || std::memcmp(&x, &y, sizeof x) == 0; });
}

/// "malformed: message" of the Error that `action` throws; "nothing" where it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return "nothing";
}

inline std::string read_error(const std::filesystem::path& path, const data::ReadOptions& options = {}) {
  return error_of([&] { (void)all_rows(path, options); });
}

inline bool holds(const std::string& text, std::string_view part) {
  UNSCOPED_INFO("looking for \"" << part << "\" in \"" << text << '"');
  return text.find(part) != std::string::npos;
}

/// An npy file around a dictionary, padded as numpy pads it.
inline std::string npy_file(const std::string& dictionary, const std::string& data, char version = 1,
                            std::size_t padded = 118) {
  std::string header = dictionary;
  if (header.size() + 1 < padded) header.append(padded - header.size() - 1, ' ');
  header += '\n';
  std::string file = "\x93NUMPY";
  file += {version, '\0', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  if (version > 1) file.append(2, '\0');
  return file + header + data;
}

inline std::string float_bytes(std::initializer_list<float> values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  if (values.size() > 0) std::memcpy(bytes.data(), values.begin(), bytes.size());
  return bytes;
}

}  // namespace lamina::test
