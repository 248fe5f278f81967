// Network after the passes + options -> Program for this CPU.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/network.hpp"
#include "plan/program.hpp"

#include <lamina/plan.hpp>

#include <memory>
#include <optional>

namespace lamina::plan {

/// `network` is flat (run_passes has been over it); each weight tensor is released once it is packed.
/// `threads` is at least 1. Throws Error{missing_weight, shape_mismatch, invalid_argument, unsupported_feature}.
[[nodiscard]] std::shared_ptr<const Program> compile(model::Network network, const CompileOptions& options,
                                                     int threads);

/// The table that `wanted`, else LAMINA_ISA, else the CPU asks for. Throws Error{invalid_argument} for an
/// unknown name, Error{unsupported_feature} for a set that this CPU or build has not.
[[nodiscard]] const kernel::KernelTable& select_table(std::optional<Isa> wanted);

}  // namespace lamina::plan
