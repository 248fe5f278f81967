// Datasets: shape, type and layout must agree to the byte.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5/dataset.hpp"

#include "base/checked.hpp"
#include "format/container/hdf5/dataspace.hpp"
#include "format/container/hdf5/rewrite.hpp"

namespace lamina::format::hdf5 {
namespace {

const Message& required(const ObjectHeader& header, MessageType type, std::string_view what) {
  const Message* message = header.find(type);
  if (message == nullptr) base::fail(Errc::malformed, "HDF5 dataset", "has no " + std::string(what));
  return *message;
}

Dataspace dataspace_of(const ObjectHeader& header) {
  const Message& message = required(header, MessageType::dataspace, "dataspace");
  Dataspace space = parse_dataspace(message.cursor());
  if (space.null) message.place.fail(Errc::unsupported_feature, "has a null dataspace: it holds nothing");
  return space;
}

/// Before the layout, so that the better reason is given.
void refuse_foreign(const ObjectHeader& header) {
  if (const Message* message = header.find(MessageType::external_files); message != nullptr) {
    message->place.fail(Errc::unsafe_content, "has its elements in other files, which are never opened");
  }
  if (const Message* message = header.find(MessageType::filters); message != nullptr) {
    message->place.fail(Errc::unsupported_feature, with_rewrite_hint("is compressed or filtered"));
  }
}

}  // namespace

bool is_dataset(const ObjectHeader& header) { return header.find(MessageType::layout) != nullptr; }

Shape read_shape(const ObjectHeader& header) { return dataspace_of(header).shape; }

Dataset parse_dataset(const ObjectHeader& header) {
  refuse_foreign(header);
  const Message& layout = required(header, MessageType::layout, "layout");
  Dataspace space = dataspace_of(header);
  Dataset dataset{.shape = std::move(space.shape),
                  .elements = space.elements,
                  .type = parse_datatype(required(header, MessageType::datatype, "datatype").cursor()),
                  .layout = parse_layout(layout.cursor())};
  const std::uint64_t bytes = (base::CheckedU64(dataset.elements) * dataset.type.size).value();
  if (!dataset.layout.compact && dataset.layout.address == kUndefined && bytes != 0) {
    layout.place.fail(Errc::unsupported_feature, "its elements were never written");
  }
  if (dataset.layout.bytes != bytes) {
    layout.place.fail(Errc::malformed, "size of the elements", std::to_string(bytes) + " bytes",
                      std::to_string(dataset.layout.bytes));
  }
  return dataset;
}

}  // namespace lamina::format::hdf5
