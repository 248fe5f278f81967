// A constructor call in torch's names (and lamina's own for what torch cannot say) -> a layer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/arguments.hpp"
#include "format/architecture/scope.hpp"
#include "format/architecture/value.hpp"
#include "model/activation.hpp"
#include "model/network.hpp"

#include <lamina/model.hpp>

namespace lamina::format::architecture {

/// What every layer builder needs beside the call itself.
struct TorchContext {
  const Source& source;
  const Scope& scope;
  const Limits& limits;
  std::size_t* affine_elements;  // numbers in the tensors that Affine layers have got so far
};

/// True for names that stand for a layer, Sequential among them.
[[nodiscard]] bool is_torch_layer(std::string_view name) noexcept;
[[nodiscard]] bool is_torch_layer(const std::string& dotted, const Scope& scope);

/// The layer that `call` makes, checked by model::validate; `nesting` is the level of its layers if it is a
/// Sequential, 0 for the root. Throws Error at the call or its argument.
[[nodiscard]] model::Op torch_op(const TorchContext& context, const Value& call, std::size_t nesting = 1);
/// The layers of a Sequential call: positions, one list, OrderedDict([("name", layer), ...]).
[[nodiscard]] std::vector<model::Layer> torch_layers(const TorchContext& context, const Value& sequential,
                                                     std::size_t nesting);

/// One call of an activation with parameters by torch's names, starting at argument `first`.
[[nodiscard]] model::Activation torch_activation(const Source& source, const model::ActivationInfo& info,
                                                 std::string_view callee, const Value& call, std::size_t first);
/// Softmax, LogSoftmax, ...: their `dim`.
[[nodiscard]] std::vector<std::int64_t> softmax_dims(const Arguments& arguments);

/// Throws unsupported_layer that names it, with the closest known name.
[[noreturn]] void fail_unknown_layer(const Source& source, std::size_t at, std::string_view name);
/// model::validate, with the place in the text.
void validate_at(const Source& source, std::size_t at, const model::Layer& layer);
/// Throws Error{limit_exceeded} for Sequential within Sequential beyond the limit.
void check_nesting(const Source& source, std::size_t at, std::size_t nesting, const Limits& limits);

}  // namespace lamina::format::architecture
