// Bytes -> every group, text and dataset of an HDF5 file that its reader gives.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/hdf5.hpp"

#include "fuzz/survive.hpp"

#include <vector>

namespace {

using namespace lamina;

/// One member at a time: each object may be refused for itself.
void visit(const format::Hdf5& file, const format::Hdf5Object& object, std::vector<format::Hdf5Object>& rest) {
  for (const char* name : {"layer_names", "weight_names", "model_config", "null", "huge", "terminated"}) {
    fuzz::survive([&] { (void)file.texts(object, name); });
  }
  fuzz::survive([&] {
    if (file.is_dataset(object)) {
      if (file.read(object).shape() != file.shape(object)) throw std::logic_error("read in another shape");
      return;
    }
    for (const std::string& name : file.members(object)) {
      auto member = file.find(object, name);
      if (!member) throw std::logic_error("a member is not found under its own name");
      rest.push_back(std::move(*member));
    }
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::survive([&] {
    const base::ByteSource bytes = fuzz::source(data, size);
    const format::Hdf5 file(bytes, fuzz::limits());
    std::vector<format::Hdf5Object> rest = {file.root()};
    while (!rest.empty()) {
      const format::Hdf5Object object = std::move(rest.back());
      rest.pop_back();
      visit(file, object, rest);
    }
  });
}
