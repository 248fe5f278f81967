// What a served model is called, takes and gives -> the metadata of the protocol.
// SPDX-License-Identifier: Apache-2.0
#include "serve/signature.hpp"

#include "serve/json_text.hpp"

#include <lamina/version.hpp>

#include <nlohmann/json.hpp>

namespace lamina::serve {
namespace {

using Json = nlohmann::ordered_json;

Json tensor(const std::string& name, const Shape& row) {
  Json shape = {-1};
  for (const std::int64_t size : row) shape.push_back(size);
  return {{"name", name}, {"datatype", "FP32"}, {"shape", shape}};
}

Json configured(const std::string& name, const Shape& row) {
  return {{"name", name}, {"data_type", "TYPE_FP32"}, {"dims", row}};
}

/// Names come from files, which may hold any bytes.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string batch_shape(const Shape& row) {
  std::string text;
  append_batch_shape(text, -1, row);
  return text;
}

std::string server_metadata() {
  return text_of(
      {{"name", "lamina"}, {"version", version()}, {"extensions", {"binary_tensor_data", "model_configuration"}}});
}

std::string model_metadata(const Signature& signature, const std::vector<std::string>& versions) {
  return text_of({{"name", signature.model},
                  {"versions", versions},
                  {"platform", signature.platform},
                  {"inputs", Json::array({tensor(signature.input, signature.input_shape)})},
                  {"outputs", Json::array({tensor(signature.output, signature.output_shape)})}});
}

std::string model_config(const Signature& signature) {
  return text_of({{"name", signature.model},
                  {"platform", signature.platform},
                  {"backend", "lamina"},
                  {"max_batch_size", signature.max_batch},
                  {"input", Json::array({configured(signature.input, signature.input_shape)})},
                  {"output", Json::array({configured(signature.output, signature.output_shape)})},
                  {"dynamic_batching", {{"preferred_batch_size", {signature.max_batch}}}}});
}

}  // namespace lamina::serve
