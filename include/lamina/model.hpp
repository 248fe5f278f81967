// Saved files, text or code -> Model: a network as a value, independent of the machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>
#include <lamina/export.hpp>
#include <lamina/tensor.hpp>
#include <lamina/verify.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina {

namespace model {
struct Network;  // internal
}
struct CompileOptions;
class Plan;

/// Upper bounds that a reader checks before it allocates. Raise them for trusted giants,
/// lower them for untrusted files.
struct Limits {
  std::uint64_t file_bytes = std::uint64_t{2} << 30;     ///< size of a model file
  std::uint64_t weight_bytes = std::uint64_t{4} << 30;   ///< float32 weights after decoding
  std::uint64_t header_bytes = std::uint64_t{16} << 20;  ///< safetensors header
  std::uint64_t text_bytes = std::uint64_t{64} << 20;    ///< JSON configuration, architecture text
  std::uint64_t tensors = 65536;                         ///< tensors in a file
  std::uint64_t layers = 10000;                          ///< layers in a model
  std::uint64_t nesting = 16;                            ///< Sequential within Sequential
};

/// How an architecture text is read.
struct ArchitectureOptions {
  /// 2 or 3, for Keras code, where the two differ (hard_sigmoid); JSON and files carry their own version.
  std::optional<int> keras_version = {};
  /// Values for the arguments of `__init__` of class text that no line of the text gives.
  std::vector<std::pair<std::string, std::string>> arguments = {};
  Limits limits = {};
  /// JSON object whose members are such arguments too, as the config.json that Hugging Face's hub keeps beside the
  /// weights of a model. Members that __init__ does not ask for are left aside.
  std::string configuration = {};
};

struct LoadOptions {
  /// Architecture beside a file that has only weights: printed PyTorch module, PyTorch or Keras
  /// constructor code, Keras JSON or class text. Empty: the file's own.
  std::string architecture = {};
  std::optional<int> keras_version = {};
  std::vector<std::pair<std::string, std::string>> arguments = {};
  std::string configuration = {};  ///< see ArchitectureOptions
  /// Only tensors whose name starts with this, which is then removed: "actor.".
  std::string prefix = {};
  /// layer name -> name of its tensors in the file: {"0", "fc1"} takes fc1.weight for 0.weight.
  std::vector<std::pair<std::string, std::string>> map = {};
  /// Tensors that no layer takes are listed in Model::notes() instead of being an error.
  bool allow_unused = false;
  /// Which output of a file that has several (ONNX). Empty: the only one.
  std::string output_name = {};
  /// Lets an ONNX file keep its weights in other files of its own folder; only load(path) can. Off, because a file
  /// then decides which other files are read.
  bool external_data = false;
  Limits limits = {};
  /// Compiles the model and runs its golden vectors before it is handed over: Error{verification_failed} says the
  /// largest error and where, or that the file has none. The packed weights then count towards the peak.
  bool verify = false;
  Tolerance tolerance = {};  ///< of verify
};

/// One row of a model's table of layers.
struct LayerInfo {
  std::string name;              ///< "0", "fc1", "features.3"
  std::string type;              ///< PyTorch's class name: "Linear"
  std::string description;       ///< as PyTorch prints it: "Linear(in_features=784, out_features=128, bias=True)"
  std::optional<Shape> output;   ///< without the batch; absent where the input shape is not known
  std::uint64_t parameters = 0;  ///< trained and untrained numbers
};

/// A network: layers with their hyper-parameters and weights, as the file had them.
///
/// A value: copies are cheap (weights are shared and immutable) and compare with ==. A const Model may
/// be used from any number of threads.
class LAMINA_API Model {
 public:
  Model();  ///< no layers: the identity
  explicit Model(model::Network network);
  Model(const Model&);
  Model(Model&&) noexcept;
  Model& operator=(const Model&);
  Model& operator=(Model&&) noexcept;
  ~Model();

