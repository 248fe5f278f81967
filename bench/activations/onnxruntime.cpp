// ONNX Runtime as a contender: a session of one node per function and shape, one thread, tensors bound beforehand.
// SPDX-License-Identifier: Apache-2.0
//
// A call runs a whole session: its fixed cost, about a microsecond, is part of what is timed.
#include "contender.hpp"

#include <onnxruntime_c_api.h>
#include <protozero/pbf_writer.hpp>

#include <map>
#include <memory>
#include <stdexcept>
#include <tuple>

namespace lamina::bench {
namespace {

using protozero::pbf_writer;

const OrtApi& api() {
  static const OrtApi* const table = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  if (table == nullptr) throw std::runtime_error("onnxruntime_c_api.h is newer than the library");
  return *table;
}
void require(OrtStatus* status) {
  if (status != nullptr) throw std::runtime_error(api().GetErrorMessage(status));
}

void add_value(pbf_writer& graph, protozero::pbf_tag_type field, const char* name, std::size_t rows, std::size_t n) {
  pbf_writer value(graph, field);
  value.add_string(1, name);
  pbf_writer type(value, 2);
  pbf_writer tensor(type, 1);
  tensor.add_int32(1, 1);  // FLOAT
  pbf_writer shape(tensor, 2);
  for (const std::size_t size : {rows, n}) {
    pbf_writer dim(shape, 1);
    dim.add_int64(1, static_cast<std::int64_t>(size));
  }
}

/// A model of one node, y = op(x), as ONNX bytes; field numbers are those of onnx.proto3.
std::string one_node(const std::string& op, std::size_t rows, std::size_t n) {
  std::string bytes;
  pbf_writer model(bytes);
  model.add_int64(1, 9);  // ir_version
  {
    pbf_writer graph(model, 7);
    graph.add_string(2, op);
    {
      pbf_writer node(graph, 1);
      node.add_string(1, "x");
      node.add_string(2, "y");
      node.add_string(4, op);
    }
    add_value(graph, 11, "x", rows, n);
    add_value(graph, 12, "y", rows, n);
  }
  pbf_writer opset(model, 8);
  opset.add_int64(2, 20);
  opset.commit();
  return bytes;
}

OrtValue* wrap(float* data, std::size_t rows, std::size_t n) {
  OrtMemoryInfo* memory = nullptr;
  require(api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory));
  const std::int64_t shape[] = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(n)};
  OrtValue* value = nullptr;
  require(api().CreateTensorWithDataAsOrtValue(memory, data, rows * n * sizeof(float), shape, 2,
                                               ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
  return value;
}

/// Sessions live as long as the program.
struct Bound {
  OrtSession* session = nullptr;
  OrtIoBinding* binding = nullptr;
};
Bound bind(const std::string& op, const float* x, float* y, std::size_t rows, std::size_t n) {
  static OrtEnv* const env = [] {
    OrtEnv* made = nullptr;
    require(api().CreateEnv(ORT_LOGGING_LEVEL_ERROR, "activations", &made));
    return made;
  }();
  OrtSessionOptions* options = nullptr;
  require(api().CreateSessionOptions(&options));
  require(api().SetIntraOpNumThreads(options, 1));
  const std::string bytes = one_node(op, rows, n);
  Bound bound;
  require(api().CreateSessionFromArray(env, bytes.data(), bytes.size(), options, &bound.session));
  require(api().CreateIoBinding(bound.session, &bound.binding));
  require(api().BindInput(bound.binding, "x", wrap(const_cast<float*>(x), rows, n)));
  require(api().BindOutput(bound.binding, "y", wrap(y, rows, n)));
  return bound;
}

Softmax node(const std::string& op) {
  using Key = std::tuple<const float*, float*, std::size_t, std::size_t>;
  const auto sessions = std::make_shared<std::map<Key, Bound>>();
  return [op, sessions](const float* x, float* y, std::size_t rows, std::size_t n) {
    Bound& bound = (*sessions)[{x, y, rows, n}];
    if (bound.session == nullptr) bound = bind(op, x, y, rows, n);
    require(api().RunWithBinding(bound.session, nullptr, bound.binding));
  };
}
Elementwise elementwise(const std::string& op) {
  return [run = node(op)](const float* x, float* y, std::size_t n) { run(x, y, 1, n); };
}

}  // namespace

Contender make_onnxruntime() {
  using kernel::Unary;
  Contender c;
  c.name = std::string("ONNX Runtime ") + OrtGetApiBase()->GetVersionString();
  c[Unary::relu] = elementwise("Relu");
  c[Unary::exp] = elementwise("Exp");
  c[Unary::log] = elementwise("Log");
  c[Unary::tanh] = elementwise("Tanh");
  c[Unary::erf] = elementwise("Erf");
  c[Unary::sigmoid] = elementwise("Sigmoid");
  c[Unary::gelu] = elementwise("Gelu");
  c[Unary::elu] = elementwise("Elu");
  c[Unary::selu] = elementwise("Selu");
  c[Unary::mish] = elementwise("Mish");
  c[Unary::softplus] = elementwise("Softplus");
  c[Unary::softsign] = elementwise("Softsign");
  c[Unary::hardswish] = elementwise("HardSwish");
  c.softmax = node("Softmax");
  return c;
}

}  // namespace lamina::bench
