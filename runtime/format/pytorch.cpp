// The PyTorch reader: picks the container, then the network or the tensors within.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch.hpp"

#include "base/fail.hpp"
#include "format/pytorch/checkpoint.hpp"
#include "format/pytorch/file.hpp"
#include "format/pytorch/network.hpp"
#include "format/pytorch/script.hpp"
#include "format/pytorch/tensor.hpp"

namespace lamina::format {
namespace {

using base::fail;

/// PROTO 2 to 5: a pickle that torch.save did not write.
bool is_pickle(const base::ByteSource& source) {
  if (source.size() < 2) return false;
  const std::vector<std::byte> head = source.read(0, 2);
  return head[0] == std::byte{0x80} && head[1] >= std::byte{2} && head[1] <= std::byte{5};
}

TorchFile open(const base::ByteSource& source, const Limits& limits) {
  if (is_zip(source)) return open_torch_zip(source, limits);
  if (is_torch_legacy(source)) return open_torch_legacy(source);
  fail(
      Errc::unsafe_content,
      "a pickle of Python objects that torch.save did not write (joblib and scikit-learn do): it could only be read by "
      "running it; save the weights with torch.save(model.state_dict(), 'weights.pt') or as safetensors, or export a "
      "network of scikit-learn to ONNX with skl2onnx");
}

/// Float tensors are read; integers are left aside with a note, but num_batches_tracked, which no answer needs.
void read_tensors(const TorchCheckpoint& checkpoint, TorchTensors& tensors, Contents& contents) {
  for (const auto& [name, id] : checkpoint.tensors) {
    const std::string_view dtype = tensors.dtype(id, name);
    if (name.ends_with("num_batches_tracked")) continue;
    if (dtype.starts_with("float") || dtype == "bfloat16") {
      contents.tensors.emplace_back(name, tensors.read(id, name));
      contents.dtypes.emplace_back(dtype);
    } else {
      contents.notes.push_back("tensor " + base::quoted(name) + " was left aside: its elements are " +
                               std::string(dtype));
    }
  }
}

}  // namespace

bool recognises_pytorch(const base::ByteSource& source) { return is_zip(source) || is_pickle(source); }

Contents read_pytorch(const base::ByteSource& source, const LoadOptions& options) {
  const TorchFile file = open(source, options.limits);
  TorchTensors tensors(source, file, options.limits);
  TorchCheckpoint checkpoint = file.script ? find_script_tensors(file.graph, options.limits)
                                           : find_checkpoint(file.graph, options.prefix, options.limits.tensors);
  Contents contents;
  contents.notes = std::move(checkpoint.notes);
  if (checkpoint.module != kPickleNone) {
    contents.format = "PyTorch module (" + file.container + ")";
    contents.network = read_torch_network(file.graph, checkpoint.module, tensors, options.limits);
    return contents;
  }
  contents.format = (file.script ? "TorchScript weights (" : "PyTorch state_dict (") + file.container + ")";
  // Only Python 3.6 and later write zip containers: there a plain dict keeps its order too.
  contents.ordered = checkpoint.ordered || (file.zip.has_value() && !file.script);
  read_tensors(checkpoint, tensors, contents);
  return contents;
}

}  // namespace lamina::format