  /// Layers in order, nested containers flattened, with shapes where they are known.
  [[nodiscard]] std::vector<LayerInfo> layers() const;
  /// Shape of one row (without the batch), where the file, the text or the first layer determines it.
  [[nodiscard]] std::optional<Shape> input_shape() const;
  [[nodiscard]] std::optional<Shape> output_shape() const;
  /// Names of the inputs and outputs, in order: one of each today.
  [[nodiscard]] const std::vector<std::string>& input_names() const noexcept;
  [[nodiscard]] const std::vector<std::string>& output_names() const noexcept;
  [[nodiscard]] std::uint64_t parameter_count() const;
  /// False for a network written in code or text whose weights have not been filled in.
  [[nodiscard]] bool has_weights() const;
  /// What a reader assumed or left aside, one sentence each.
  [[nodiscard]] const std::vector<std::string>& notes() const;

  /// Weights by PyTorch's names ("0.weight", "0.bias", "2.running_mean"), in order.
  [[nodiscard]] std::vector<std::pair<std::string, Tensor>> state_dict() const;
  /// Fills in the weights, with the binding rules of load(); golden vectors, which are of the old ones, are dropped.
  /// Throws Error{missing_weight, extra_weight, shape_mismatch}; the Model is then unchanged.
  void load_state_dict(const std::vector<std::pair<std::string, Tensor>>& tensors, const LoadOptions& options = {});
  /// Fills in weights drawn from `seed` (uniform, as PyTorch initialises them): for latency
  /// measurements before training, not for answers.
  void randomize(std::uint64_t seed);

  /// Says the shape of one row (without the batch) where the model leaves it open: that of a leading activation, say.
  /// Throws Error{shape_mismatch} where the model states another one or its layers ask for another.
  void set_input_shape(const Shape& shape);

  /// Rows with the answers that these weights must give; absent where the file had none.
  [[nodiscard]] const std::optional<GoldenVectors>& golden_vectors() const noexcept;
  /// Attaches them (or takes them off) for save(). Their shapes are checked, their values are not: see verify().
  /// Throws Error{shape_mismatch}; the Model is then unchanged.
  void set_golden_vectors(std::optional<GoldenVectors> golden);

  /// Makes the network ready for this CPU. See Plan. Throws Error{missing_weight, shape_mismatch,
  /// invalid_argument, unsupported_feature}.
  [[nodiscard]] Plan compile() const&;
  [[nodiscard]] Plan compile(const CompileOptions& options) const&;
  /// The same, freeing each weight tensor as soon as it is packed.
  [[nodiscard]] Plan compile() &&;
  [[nodiscard]] Plan compile(const CompileOptions& options) &&;

  /// Same layers, parameters and weight bits. Golden vectors and notes are about a model, not part of it.
  friend bool operator==(const Model& a, const Model& b);

  [[nodiscard]] const model::Network& network() const noexcept { return *network_; }  ///< internal

 private:
  std::shared_ptr<const model::Network> network_;
};
[[nodiscard]] LAMINA_API bool operator==(const Model& a, const Model& b);

/// Reads a model. The format is decided by the bytes, not by the name.
/// Throws Error with the file's name in front; a model loads completely and exactly, or not at all.
/// Peak memory: the weights, the largest tensor and 64 MiB; with LoadOptions::verify also the packed weights.
[[nodiscard]] LAMINA_API Model load(const std::filesystem::path& path, const LoadOptions& options = {});
/// The same from memory. `bytes` are not needed after the call.
[[nodiscard]] LAMINA_API Model load(std::span<const std::byte> bytes, const LoadOptions& options = {});

/// Writes a safetensors file with the architecture in its metadata, under a temporary name that is then
/// renamed, so that `path` holds the old file or the whole new one. load() gives the same Model back, bit
/// for bit, with its golden vectors. Throws Error{io, missing_weight}.
LAMINA_API void save(const Model& model, const std::filesystem::path& path);

/// Text -> Model without weights: PyTorch's printed form or constructor code, Keras constructor code or
/// JSON, or an nn.Module class whose forward is a straight line. Read as data; nothing is executed.
/// Throws Error with an excerpt().
[[nodiscard]] LAMINA_API Model parse_architecture(std::string_view text, const ArchitectureOptions& options = {});

/// Constructor text in PyTorch's names with every parameter explicit, defaults too; parse_architecture() reads it back
/// as an equal Model without weights. What save() stores.
[[nodiscard]] LAMINA_API std::string architecture(const Model& model);

/// What print(model) prints in PyTorch.
[[nodiscard]] LAMINA_API std::string to_string(const Model& model);
/// What model.summary() prints in Keras.
[[nodiscard]] LAMINA_API std::string summary(const Model& model);

}  // namespace lamina
