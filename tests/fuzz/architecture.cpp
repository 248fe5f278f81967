// Bytes -> a network from architecture text in any form (Keras JSON too), its written form read back, one run.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/architecture.hpp"

#include "fuzz/load_and_run.hpp"

namespace {

using namespace lamina;

void write_and_read_back(const model::Network& network) {
  const std::string written = format::write_architecture(network);
  try {
    if (format::write_architecture(format::parse_architecture(written, {})) == written) return;
  } catch (const Error& error) {
    throw std::logic_error(std::string("is not read back: ") + error.what() + "\n" + written);
  }
  throw std::logic_error("is read back as something else: " + written);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::survive([&] {
    const model::Network network = format::parse_architecture(fuzz::text(data, size), {.limits = fuzz::limits()});
    write_and_read_back(network);
    Model model(network);
    (void)to_string(model);
    (void)summary(model);
    if (model.parameter_count() > fuzz::kMostParameters) return;
    model.randomize(1);
    fuzz::compile_and_run(model);
  });
}
