// Bytes -> the objects of a pickle, under the names that torch's files may use.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/pickle.hpp"

#include "format/pytorch/names.hpp"
#include "fuzz/survive.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lamina;
  return fuzz::survive([&] {
    const format::PickleGraph graph = format::run_pickle(fuzz::bytes(data, size), "pickle", format::kTorchNames);
    (void)graph.describe(graph.root());
    (void)graph.find(graph.root(), "state_dict");
    for (const format::ObjectId storage : graph.storages()) (void)graph.describe(storage);
    for (const format::ObjectId item : graph.items(graph.root())) (void)graph.describe(item);
  });
}
