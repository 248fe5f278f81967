// ONNX Runtime as a peer: one session, all graph optimisations, inputs and outputs bound to our memory.
// SPDX-License-Identifier: Apache-2.0
//
// After "Performance tuning": graph optimizations (ORT_ENABLE_ALL; Gemm and activation are fused, weights prepacked),
// "Thread management" (intra-op threads set, sequential execution, spinning left on as is its default), "I/O binding"
// (no allocation and no copy per call) and a batch that is fixed in the graph. A user's own .onnx is loaded as it is.
// Ways with several threads: that many, or one. The C interface, so that any header up to the library's version will
// do.
#include "aligned.hpp"
#include "peers/onnx_bytes.hpp"
#include "peers/peer.hpp"

#include <onnxruntime_c_api.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace lamina::bench {
namespace {

const OrtApi& api() {
  static const OrtApi* const table = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  if (table == nullptr) throw std::runtime_error("onnxruntime_c_api.h is newer than the library");
  return *table;
}

void require(OrtStatus* status) {
  if (status == nullptr) return;
  const std::string message = api().GetErrorMessage(status);
  api().ReleaseStatus(status);
  throw std::runtime_error(message);
}

/// Owns one of ONNX Runtime's objects; RELEASE is the member of OrtApi that frees it.
template <typename T, auto kRelease>
struct Release {
  void operator()(T* object) const { (api().*kRelease)(object); }
};
template <typename T, auto kRelease>
using Owned = std::unique_ptr<T, Release<T, kRelease>>;

using Options = Owned<OrtSessionOptions, &OrtApi::ReleaseSessionOptions>;
using Session = Owned<OrtSession, &OrtApi::ReleaseSession>;
using Binding = Owned<OrtIoBinding, &OrtApi::ReleaseIoBinding>;
using Value = Owned<OrtValue, &OrtApi::ReleaseValue>;
using MemoryInfo = Owned<OrtMemoryInfo, &OrtApi::ReleaseMemoryInfo>;

OrtEnv* environment() {
  static OrtEnv* const env = [] {
    OrtEnv* made = nullptr;
    require(api().CreateEnv(ORT_LOGGING_LEVEL_ERROR, "bench", &made));
    return made;
  }();
  return env;
}

Session open_session(const Task& task, int threads) {
  OrtSessionOptions* made = nullptr;
  require(api().CreateSessionOptions(&made));
  const Options options(made);
  require(api().SetSessionGraphOptimizationLevel(made, ORT_ENABLE_ALL));
  require(api().SetSessionExecutionMode(made, ORT_SEQUENTIAL));
  require(api().SetIntraOpNumThreads(made, threads));
  require(api().SetInterOpNumThreads(made, 1));
  OrtSession* session = nullptr;
  if (!task.model_file.empty()) {
    require(api().CreateSession(environment(), task.model_file.c_str(), made, &session));
  } else {
    const std::string bytes = onnx_bytes(task.chain, task.rows);
    require(api().CreateSessionFromArray(environment(), bytes.data(), bytes.size(), made, &session));
  }
  return Session(session);
}

/// Name and shape of an input or output of the session, its free dimensions set to `rows`.
struct Port {
  std::string name;
  std::vector<std::int64_t> shape;
};

using NameOf = OrtStatus* (*)(const OrtSession*, size_t, OrtAllocator*, char**);
using TypeOf = OrtStatus* (*)(const OrtSession*, size_t, OrtTypeInfo**);

std::string name_of(const OrtSession* session, std::size_t index, NameOf name_of_port) {
  OrtAllocator* allocator = nullptr;
  require(api().GetAllocatorWithDefaultOptions(&allocator));
  char* text = nullptr;
  require(name_of_port(session, index, allocator, &text));
  std::string name = text;
  require(api().AllocatorFree(allocator, text));
  return name;
}

/// Empty where the port is no tensor of floats: classifiers of scikit-learn give labels first.
std::vector<std::int64_t> shape_of(const OrtSession* session, std::size_t index, TypeOf type_of_port) {
  OrtTypeInfo* made = nullptr;
  require(type_of_port(session, index, &made));
  const Owned<OrtTypeInfo, &OrtApi::ReleaseTypeInfo> type(made);
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  require(api().CastTypeInfoToTensorInfo(made, &info));
  if (info == nullptr) return {};
  ONNXTensorElementDataType element{};
  require(api().GetTensorElementType(info, &element));
  if (element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) return {};
  std::size_t rank = 0;
  require(api().GetDimensionsCount(info, &rank));
  std::vector<std::int64_t> shape(rank);
  require(api().GetDimensions(info, shape.data(), rank));
  return shape;
}

/// The first of `count` ports that is a tensor of floats.
Port find_port(const OrtSession* session, std::size_t count, NameOf name_of_port, TypeOf type_of_port,
               std::size_t rows) {
  for (std::size_t index = 0; index < count; ++index) {
    Port port{name_of(session, index, name_of_port), shape_of(session, index, type_of_port)};
    if (port.shape.empty()) continue;
    for (std::int64_t& dim : port.shape) {
      if (dim < 0) dim = static_cast<std::int64_t>(rows);
    }
    if (port.shape[0] != static_cast<std::int64_t>(rows)) {
      throw std::runtime_error("the file fixes the batch at " + std::to_string(port.shape[0]));
    }
    return port;
  }
  throw std::runtime_error("the file has no float tensor there");
}

Value wrap(const MemoryInfo& memory, const Port& port, float* data) {
  std::size_t count = 1;
  for (const std::int64_t dim : port.shape) count *= static_cast<std::size_t>(dim);
  OrtValue* value = nullptr;
  require(api().CreateTensorWithDataAsOrtValue(memory.get(), data, count * sizeof(float), port.shape.data(),
                                               port.shape.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
  return Value(value);
}

struct Call {
  std::shared_ptr<OrtSession> session;
  Value x, y;
  Binding binding;
};

Way make_way(const Task& task, int threads) {
  const std::shared_ptr<OrtSession> session(open_session(task, threads).release(), api().ReleaseSession);
  const auto caller = [session, rows = task.rows](const float* x, float* y) -> Run {
    OrtMemoryInfo* info = nullptr;
    require(api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &info));
    const MemoryInfo memory(info);
    std::size_t inputs = 0, outputs = 0;
    require(api().SessionGetInputCount(session.get(), &inputs));
    require(api().SessionGetOutputCount(session.get(), &outputs));
    const Port in = find_port(session.get(), inputs, api().SessionGetInputName, api().SessionGetInputTypeInfo, rows);
    const Port out =
        find_port(session.get(), outputs, api().SessionGetOutputName, api().SessionGetOutputTypeInfo, rows);
    OrtIoBinding* binding = nullptr;
    require(api().CreateIoBinding(session.get(), &binding));
    auto call = std::make_shared<Call>(
        Call{session, wrap(memory, in, const_cast<float*>(x)), wrap(memory, out, y), Binding(binding)});
    require(api().BindInput(binding, in.name.c_str(), call->x.get()));
    require(api().BindOutput(binding, out.name.c_str(), call->y.get()));
    return [call] { require(api().RunWithBinding(call->session.get(), nullptr, call->binding.get())); };
  };
  return {std::to_string(threads) + " intra-op thread(s)", caller};
}

}  // namespace

std::string peer_version() { return OrtGetApiBase()->GetVersionString(); }

namespace {

std::vector<Way> session_ways(const Task& task) {
  std::vector<Way> ways;
  ways.push_back(make_way(task, 1));
  if (task.threads > 1) ways.push_back(make_way(task, task.threads));
  return ways;
}

}  // namespace

std::vector<Way> peer_ways(const Task& task, const std::string&) {
  if (task.model_file.empty() || task.chain.layers.empty()) return session_ways(task);
  try {
    std::vector<Way> ways = session_ways(task);
    Floats x(task.rows * task.chain.inputs()), y(task.rows * task.chain.outputs());
    ways[0].caller(x.data(), y.data())();
    return ways;
  } catch (const std::exception& error) {  // several inputs, a fixed batch, answers that are no tensor
    std::vector<Way> ways = session_ways({task.chain, "", task.rows, task.threads});
    for (Way& way : ways) way.name += " on the chain, because of the file: " + std::string(error.what());
    return ways;
  }
}

}  // namespace lamina::bench
