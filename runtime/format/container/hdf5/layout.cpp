// Layouts of version 3 to 5, which agree on what is read here.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/layout.hpp"

#include "format/container/hdf5/rewrite.hpp"

namespace lamina::format::hdf5 {

Layout parse_layout(Cursor cursor) {
  const Place place = cursor.place();
  const std::uint8_t version = cursor.u8();
  if (version < 3 || version > 5) {
    place.fail(Errc::unsupported_feature, "version of the layout", "3 to 5",
               with_rewrite_hint(std::to_string(version)));
  }
  Layout layout;
  switch (const std::uint8_t storage = cursor.u8(); storage) {
    case 0:
      layout.compact = true;
      layout.bytes = cursor.u16();
      layout.data = cursor.take(layout.bytes);
      return layout;
    case 1:
      layout.address = cursor.u64();
      layout.bytes = cursor.u64();
      return layout;
    case 2:
      place.fail(Errc::unsupported_feature, with_rewrite_hint("is stored in chunks"));
    case 3:
      place.fail(Errc::unsafe_content, "is a virtual dataset, whose elements lie in other files");
    default:
      place.fail(Errc::malformed, "class of the layout", "0 to 3", std::to_string(storage));
  }
}

}  // namespace lamina::format::hdf5
