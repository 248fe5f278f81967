// The body of an inference request, JSON and what follows it -> a value; no model is asked yet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/tensor_data.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::serve {

struct InputTensor {
  std::string name, datatype;
  std::optional<std::vector<std::int64_t>> shape;
  std::optional<TensorData> data;
  std::optional<std::uint64_t> binary_size;  // bytes of its own behind the JSON
};

struct WantedOutput {
  std::string name;
  std::optional<bool> binary;
};

struct InferRequest {
  std::optional<std::string> id;
  std::optional<std::chrono::microseconds> timeout;
  bool binary_outputs = false;  // where an output does not say otherwise
  std::vector<InputTensor> inputs;
  std::vector<WantedOutput> outputs;  // empty: all
  std::string_view binary;            // what follows the JSON, in the order of the inputs
  bool raw = false;                   // no JSON at all: `binary` is the only input
};

/// No input may have more than `most_numbers`. `json_length` is the header Inference-Header-Content-Length where there
/// is one. The result borrows from `body`. Throws Refused{400}; Refused{501} for extensions of the protocol that lamina
/// does not have. Members that the protocol does not know are left aside, as its newer versions may add some.
[[nodiscard]] InferRequest parse_infer_request(std::string_view body, std::optional<std::string_view> json_length,
                                               std::size_t most_numbers);

}  // namespace lamina::serve
