// What a served model is called, takes and gives -> the metadata of the protocol.
// SPDX-License-Identifier: Apache-2.0
#include "serve/signature.hpp"

#include "serve/json_text.hpp"

#include <lamina/version.hpp>

#include <string_view>

namespace lamina::serve {
namespace {

std::string in_json(std::string_view text) {
  std::string result;
  append_json_string(result, text);
  return result;
}

std::string tensor(const std::string& name, const Shape& row) {
  return "[{\"name\":" + in_json(name) + ",\"datatype\":\"FP32\",\"shape\":" + batch_shape(row) + "}]";
}

std::string configured(const std::string& name, const Shape& row) {
  std::string dims;
  for (const std::int64_t size : row) dims += (dims.empty() ? "" : ",") + std::to_string(size);
  return "[{\"name\":" + in_json(name) + ",\"data_type\":\"TYPE_FP32\",\"dims\":[" + dims + "]}]";
}

}  // namespace

std::string batch_shape(const Shape& row) {
  std::string text;
  append_batch_shape(text, -1, row);
  return text;
}

std::string server_metadata() {
  return "{\"name\":\"lamina\",\"version\":\"" + std::string(version()) +
         "\",\"extensions\":[\"binary_tensor_data\",\"model_configuration\"]}";
}

std::string model_metadata(const Signature& signature, const std::vector<std::string>& versions) {
  std::string list;
  for (const std::string& each : versions) list += (list.empty() ? "\"" : ",\"") + each + '"';
  return "{\"name\":" + in_json(signature.model) + ",\"versions\":[" + list + "],\"platform\":\"" + signature.platform +
         "\",\"inputs\":" + tensor(signature.input, signature.input_shape) +
         ",\"outputs\":" + tensor(signature.output, signature.output_shape) + '}';
}

std::string model_config(const Signature& signature) {
  const std::string batch = std::to_string(signature.max_batch);
  return "{\"name\":" + in_json(signature.model) + ",\"platform\":\"" + signature.platform +
         "\",\"backend\":\"lamina\",\"max_batch_size\":" + batch +
         ",\"input\":" + configured(signature.input, signature.input_shape) +
         ",\"output\":" + configured(signature.output, signature.output_shape) +
         ",\"dynamic_batching\":{\"preferred_batch_size\":[" + batch + "]}}";
}

}  // namespace lamina::serve
