// Sides that do not fit -> the Error that shows both and says what to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/bind/sides.hpp"

#include <lamina/error.hpp>

namespace lamina::format {

/// After a match of every layer: throws Error{shape_mismatch} with a problem for each tensor of another shape.
void check_shapes(const Sides& sides);

/// Some layers are open and nothing can be decided: what each lacks, which tensors are free, and a --map or --prefix.
[[nodiscard]] Error unmatched(Sides& sides);

/// Every layer has its tensors and some are left over.
[[nodiscard]] Error unused(const Sides& sides);

}  // namespace lamina::format
