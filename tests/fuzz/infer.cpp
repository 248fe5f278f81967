// Bytes -> the body of an inference request: JSON alone, JSON and binary behind its first line, binary alone.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/survive.hpp"
#include "serve/infer_request.hpp"
#include "serve/infer_rows.hpp"
#include "serve/reply.hpp"

namespace {

using namespace lamina;

const serve::Signature& signature() {
  static const serve::Signature kSignature = {"m", "1", "p", "x", "y", {2, 3}, {1}, 6, 1, 4};
  return kSignature;
}

void read(std::string_view body, std::optional<std::string_view> json_length) {
  try {
    serve::InferRequest request = serve::parse_infer_request(body, json_length, 24);
    const serve::InferRows rows = serve::rows_of(request, signature());
    if (rows.rows == 0 || rows.rows > signature().max_batch || rows.x.size() != rows.rows * signature().input_size) {
      throw std::logic_error("rows that the model cannot take");
    }
  } catch (const serve::Refused& refused) {
    const std::size_t length = std::string_view(refused.what()).size();
    const bool blames_request = refused.status() == 400 || refused.status() == 501;
    if (!blames_request || length == 0 || length > 16384) throw std::logic_error("not a refusal for a client");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = fuzz::text(data, size);
  read(body, {});
  read(body, "0");
  read(body, std::to_string(body.substr(0, body.find('\n')).size()));
  return 0;
}
