// Bytes -> a JSON tree; what is read as a text is read again from its written form.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/json.hpp"

#include "fuzz/survive.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lamina;
  return fuzz::survive([&] {
    const format::Json json = format::parse_json(fuzz::text(data, size));
    if (!json.is_string()) return;
    const std::string& text = json.string("text");
    if (format::parse_json(format::json_string(text)).string("text") != text) throw std::logic_error("another text");
  });
}
