// Bytes of any supported file -> Network with weights.
// SPDX-License-Identifier: Apache-2.0
#include "format/reader.hpp"

#include "base/fail.hpp"
#include "format/architecture/architecture.hpp"
#include "format/bind.hpp"
#include "format/keras.hpp"
#include "format/missing_architecture.hpp"
#include "format/onnx.hpp"
#include "format/pytorch.hpp"
#include "format/safetensors.hpp"
#include "format/unrecognised.hpp"
#include "model/infer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lamina::format {
namespace {

// PyTorch's takes every zip archive that those before it have left.
constexpr std::array kReaders = {
    Reader{"safetensors", recognises_safetensors, read_safetensors},
#ifdef LAMINA_WITH_KERAS
    Reader{"Keras", recognises_keras, read_keras},
#endif
#ifdef LAMINA_WITH_PYTORCH
    Reader{"PyTorch", recognises_pytorch, read_pytorch},
#endif
#ifdef LAMINA_WITH_ONNX
    Reader{"ONNX", recognises_onnx, read_onnx},
#endif
};

model::Network parse(const std::string& text, std::string_view place, const LoadOptions& options) {
  try {
    return parse_architecture(text, {.keras_version = options.keras_version,
                                     .arguments = options.arguments,
                                     .limits = options.limits,
                                     .configuration = options.configuration});
  } catch (const Error& error) {
    throw base::with_prefix(error, place);
  }
}

/// The tensors of a file that holds its network whole, for an architecture that is to replace that network.
void take_apart(Contents& contents) {
  contents.tensors = state_of(*contents.network);
  contents.network.reset();
  contents.ordered = true;
  contents.notes.push_back("the architecture that was given replaces the one in the file");
}

void check_output_name(const model::Network& network, const std::string& name) {
  const std::vector<std::string>& names = network.outputs;
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return;
  base::fail(Errc::invalid_argument, "model", "output name", names.empty() ? "none" : names.front(), name);
}

model::Network build(Contents& contents, const LoadOptions& options) {
  const bool given = !options.architecture.empty();
  if (contents.network && given) take_apart(contents);
  if (contents.network) return std::move(*contents.network);
  if (!given && contents.architecture.empty()) throw missing_architecture(contents, options);
  model::Network network = given ? parse(options.architecture, "architecture", options)
                                 : parse(contents.architecture, "architecture in the file", options);
  return bind(std::move(network), std::move(contents.tensors), contents.ordered, options);
}

}  // namespace

std::span<const Reader> readers() noexcept { return kReaders; }

Contents read_contents(const base::ByteSource& source, const LoadOptions& options) {
  if (source.size() > options.limits.file_bytes) {
    base::fail(Errc::limit_exceeded, "file", "size", "at most " + std::to_string(options.limits.file_bytes) + " bytes",
               std::to_string(source.size()));
  }
  const auto reader =
      std::find_if(kReaders.begin(), kReaders.end(), [&](const Reader& r) { return r.recognises(source); });
  if (reader == kReaders.end()) throw unrecognised(source, options);
  return reader->read(source, options);
}

model::Network read_network(const base::ByteSource& source, const LoadOptions& options) {
  Contents contents = read_contents(source, options);
  model::Network network = build(contents, options);
  network.notes.insert(network.notes.begin(), contents.notes.begin(), contents.notes.end());
  network.golden = std::move(contents.golden);
  check_output_name(network, options.output_name);
  model::validate(network, options.limits);
  return network;
}

}  // namespace lamina::format
