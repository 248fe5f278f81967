// A chain of ONNX nodes -> the network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/onnx/chain.hpp"
#include "model/network.hpp"

#include <lamina/model.hpp>

#include <string>
#include <vector>

namespace lamina::format::onnx {

/// Throws Error with every node that could not be converted; behind the first one, errors about shapes are left out,
/// which it may have caused.
[[nodiscard]] model::Network convert_chain(const Graph& graph, const Chain& chain, Values& values, const Limits& limits,
                                           std::vector<std::string>& notes);

}  // namespace lamina::format::onnx
