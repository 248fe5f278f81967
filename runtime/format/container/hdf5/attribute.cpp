// Attributes: three versions of the message, two kinds of strings.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/attribute.hpp"

#include "base/utf8.hpp"
#include "format/container/hdf5/dataspace.hpp"
#include "format/container/hdf5/datatype.hpp"

#include <algorithm>

namespace lamina::format::hdf5 {
namespace {

std::string_view without_padding(std::string_view text, TextPadding padding) {
  if (padding == TextPadding::null_terminated) return text.substr(0, text.find('\0'));
  const char pad = padding == TextPadding::null_padded ? '\0' : ' ';
  return text.substr(0, text.find_last_not_of(pad) + 1);
}

class TextReader {
 public:
  TextReader(const Attribute& attribute, const Datatype& type, TextSource source)
      : cursor_(attribute.data, attribute.place), type_(type), source_(source) {}

  std::string next() {
    const std::string_view text = type_.type_class == TypeClass::fixed_text
                                      ? without_padding(cursor_.text(type_.size), type_.padding)
                                      : variable();
    if (!base::is_utf8(text)) cursor_.place().fail(Errc::malformed, "text", "UTF-8", base::quoted(text));
    charge(text.size() + sizeof(std::string));
    return std::string(text);
  }

 private:
  std::string_view variable() {
    const std::uint32_t length = cursor_.u32();
    const std::uint64_t address = cursor_.u64();
    const std::uint32_t index = cursor_.u32();
    if (length == 0) return {};
    const std::string_view text = source_.heaps.find(source_.blocks, address, index);
    if (text.size() != length) {
      cursor_.place().fail(Errc::malformed, "length of a string", std::to_string(length), std::to_string(text.size()));
    }
    return without_padding(text, type_.padding);
  }

  void charge(std::uint64_t bytes) {
    if (bytes > source_.left) {
      cursor_.place().fail(Errc::limit_exceeded, "texts", "at most " + std::to_string(source_.left) + " more bytes",
                           std::to_string(bytes));
    }
    source_.left -= bytes;
  }

  Cursor cursor_;
  const Datatype& type_;
  TextSource source_;
};

}  // namespace

Attribute parse_attribute(Cursor cursor) {
  Attribute attribute{.name = {}, .place = cursor.place(), .type = {}, .space = {}, .data = {}};
  const std::uint8_t version = cursor.u8();
  if (version < 1 || version > 3) {
    attribute.place.fail(Errc::unsupported_feature, "version of an attribute", "1 to 3", std::to_string(version));
  }
  const std::uint8_t flags = cursor.u8();
  if (version > 1 && flags != 0) {
    attribute.place.fail(Errc::unsupported_feature,
                         "has an attribute whose type is kept elsewhere (a committed datatype)");
  }
  const std::uint16_t name = cursor.u16(), type = cursor.u16(), space = cursor.u16();
  if (version == 3) cursor.skip(1);  // ASCII or UTF-8
  const auto part = [&](std::uint16_t bytes) {
    const auto taken = cursor.take(bytes);
    if (version == 1) cursor.skip((8 - bytes % 8) % 8);
    return taken;
  };
  const auto name_bytes = part(name);
  attribute.name = {reinterpret_cast<const char*>(name_bytes.data()), name_bytes.size()};
  attribute.name = attribute.name.substr(0, attribute.name.find('\0'));
  attribute.type = part(type);
  attribute.space = part(space);
  attribute.data = cursor.take(cursor.left());
  return attribute;
}

std::vector<std::string> read_texts(const Attribute& attribute, TextSource source) {
  const std::uint64_t count = parse_dataspace({attribute.space, attribute.place}).elements;
  if (count == 0) return {};
  const Datatype type = parse_datatype({attribute.type, attribute.place});
  if (type.type_class != TypeClass::fixed_text && type.type_class != TypeClass::variable_text) {
    attribute.place.fail(Errc::dtype, "attribute " + base::quoted(attribute.name), "a string", to_string(type));
  }
  if (count > attribute.data.size() / type.size) {
    attribute.place.fail(Errc::malformed, "attribute " + base::quoted(attribute.name),
                         std::to_string(count) + " strings", std::to_string(attribute.data.size()) + " bytes");
  }
  TextReader reader(attribute, type, source);
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < count; ++i) texts.push_back(reader.next());
  return texts;
}

}  // namespace lamina::format::hdf5
