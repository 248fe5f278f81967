// The parameters of a request, an input or an output -> what they ask for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/infer_request.hpp"
#include "serve/json_scalar.hpp"

#include <string_view>

namespace lamina::serve {

/// Each throws Refused{400} for a value of the wrong kind, and Refused{501} for what asks for an extension that lamina
/// does not have: an answer that leaves it aside would be another one. Others mean nothing here.
void request_parameter(InferRequest& request, std::string_view name, const JsonScalar& value);
void input_parameter(InputTensor& input, std::string_view name, const JsonScalar& value);
void output_parameter(WantedOutput& output, std::string_view name, const JsonScalar& value);

}  // namespace lamina::serve
