// The closed list of names: containers, tensors, storages, dtypes and the layers of torch.nn that lamina runs.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch/names.hpp"

#include "base/fail.hpp"
#include "format/pytorch/layer.hpp"

#include <algorithm>
#include <array>

namespace lamina::format {
namespace {

using base::FloatType;

constexpr std::array kStorageTypes = {
    StorageType{"FloatStorage", "float32", 4, FloatType::f32},
    StorageType{"DoubleStorage", "float64", 8, FloatType::f64},
    StorageType{"HalfStorage", "float16", 2, FloatType::f16},
    StorageType{"BFloat16Storage", "bfloat16", 2, FloatType::bf16},
    StorageType{"LongStorage", "int64", 8, std::nullopt},
    StorageType{"IntStorage", "int32", 4, std::nullopt},
    StorageType{"ShortStorage", "int16", 2, std::nullopt},
    StorageType{"CharStorage", "int8", 1, std::nullopt},
    StorageType{"ByteStorage", "uint8", 1, std::nullopt},
    StorageType{"BoolStorage", "bool", 1, std::nullopt},
};

constexpr std::array kNames = {
    PickleSymbol{"collections", "OrderedDict", PickleRole::ordered_dict},
    PickleSymbol{"__builtin__", "set", PickleRole::set},
    PickleSymbol{"builtins", "set", PickleRole::set},
    PickleSymbol{"torch", "Size", PickleRole::size},
    PickleSymbol{"torch", "device", PickleRole::function},
    PickleSymbol{"torch._utils", "_rebuild_tensor", PickleRole::function},
    PickleSymbol{"torch._utils", "_rebuild_tensor_v2", PickleRole::function},
    PickleSymbol{"torch._utils", "_rebuild_parameter", PickleRole::function},
    PickleSymbol{"torch._utils", "_rebuild_parameter_with_state", PickleRole::function},
    PickleSymbol{"torch.nn.parameter", "Parameter", PickleRole::function},
    // torch 0.x: the `_backend` attribute of every module.
    PickleSymbol{"torch.nn.backends.thnn", "_get_thnn_function_backend", PickleRole::function},
};

constexpr std::array<std::string_view, 12> kDtypes = {
    "float16", "bfloat16", "float32", "float64", "half", "float", "double", "int8", "int16", "int32", "int64", "uint8",
};

constexpr std::string_view kModules = "torch.nn.modules.";

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + base::quoted(name);
  return text;
}

/// Storages of complex and quantised tensors are torch's own: what is wrong is the type of their elements.
void refuse_storages(std::string_view place, const std::vector<std::string>& unknown) {
  const auto is_storage = [](const std::string& name) {
    return name.starts_with("torch.") && name.ends_with("Storage");
  };
  if (!std::all_of(unknown.begin(), unknown.end(), is_storage)) return;
  base::fail(Errc::dtype, place, "element type of tensors", "floats or integers of 8 to 64 bits", joined(unknown));
}

}  // namespace

const StorageType* find_storage_type(std::string_view module, std::string_view name) noexcept {
  if (module != "torch") return nullptr;
  const auto* const found = std::find_if(kStorageTypes.begin(), kStorageTypes.end(),
                                         [&](const StorageType& type) { return type.name == name; });
  return found == kStorageTypes.end() ? nullptr : found;
}

std::optional<PickleRole> resolve_torch_name(std::string_view module, std::string_view name) {
  for (const PickleSymbol& known : kNames) {
    if (known.module == module && known.name == name) return known.role;
  }
  if (find_storage_type(module, name) != nullptr) return PickleRole::constant;
  const bool dtype = module == "torch" && std::find(kDtypes.begin(), kDtypes.end(), name) != kDtypes.end();
  if (dtype) return PickleRole::constant;
  if (is_torch_layer(module, name)) return PickleRole::module_class;
  return std::nullopt;
}

void refuse_torch_names(std::string_view place, const std::vector<std::string>& unknown) {
  refuse_storages(place, unknown);
  const bool layers =
      std::all_of(unknown.begin(), unknown.end(), [](const std::string& name) { return name.starts_with(kModules); });
  std::vector<std::string> problems;
  problems.reserve(unknown.size());
  for (const std::string& name : unknown) {
    problems.push_back((layers ? "layer that lamina does not have: " : "class or function that is not in the file: ") +
                       base::quoted(name));
  }
  std::string message = std::string(place) + ": ";
  if (layers) {
    message += "layers that lamina does not have: " + joined(unknown);
  } else {
    message += "needs classes or functions that are not in the file and are never run: " + joined(unknown) +
               "; in Python save only the weights, torch.save(model.state_dict(), 'weights.pt'), and give the network "
               "as architecture text (--arch)";
  }
  throw Error(layers ? Errc::unsupported_layer : Errc::unsafe_content, std::move(message), std::move(problems));
}

}  // namespace lamina::format
