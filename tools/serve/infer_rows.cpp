// InferRequest and the model that it is for -> rows that its Plan can run, and how the answer is wanted.
// SPDX-License-Identifier: Apache-2.0
#include "serve/infer_rows.hpp"

#include "serve/json_text.hpp"
#include "serve/reply.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace lamina::serve {
namespace {

static_assert(sizeof(float) == 4);

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ",") + std::to_string(shape[i]);
  return text + "]";
}

class Check {
 public:
  explicit Check(const Signature& signature) : signature_(signature) {}

  /// The only input, by name.
  InputTensor& input(InferRequest& request) const;
  /// Rows that its shape says.
  [[nodiscard]] std::size_t rows(const InputTensor& input) const;
  void data(InputTensor& input, std::size_t rows, InferRows& result) const;
  void binary(std::string_view bytes, std::uint64_t declared, std::size_t rows, InferRows& result) const;
  [[nodiscard]] std::size_t raw_rows(std::string_view bytes) const;
  [[nodiscard]] bool binary_answer(const InferRequest& request) const;

 private:
  [[nodiscard]] std::string place(const char* of) const {
    return "model '" + signature_.model + "': input '" + signature_.input + "': " + of;
  }
  void check_row_count(std::size_t rows) const;

  const Signature& signature_;
};

InputTensor& Check::input(InferRequest& request) const {
  const std::string wanted = "model '" + signature_.model + "': inputs";
  std::string names;
  for (const InputTensor& input : request.inputs) names += (names.empty() ? "" : ", ") + in_quotes(input.name);
  if (request.inputs.size() != 1 || request.inputs[0].name != signature_.input) {
    refuse(wanted, "'" + signature_.input + "' alone", names.empty() ? "none" : names);
  }
  InputTensor& input = request.inputs[0];
  if (input.datatype.empty()) refuse(place("datatype"), "FP32", "none");
  if (input.datatype != "FP32") refuse(place("datatype"), "FP32", in_quotes(input.datatype));
  if (!input.shape) refuse(place("shape"), batch_shape(signature_.input_shape), "none");
  return input;
}

std::size_t Check::rows(const InputTensor& input) const {
  const std::vector<std::int64_t>& shape = *input.shape;
  const Shape& row = signature_.input_shape;
  if (shape.size() != row.size() + 1 || !std::equal(row.begin(), row.end(), shape.begin() + 1)) {
    refuse(place("shape"), batch_shape(row), text_of(shape));
  }
  check_row_count(static_cast<std::size_t>(shape[0]));
  return static_cast<std::size_t>(shape[0]);
}

void Check::check_row_count(std::size_t rows) const {
  if (rows >= 1 && rows <= signature_.max_batch) return;
  refuse(place("rows"), "from 1 to " + std::to_string(signature_.max_batch), std::to_string(rows));
}

void Check::data(InputTensor& input, std::size_t rows, InferRows& result) const {
  if (input.binary_size) refuse(place("data"), "none beside binary_data_size", "both");
  const std::vector<std::int64_t>& sizes = input.data->sizes();
  if (sizes.size() != 1 && sizes != *input.shape) {
    refuse(place("data"), "a flat array or one nested as shape " + text_of(*input.shape) + " says",
           "one of shape " + text_of(sizes));
  }
  result.x = std::move(input.data->values());
  const std::size_t size = rows * signature_.input_size;
  if (result.x.size() != size)
    refuse(place("data"), std::to_string(size) + " numbers", std::to_string(result.x.size()));
}

void Check::binary(std::string_view bytes, std::uint64_t declared, std::size_t rows, InferRows& result) const {
  const std::size_t size = rows * signature_.input_size * sizeof(float);
  if (declared != size) {
    refuse(place("binary_data_size"), std::to_string(size) + " for " + std::to_string(rows) + " rows",
           std::to_string(declared));
  }
  if (bytes.size() != size) {
    refuse("bytes behind the JSON", std::to_string(size) + ", the sum of binary_data_size",
           std::to_string(bytes.size()));
  }
  result.x.resize(rows * signature_.input_size);
  std::memcpy(result.x.data(), bytes.data(), size);
}

std::size_t Check::raw_rows(std::string_view bytes) const {
  const std::size_t row = signature_.input_size * sizeof(float);
  if (bytes.size() % row != 0) {
    refuse(place("bytes"), "a multiple of " + std::to_string(row) + ", those of a row", std::to_string(bytes.size()));
  }
  check_row_count(bytes.size() / row);
  return bytes.size() / row;
}

bool Check::binary_answer(const InferRequest& request) const {
  if (request.outputs.empty()) return request.binary_outputs;
  const std::string wanted = "model '" + signature_.model + "': outputs";
  const WantedOutput& output = request.outputs[0];
  if (output.name != signature_.output) refuse(wanted, "'" + signature_.output + "'", in_quotes(output.name));
  if (request.outputs.size() > 1) {
    refuse(wanted, "'" + signature_.output + "' once", std::to_string(request.outputs.size()) + " outputs");
  }
  return output.binary.value_or(request.binary_outputs);
}

}  // namespace

InferRows rows_of(InferRequest& request, const Signature& signature) {
  const Check check(signature);
  InferRows result;
  result.binary_answer = check.binary_answer(request);
  if (request.raw) {
    result.rows = check.raw_rows(request.binary);
    check.binary(request.binary, request.binary.size(), result.rows, result);
    return result;
  }
  InputTensor& input = check.input(request);
  result.rows = check.rows(input);
  if (input.data) {
    check.data(input, result.rows, result);
    if (!request.binary.empty()) {
      refuse("bytes behind the JSON", "none, as no input has binary_data_size", std::to_string(request.binary.size()));
    }
  } else if (input.binary_size) {
    check.binary(request.binary, *input.binary_size, result.rows, result);
  } else {
    refuse("model '" + signature.model + "': input '" + signature.input + "'", "data or binary_data_size", "neither");
  }
  return result;
}

}  // namespace lamina::serve
