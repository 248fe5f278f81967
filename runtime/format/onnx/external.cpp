// Elements in another file of the model's folder -> the same, where the caller allows it.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/tensor.hpp"

#include <charconv>
#include <optional>
#include <string_view>

namespace lamina::format::onnx {
namespace {

using base::fail;

struct Location {
  std::string file;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> size;
};

std::uint64_t decimal(const std::string& key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(Errc::malformed, "external_data", key, "a decimal number", base::quoted(text));
  }
  return value;
}

Location location_of(const TensorProto& tensor) {
  Location location;
  for (const auto& [key, value] : tensor.external_data) {
    if (key == "location") {
      location.file = value;
    } else if (key == "offset") {
      location.offset = decimal(key, value);
    } else if (key == "length") {
      location.size = decimal(key, value);
    } else if (key != "checksum") {  // a SHA-1 that exporters leave out
      fail(Errc::unsupported_feature, "external_data", "key " + base::quoted(key) + " is not known");
    }
  }
  if (location.file.empty()) fail(Errc::malformed, "external_data", "has no location");
  return location;
}

}  // namespace

const base::ByteSource& TensorReader::open_external(const std::string& location) {
  if (external_ && location == external_location_) return *external_;
  external_.reset();  // before the next one is opened: exporters write a file for each tensor
  external_ = window_.source().open_beside(location);
  external_location_ = location;
  if (opened_.insert(location).second) file_bytes_ += external_->size();
  return *external_;
}

Extent TensorReader::external_extent(const TensorProto& tensor, std::uint64_t bytes, const base::ByteSource*& source) {
  if (!options_.external_data) {
    fail(Errc::unsafe_content,
         "its elements are in another file, which is not opened unasked: allow it (--external-data), or save the model "
         "with its weights inside");
  }
  const Location location = location_of(tensor);
  if (location.size && *location.size != bytes) {
    fail(Errc::malformed, "external_data", "length", std::to_string(bytes) + " bytes, as the dimensions say",
         std::to_string(*location.size));
  }
  source = &open_external(location.file);
  if (location.offset > source->size() || bytes > source->size() - location.offset) {
    fail(Errc::truncated, "file " + base::quoted(location.file), "size",
         std::to_string(bytes) + " bytes at offset " + std::to_string(location.offset),
         std::to_string(source->size()) + " bytes in all");
  }
  return {location.offset, bytes};
}

}  // namespace lamina::format::onnx
