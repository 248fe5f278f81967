// A network or a model -> what the table says of it beside times: operations, weights, kernels, zeros.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contest.hpp"

#include <lamina/lamina.hpp>

#include <string>
#include <vector>

namespace lamina::bench {

struct Facts {
  std::string name;
  double flops_per_row = 0;
  double weight_bytes = 0;
  bool skips_zeros = false;          ///< a layer does, for one row
  double zero_share = 0;             ///< of the inputs of those layers, in the first row; 0 where it is not known
  std::vector<std::string> kernels;  ///< "Linear(...) + ReLU(): linear_f32 6x64 + relu avx512", one per step
};

[[nodiscard]] Facts find_facts(const std::string& name, const Subject& subject, const Plan& plan);

}  // namespace lamina::bench
