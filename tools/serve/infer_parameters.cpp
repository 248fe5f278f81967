// The parameters of a request, an input or an output -> what they ask for.
// SPDX-License-Identifier: Apache-2.0
#include "serve/infer_parameters.hpp"

#include "serve/reply.hpp"

#include <algorithm>

namespace lamina::serve {
namespace {

[[noreturn]] void unsupported(std::string_view name, const std::string& extension) {
  throw Refused(501, "parameters." + std::string(name) + ": the extension " + extension + " is not supported");
}

bool flag(std::string_view name, const JsonScalar& value) {
  if (const bool* known = std::get_if<bool>(&value)) return *known;
  refuse("parameters." + std::string(name), "true or false", to_string(value));
}

std::uint64_t count(std::string_view name, const JsonScalar& value) {
  if (const std::optional<std::uint64_t> number = whole_number(value)) return *number;
  refuse("parameters." + std::string(name), "a whole number from 0 on", to_string(value));
}

void check_memory(std::string_view name) {
  if (name.starts_with("shared_memory_")) unsupported(name, "shared_memory");
}

}  // namespace

void request_parameter(InferRequest& request, std::string_view name, const JsonScalar& value) {
  if (name == "binary_data_output") request.binary_outputs = flag(name, value);
  if (name == "sequence_id" && whole_number(value) != 0) unsupported(name, "sequence");
  if (name != "timeout") return;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 50;  // 36 years
  const std::uint64_t microseconds = std::min(count(name, value), kMost);
  if (microseconds != 0) request.timeout = std::chrono::microseconds(microseconds);
}

void input_parameter(InputTensor& input, std::string_view name, const JsonScalar& value) {
  check_memory(name);
  if (name == "binary_data_size") input.binary_size = count(name, value);
}

void output_parameter(WantedOutput& output, std::string_view name, const JsonScalar& value) {
  check_memory(name);
  if (name == "binary_data") output.binary = flag(name, value);
  if (name == "classification" && whole_number(value) != 0) unsupported(name, "classification");
}

}  // namespace lamina::serve
