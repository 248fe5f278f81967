// First bytes of a foreign file -> its format's name and a way out.
// SPDX-License-Identifier: Apache-2.0
#include "format/unrecognised.hpp"

#include "base/utf8.hpp"
#include "format/architecture/architecture.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

namespace lamina::format {
namespace {

using namespace std::string_view_literals;  // literals with NUL bytes

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view what;
};
constexpr std::string_view kPickle =
    "a Python pickle, which could only be read by running it: save the weights of a torch model with "
    "torch.save(model.state_dict(), ...) or as safetensors, and export one of scikit-learn to ONNX";
constexpr std::array<Magic, 19> kMagics = {{
    {0, "PK\3\4"sv, "a zip archive of a kind that lamina does not read"},
    {0, "PK\5\6"sv, "an empty zip archive"},
    {0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file of a kind that lamina does not read"},
    {0, "\x93NUMPY"sv, "an array file (npy), which is input and no model"},
    {0, "GGUF"sv, "a GGUF file: its models are language models, which lamina does not run"},
    {4, "TFL3"sv, "a TensorFlow Lite model: convert it to ONNX, or save the Keras model itself"},
    {0, "\x1f\x8b"sv, "compressed with gzip: unpack it first"},
    {0, "BZh"sv, "compressed with bzip2: unpack it first"},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     "compressed with xz: unpack it first"},
    {0, "\x28\xb5\x2f\xfd"sv, "compressed with zstd: unpack it first"},
    {0, "\x80\2"sv, kPickle},
    {0, "\x80\3"sv, kPickle},
    {0, "\x80\4"sv, kPickle},
    {0, "\x80\5"sv, kPickle},
    {257, "ustar"sv, "a tar archive: unpack it first"},
    {0, "7z\xbc\xaf"sv, "compressed with 7-Zip: unpack it first"},
    {0, "\x89HDF\n"sv, "an HDF5 file that was changed on its way, by a transfer in text mode: copy it in binary mode"},
    {0, "\x89HDF\r\r\n"sv,
     "an HDF5 file that was changed on its way, by a transfer in text mode: copy it in binary mode"},
    {0, "version https://git-lfs"sv, "a pointer of Git LFS and not the file itself: run git lfs pull"},
}};

constexpr std::size_t kSample = 4096;

std::string head_of(const base::ByteSource& source, std::uint64_t most) {
  std::string head(static_cast<std::size_t>(std::min(source.size(), most)), '\0');
  source.read(0, std::as_writable_bytes(std::span(head)));
  return head;
}

bool is_text(std::string_view head, bool complete) {
  // A character may be cut in two at the end of the sample.
  for (int cut = 0; !complete && cut < 3 && !base::is_utf8(head); ++cut) head.remove_suffix(1);
  return base::is_utf8(head) && std::none_of(head.begin(), head.end(), [](unsigned char c) {
           return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
         });
}

bool is_architecture(std::string_view text, const LoadOptions& options) {
  try {
    (void)parse_architecture(text, {.keras_version = options.keras_version,
                                    .arguments = options.arguments,
                                    .limits = options.limits,
                                    .configuration = options.configuration});
    return true;
  } catch (const Error&) {
    return false;  // any text may be here: the error to report is that there are no weights
  }
}

std::string_view text_kind(const base::ByteSource& source, std::string_view head, const LoadOptions& options) {
  const std::size_t begin = std::min(head.find_first_not_of(" \t\r\n"), head.size());
  if (head.substr(begin).starts_with("<")) return "a page in HTML or XML: was the right address downloaded?";
  if (source.size() <= options.limits.text_bytes && is_architecture(head_of(source, source.size()), options)) {
    return "an architecture without weights: give it as the architecture (--arch) beside the file that has them";
  }
  if (head.substr(begin).starts_with("{")) {
    return "JSON, but no network of Keras: a config.json is given (--arg @config.json) beside the file with weights";
  }
  return "text: an architecture is given (--arch) beside a file with weights";
}

/// A file of TensorFlow, by the first fields of its messages; empty where it is none.
std::string_view tensorflow_kind(std::string_view head) {
  const auto byte = [&](std::size_t at) { return at < head.size() ? static_cast<unsigned char>(head[at]) : 0U; };
  const auto behind_length = [&](std::size_t at) { return at + (byte(at) < 0x80 ? 1 : byte(at + 1) < 0x80 ? 2 : 3); };
  // SavedModel{schema version 1, MetaGraphDef{MetaInfoDef...}}; GraphDef{NodeDef{name, operator}}.
  if (head.starts_with("\x08\x01\x12"sv) && byte(behind_length(3)) == 0x0A) {
    return "a SavedModel of TensorFlow: save the Keras model with model.save('model.keras'), or convert it to ONNX";
  }
  const std::size_t node = behind_length(1), name = node + 2, op = name + byte(node + 1);
  const bool has_name = byte(0) == 0x0A && byte(node) == 0x0A && byte(node + 1) > 0 && byte(node + 1) < 0x80;
  if (has_name && byte(op) == 0x12 && is_text(head.substr(name, op - name), true)) {
    return "a graph of TensorFlow: save the Keras model with model.save('model.keras'), or convert it to ONNX";
  }
  return {};
}

/// Readers that this build has been configured without: "; this lamina is built without Keras ONNX"; or nothing.
std::string left_out() {
  std::string names;
#ifndef LAMINA_WITH_KERAS
  names += " Keras";
#endif
#ifndef LAMINA_WITH_ONNX
  names += " ONNX";
#endif
#ifndef LAMINA_WITH_PYTORCH
  names += " PyTorch";
#endif
  return names.empty() ? names : "; this lamina is built without" + names;
}

}  // namespace

Error unrecognised(const base::ByteSource& source, const LoadOptions& options) {
  if (source.size() == 0) return {Errc::truncated, "is empty"};
  constexpr std::string_view kIs = "is no model file that lamina knows: it is ";
  const std::string head = head_of(source, kSample);
  for (const Magic& magic : kMagics) {
    if (head.size() >= magic.offset && std::string_view(head).substr(magic.offset).starts_with(magic.bytes)) {
      return {Errc::unsupported_feature, std::string(kIs) + std::string(magic.what) + left_out()};
    }
  }
  if (std::all_of(head.begin(), head.end(), [](char c) { return c == '\0'; })) {
    return {Errc::truncated, std::string(kIs) + "made of zeros at its beginning: is the download complete?"};
  }
  if (const std::string_view kind = tensorflow_kind(head); !kind.empty()) {
    return {Errc::unsupported_feature, std::string(kIs) + std::string(kind)};
  }
  if (is_text(head, head.size() == source.size())) {
    return {Errc::malformed, std::string(kIs) + std::string(text_kind(source, head, options))};
  }
  return {Errc::malformed, "is no model file that lamina knows (safetensors, PyTorch, Keras, ONNX)" + left_out()};
}

}  // namespace lamina::format
