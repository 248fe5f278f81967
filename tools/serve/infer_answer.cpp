// The answers of a run -> what the client is sent, as JSON or binary.
// SPDX-License-Identifier: Apache-2.0
#include "serve/infer_answer.hpp"

#include "serve/json_text.hpp"

namespace lamina::serve {
namespace {

void append_data(std::string& out, const Answer& answer) {
  out += ",\"data\":";
  if (append_json_numbers(out, answer.y)) return;
  throw Refused(400, "output '" + answer.signature.output +
                         "': data: expected numbers that JSON has, got NaN or infinity: ask for binary_data");
}

}  // namespace

Reply reply_of(const Answer& answer) {
  const Signature& signature = answer.signature;
  Reply reply;
  std::string& out = reply.body;
  out = "{\"model_name\":";
  append_json_string(out, signature.model);
  out += ",\"model_version\":\"" + signature.version + '"';
  if (answer.id) {
    out += ",\"id\":";
    append_json_string(out, *answer.id);
  }
  out += ",\"outputs\":[{\"name\":";
  append_json_string(out, signature.output);
  out += ",\"datatype\":\"FP32\",\"shape\":";
  append_batch_shape(out, static_cast<std::int64_t>(answer.rows), signature.output_shape);
  if (!answer.binary) {
    append_data(out, answer);
    out += "}]}";
    return reply;
  }
  out += ",\"parameters\":{\"binary_data_size\":" + std::to_string(answer.y.size_bytes()) + "}}]}";
  reply.headers.emplace_back("Inference-Header-Content-Length", std::to_string(out.size()));
  reply.content_type = "application/octet-stream";
  out.append(reinterpret_cast<const char*>(answer.y.data()), answer.y.size_bytes());
  return reply;
}

}  // namespace lamina::serve
