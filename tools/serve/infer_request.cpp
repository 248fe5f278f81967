// The body of an inference request, JSON and what follows it -> a value; no model is asked yet.
// SPDX-License-Identifier: Apache-2.0
#include "serve/infer_request.hpp"

#include "serve/infer_json.hpp"
#include "serve/reply.hpp"

#include <charconv>
#include <utility>

namespace lamina::serve {
namespace {

constexpr const char* kLengthHeader = "Inference-Header-Content-Length";

std::size_t length_of(std::string_view text, std::size_t most) {
  std::size_t length = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (failure == std::errc() && end == text.data() + text.size() && !text.empty() && length <= most) return length;
  refuse(kLengthHeader, "the bytes of JSON in a body of " + std::to_string(most), in_quotes(text));
}

}  // namespace

InferRequest parse_infer_request(std::string_view body, std::optional<std::string_view> json_length,
                                 std::size_t most_numbers) {
  const std::size_t length = json_length ? length_of(*json_length, body.size()) : body.size();
  if (json_length && length == 0) {
    InferRequest request;
    request.raw = true;
    request.binary_outputs = true;
    request.binary = body;
    return request;
  }
  InferRequest request = read_infer_json(body.substr(0, length), most_numbers);
  request.binary = body.substr(length);
  return request;
}

}  // namespace lamina::serve
