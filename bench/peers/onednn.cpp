// oneDNN as a peer: primitives made once per batch size, weights reordered, bias and activation fused.
// SPDX-License-Identifier: Apache-2.0
//
// After the Developer Guide: "Memory Format Propagation" (weights in format any, reordered once), "Primitive
// Attributes: Post-ops" (eltwise in the primitive), "Managing scratchpad" (user mode, allocated once), "Primitive
// cache / create once, execute many". Ways: the Inner Product and the MatMul primitive, of which the guide prefers
// neither. Activations are plain rows, which is what both choose for two dimensions. Versions 2 and 3.
#include "aligned.hpp"
#include "peers/peer.hpp"

#include <dnnl.hpp>

#include <memory>
#include <unordered_map>
#include <utility>

namespace lamina::bench {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

constexpr auto kFloat = memory::data_type::f32;
constexpr auto kInference = dnnl::prop_kind::forward_inference;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

memory::desc plain(std::size_t rows, std::size_t columns) {
  return {{static_cast<memory::dim>(rows), static_cast<memory::dim>(columns)}, kFloat, memory::format_tag::ab};
}

/// A primitive and what it reads beside its source.
struct Op {
  dnnl::primitive primitive;
  memory::desc src, dst, scratchpad;
  Arguments constants;  ///< weights and bias
  bool in_place = false;
};

dnnl::primitive_attr attributes(Act act) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  auto algorithm = dnnl::algorithm::undef;
  if (act == Act::relu) algorithm = dnnl::algorithm::eltwise_relu;
  if (act == Act::sigmoid) algorithm = dnnl::algorithm::eltwise_logistic;
  if (act == Act::tanh) algorithm = dnnl::algorithm::eltwise_tanh;
  if (algorithm == dnnl::algorithm::undef) return attr;
  dnnl::post_ops ops;
#if DNNL_VERSION_MAJOR >= 3
  ops.append_eltwise(algorithm, 0.0f, 0.0f);
#else
  ops.append_eltwise(1.0f, algorithm, 0.0f, 0.0f);
#endif
  attr.set_post_ops(ops);
  return attr;
}

/// Copies values that are laid out as `from` says into memory as the primitive wants it.
memory reordered(const memory::desc& from, const memory::desc& to, const std::vector<float>& values) {
  memory source(from, cpu(), const_cast<float*>(values.data())), target(to, cpu());
  dnnl::stream stream(cpu());
  dnnl::reorder(source, target).execute(stream, source, target);
  stream.wait();
  return target;
}

template <typename Primitive>
struct Shapes {
  memory::desc src, weights_plain, weights_any, bias, dst;
};

template <typename Primitive>
Shapes<Primitive> shapes_of(const Dense& layer, std::size_t rows) {
  const auto in = static_cast<memory::dim>(layer.in), out = static_cast<memory::dim>(layer.out);
  const memory::desc src = plain(rows, layer.in), dst = plain(rows, layer.out);
  if constexpr (std::is_same_v<Primitive, dnnl::matmul>) {  // weights are [in][out] there: ours are its transpose
    return {src,
            {{in, out}, kFloat, memory::format_tag::ba},
            {{in, out}, kFloat, memory::format_tag::any},
            {{1, out}, kFloat, memory::format_tag::ab},
            dst};
  } else {
    return {src,
            {{out, in}, kFloat, memory::format_tag::ab},
            {{out, in}, kFloat, memory::format_tag::any},
            {{out}, kFloat, memory::format_tag::a},
            dst};
  }
}

template <typename Primitive>
auto describe(const Shapes<Primitive>& s, const dnnl::primitive_attr& attr) {
  using Descriptor = typename Primitive::primitive_desc;
  if constexpr (std::is_same_v<Primitive, dnnl::matmul>) {
#if DNNL_VERSION_MAJOR >= 3
    return Descriptor(cpu(), s.src, s.weights_any, s.bias, s.dst, attr);
#else
    return Descriptor({s.src, s.weights_any, s.bias, s.dst}, attr, cpu());
#endif
  } else {
#if DNNL_VERSION_MAJOR >= 3
    return Descriptor(cpu(), kInference, s.src, s.weights_any, s.bias, s.dst, attr);
#else
    return Descriptor({kInference, s.src, s.weights_any, s.bias, s.dst}, attr, cpu());
#endif
  }
}

template <typename Primitive>
Op dense_op(const Dense& layer, std::size_t rows) {
  const Shapes<Primitive> shapes = shapes_of<Primitive>(layer, rows);
  const auto descriptor = describe(shapes, attributes(layer.act));
  Op op{Primitive(descriptor), shapes.src, shapes.dst, descriptor.scratchpad_desc(), {}};
  op.constants = {{DNNL_ARG_WEIGHTS, reordered(shapes.weights_plain, descriptor.weights_desc(), layer.weight)},
                  {DNNL_ARG_BIAS, reordered(shapes.bias, shapes.bias, layer.bias)}};
  return op;
}

Op softmax_op(std::size_t rows, std::size_t columns) {
  const memory::desc shape = plain(rows, columns);
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::softmax_forward::primitive_desc descriptor(cpu(), kInference, dnnl::algorithm::softmax_accurate, shape,
                                                         shape, 1, attributes(Act::none));
#else
  const dnnl::softmax_forward::primitive_desc descriptor({kInference, shape, 1}, attributes(Act::none), cpu());
#endif
  return {dnnl::softmax_forward(descriptor), shape, shape, descriptor.scratchpad_desc(), {}, true};
}

template <typename Primitive>
Way way(const Task& task, const char* name) {
  auto ops = std::make_shared<std::vector<Op>>();
  for (const Dense& layer : task.chain.layers) {
    ops->push_back(dense_op<Primitive>(layer, task.rows));
    if (layer.act == Act::softmax) ops->push_back(softmax_op(task.rows, layer.out));
  }
  const std::size_t buffer = task.rows * task.chain.widest_hidden(), layers = task.chain.layers.size();
  const auto caller = [ops, buffer, layers](const float* x, float* y) -> Run {
    Floats scratch(2 * buffer);
    std::vector<std::pair<dnnl::primitive, Arguments>> calls;
    auto* from = const_cast<float*>(x);
    std::size_t l = 0;
    for (const Op& op : *ops) {
      float* to = from;
      if (!op.in_place) {
        to = l + 1 == layers ? y : scratch.data() + l % 2 * buffer;
        ++l;
      }
      Arguments arguments = op.constants;
      arguments[DNNL_ARG_SRC] = memory(op.src, cpu(), from);
      arguments[DNNL_ARG_DST] = memory(op.dst, cpu(), to);
      arguments[DNNL_ARG_SCRATCHPAD] = memory(op.scratchpad, cpu());
      calls.emplace_back(op.primitive, std::move(arguments));
      from = to;
    }
    return [scratch = std::make_shared<Floats>(std::move(scratch)), calls = std::move(calls),
            stream = dnnl::stream(cpu())]() mutable {
      for (const auto& [primitive, arguments] : calls) primitive.execute(stream, arguments);
      stream.wait();
    };
  };
  return {name, caller};
}

}  // namespace

std::string peer_version() {
  const dnnl::version_t* v = dnnl::version();
  return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

std::vector<Way> peer_ways(const Task& task, const std::string&) {
  return {way<dnnl::inner_product_forward>(task, "inner_product"), way<dnnl::matmul>(task, "matmul")};
}

}  // namespace lamina::bench
