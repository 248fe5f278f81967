// The header of a safetensors file: a length, JSON, and offsets that must cover the data exactly.
// SPDX-License-Identifier: Apache-2.0
#include "format/safetensors/header.hpp"

#include "base/checked.hpp"
#include "base/little_endian.hpp"
#include "format/container/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lamina::format {
namespace {

using base::CheckedU64;
using base::fail;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMostHeaderBytes = 100'000'000;  // the reference reader's own limit
constexpr std::int64_t kMostInteger = (std::int64_t{1} << 48) - 1;
constexpr std::size_t kMostName = 1024;
constexpr std::size_t kMostRank = 8;

struct Dtype {
  std::string_view name;
  std::uint64_t bits;
  std::optional<base::FloatType> type;
};
constexpr std::array<Dtype, 22> kDtypes = {{
    {"F32", 32, base::FloatType::f32},
    {"F16", 16, base::FloatType::f16},
    {"BF16", 16, base::FloatType::bf16},
    {"F64", 64, base::FloatType::f64},
    {"BOOL", 8, {}},
    {"U8", 8, {}},
    {"I8", 8, {}},
    {"U16", 16, {}},
    {"I16", 16, {}},
    {"U32", 32, {}},
    {"I32", 32, {}},
    {"U64", 64, {}},
    {"I64", 64, {}},
    {"C64", 64, {}},
    {"F8_E5M2", 8, {}},
    {"F8_E4M3", 8, {}},
    {"F8_E8M0", 8, {}},
    {"F8_E5M2FNUZ", 8, {}},
    {"F8_E4M3FNUZ", 8, {}},
    {"F6_E2M3", 6, {}},
    {"F6_E3M2", 6, {}},
    {"F4", 4, {}},
}};

const Dtype& find_dtype(std::string_view name, const std::string& place) {
  const auto* found = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const Dtype& d) { return d.name == name; });
  if (found == kDtypes.end()) fail(Errc::dtype, place, "unknown element type " + base::quoted(name));
  return *found;
}

std::int64_t size_value(const Json& json, const std::string& place) {
  const std::int64_t value = json.integer(place);
  if (value < 0 || value > kMostInteger) {
    fail(Errc::malformed, place, "size", "0 to 2^48-1", std::to_string(value));
  }
  return value;
}

Shape read_shape(const Json& json, const std::string& place) {
  const JsonArray& sizes = json.array(place + ": shape");
  if (sizes.size() > kMostRank) {
    fail(Errc::limit_exceeded, place, "number of dimensions", "at most 8", std::to_string(sizes.size()));
  }
  Shape shape;
  for (const Json& size : sizes) shape.push_back(size_value(size, place + ": shape"));
  return shape;
}

/// Bytes that a tensor of this shape takes, which must be what its offsets span.
void check_span(const SafetensorsEntry& entry, const Dtype& dtype, const std::string& place) {
  CheckedU64 bits = dtype.bits;
  for (const std::int64_t size : entry.shape) bits = bits * static_cast<std::uint64_t>(size);
  if (bits.value() % 8 != 0 || entry.end < entry.begin || entry.end - entry.begin != bits.value() / 8) {
    fail(Errc::malformed, place, "data_offsets of " + entry.dtype + " " + to_string(entry.shape),
         std::to_string(bits.value() / 8) + " bytes",
         "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]");
  }
}

SafetensorsEntry read_entry(const std::string& name, const Json& json) {
  const std::string place = "tensor " + base::quoted(name);
  const bool plain = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (name.empty() || name.size() > kMostName || !plain) {
    fail(Errc::malformed, place, "a name has 1 to 1024 bytes and no control characters");
  }
  const Json *dtype = json.find("dtype"), *shape = json.find("shape"), *offsets = json.find("data_offsets");
  if (json.object(place).size() != 3 || dtype == nullptr || shape == nullptr || offsets == nullptr) {
    fail(Errc::malformed, place, "must have exactly dtype, shape and data_offsets");
  }
  SafetensorsEntry entry;
  entry.name = name;
  entry.dtype = dtype->string(place + ": dtype");
  const Dtype& known = find_dtype(entry.dtype, place);
  entry.type = known.type;
  entry.shape = read_shape(*shape, place);
  const JsonArray& range = offsets->array(place + ": data_offsets");
  if (range.size() != 2) fail(Errc::malformed, place, "data_offsets", "two numbers", std::to_string(range.size()));
  entry.begin = static_cast<std::uint64_t>(size_value(range[0], place + ": data_offsets"));
  entry.end = static_cast<std::uint64_t>(size_value(range[1], place + ": data_offsets"));
  check_span(entry, known, place);
  return entry;
}

