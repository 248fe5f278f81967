// InferRequest and the model that it is for -> rows that its Plan can run, and how the answer is wanted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/infer_request.hpp"
#include "serve/signature.hpp"

#include <cstddef>
#include <vector>

namespace lamina::serve {

struct InferRows {
  std::size_t rows = 0;
  std::vector<float> x;
  bool binary_answer = false;
};

/// Takes the numbers out of `request`. Throws Refused{400} with the name of what does not fit.
[[nodiscard]] InferRows rows_of(InferRequest& request, const Signature& signature);

}  // namespace lamina::serve
