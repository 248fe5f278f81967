// libtorch as a peer: ATen calls into preallocated tensors, or a frozen TorchScript module.
// SPDX-License-Identifier: Apache-2.0
//
// After PyTorch's "Inference mode" (c10::InferenceMode), "CPU threading and TorchScript inference"
// (at::set_num_threads) and "torch.jit.optimize_for_inference" (freezes, and hands linear layers to oneDNN where its
// build has it). Ways: at::linear_out with activations in place, and the optimised module.
#include "aligned.hpp"
#include "peers/peer.hpp"

#include <ATen/Parallel.h>
#include <torch/script.h>
#include <torch/version.h>

#include <cstring>
#include <memory>

namespace lamina::bench {
namespace {

at::Tensor tensor(const float* data, std::size_t rows, std::size_t columns) {
  return at::from_blob(const_cast<float*>(data), {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)});
}

struct Parameters {
  at::Tensor weight, bias;
  Act act = Act::none;
};
using Layers = std::vector<Parameters>;

std::shared_ptr<const Layers> copy_weights(const Chain& chain) {
  auto layers = std::make_shared<Layers>();
  for (const Dense& layer : chain.layers) {
    layers->push_back({tensor(layer.weight.data(), layer.out, layer.in).clone(),
                       tensor(layer.bias.data(), 1, layer.out).clone().flatten(), layer.act});
  }
  return layers;
}

void activate(Act act, at::Tensor& y) {
  if (act == Act::relu) at::relu_(y);
  if (act == Act::sigmoid) at::sigmoid_(y);
  if (act == Act::tanh) at::tanh_(y);
  if (act == Act::softmax) at::_softmax_out(y, y, 1, false);
}

Way eager(const Task& task, const std::shared_ptr<const Layers>& layers) {
  const auto caller = [layers, rows = task.rows](const float* x, float* y) -> Run {
    const c10::InferenceMode guard;
    std::vector<at::Tensor> outputs;
    for (const Parameters& layer : *layers)
      outputs.push_back(at::empty({static_cast<std::int64_t>(rows), layer.weight.size(0)}));
    outputs.back() = tensor(y, rows, static_cast<std::size_t>(layers->back().weight.size(0)));
    const at::Tensor input = tensor(x, rows, static_cast<std::size_t>(layers->front().weight.size(1)));
    return [layers, outputs, input]() mutable {
      const c10::InferenceMode inference;
      for (std::size_t l = 0; l < layers->size(); ++l) {
        const Parameters& layer = (*layers)[l];
        at::linear_out(outputs[l], l == 0 ? input : outputs[l - 1], layer.weight, layer.bias);
        activate(layer.act, outputs[l]);
      }
    };
  };
  return {"at::linear_out", caller};
}

const char* call_of(Act act) {
  switch (act) {
    case Act::relu:
      return "  x = torch.relu(x)\n";
    case Act::sigmoid:
      return "  x = torch.sigmoid(x)\n";
    case Act::tanh:
      return "  x = torch.tanh(x)\n";
    case Act::softmax:
      return "  x = torch.softmax(x, 1)\n";
    case Act::none:
      break;
  }
  return "";
}

torch::jit::Module script(const Layers& layers) {
  torch::jit::Module module("chain");
  std::string forward = "def forward(self, x):\n";
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::string number = std::to_string(l);
    module.register_parameter("weight" + number, layers[l].weight, false);
    module.register_parameter("bias" + number, layers[l].bias, false);
    forward.append("  x = torch.linear(x, self.weight").append(number).append(", self.bias").append(number) += ")\n";
    forward += call_of(layers[l].act);
  }
  module.define(forward + "  return x\n");
  module.eval();
  torch::jit::Module frozen = torch::jit::freeze(module);
  return torch::jit::optimize_for_inference(frozen);
}

Way scripted(const Task& task, const std::shared_ptr<const Layers>& layers) {
  auto module = std::make_shared<torch::jit::Module>(script(*layers));
  const auto caller = [module, rows = task.rows, in = task.chain.inputs(), out = task.chain.outputs()](
                          const float* x, float* y) -> Run {
    const c10::InferenceMode guard;
    const std::vector<c10::IValue> arguments = {tensor(x, rows, in)};
    return [module, arguments, y, bytes = rows * out * sizeof(float)] {
      const c10::InferenceMode inference;
      const at::Tensor result = module->forward(arguments).toTensor();
      std::memcpy(y, result.data_ptr<float>(), bytes);  // a scripted module cannot write into a given tensor
    };
  };
  return {"optimize_for_inference", caller};
}

}  // namespace

std::string peer_version() { return TORCH_VERSION; }

std::vector<Way> peer_ways(const Task& task, const std::string&) {
  at::set_num_threads(task.threads);
  const std::shared_ptr<const Layers> layers = copy_weights(task.chain);
  std::vector<Way> ways = {eager(task, layers)};
  ways.push_back(scripted(task, layers));
  return ways;
}

}  // namespace lamina::bench