/// Every byte of the data belongs to exactly one tensor: nothing overlaps and nothing hides between.
void check_cover(std::vector<SafetensorsEntry>& entries, std::uint64_t data_offset, std::uint64_t data_bytes) {
  std::stable_sort(entries.begin(), entries.end(), [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t covered = 0;
  for (SafetensorsEntry& entry : entries) {
    if (entry.begin != covered) {
      fail(Errc::malformed, "tensor " + base::quoted(entry.name), "start of its data", std::to_string(covered),
           std::to_string(entry.begin) + ": tensors must follow each other without gap or overlap");
    }
    covered = entry.end;
    entry.begin += data_offset;
    entry.end += data_offset;
  }
  if (covered > data_bytes) {
    fail(Errc::truncated, "safetensors", "size of the data, which were cut short", std::to_string(covered) + " bytes",
         std::to_string(data_bytes));
  }
  if (covered < data_bytes) {
    fail(Errc::malformed, "safetensors", std::to_string(data_bytes - covered) + " bytes follow the last tensor");
  }
}

std::string read_header_text(const base::ByteSource& source, const Limits& limits, std::uint64_t data_offset) {
  const std::uint64_t bytes = data_offset - kLengthBytes;
  if (bytes > limits.header_bytes) {
    fail(Errc::limit_exceeded, "safetensors header", "size",
         "at most " + std::to_string(limits.header_bytes) + " bytes", std::to_string(bytes));
  }
  if (bytes > source.size() - kLengthBytes) {
    fail(Errc::truncated, "safetensors header", "size, which was cut short", std::to_string(bytes) + " bytes",
         std::to_string(source.size() - kLengthBytes));
  }
  std::string text(static_cast<std::size_t>(bytes), '\0');
  source.read(kLengthBytes, std::as_writable_bytes(std::span(text)));
  return text;
}

Json parse_header(const std::string& text, const Limits& limits) {
  constexpr std::uint64_t kValuesPerTensor = 16;  // three members, eight dimensions, two offsets
  constexpr std::uint64_t kMetadataValues = 4096;
  const std::uint64_t values = (CheckedU64(limits.tensors) * kValuesPerTensor + kMetadataValues).value();
  try {
    return parse_json(text, {.bytes = text.size(), .depth = 3, .values = values, .string_bytes = limits.text_bytes});
  } catch (const Error& error) {
    throw base::with_prefix(error, "safetensors header");
  }
}

}  // namespace

std::optional<std::uint64_t> safetensors_data_offset(const base::ByteSource& source) {
  if (source.size() <= kLengthBytes) return std::nullopt;
  const std::vector<std::byte> head = source.read(0, kLengthBytes + 1);
  const auto bytes = base::load_le<std::uint64_t>(head.data());
  if (bytes < 2 || bytes > kMostHeaderBytes || head[kLengthBytes] != std::byte{'{'}) return std::nullopt;
  return kLengthBytes + bytes;
}

SafetensorsHeader read_safetensors_header(const base::ByteSource& source, const Limits& limits) {
  const std::optional<std::uint64_t> data_offset = safetensors_data_offset(source);
  if (!data_offset) fail(Errc::malformed, "safetensors", "does not start with the length of a JSON header");
  const Json json = parse_header(read_header_text(source, limits, *data_offset), limits);
  SafetensorsHeader header;
  for (const auto& [name, value] : json.object("safetensors header")) {
    if (name == "__metadata__") {
      for (const auto& [key, text] : value.object("__metadata__")) {
        header.metadata.emplace(key, text.string("__metadata__: " + base::quoted(key)));
      }
    } else if (header.entries.size() == limits.tensors) {
      fail(Errc::limit_exceeded, "safetensors", "more than " + std::to_string(limits.tensors) + " tensors");
    } else {
      header.entries.push_back(read_entry(name, value));
    }
  }
  check_cover(header.entries, *data_offset, source.size() - *data_offset);
  return header;
}

}  // namespace lamina::format
