// What a served model is called, takes and gives.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/tensor.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace lamina::serve {

struct Signature {
  std::string model, version;
  std::string platform;                         // "lamina_safetensors"
  std::string input, output;                    // names
  Shape input_shape, output_shape;              // of one row
  std::size_t input_size = 0, output_size = 0;  // floats of one row
  std::size_t max_batch = 0;                    // most rows of a request
};

/// [-1,4]: a batch of any number of rows.
[[nodiscard]] std::string batch_shape(const Shape& row);

/// GET /v2, /v2/models/NAME and /v2/models/NAME/config.
[[nodiscard]] std::string server_metadata();
[[nodiscard]] std::string model_metadata(const Signature& signature, const std::vector<std::string>& versions);
[[nodiscard]] std::string model_config(const Signature& signature);

}  // namespace lamina::serve
