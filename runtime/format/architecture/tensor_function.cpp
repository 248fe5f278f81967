// torch.nn.functional, torch.* and tensor methods by name.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/tensor_function.hpp"

#include "base/fail.hpp"

#include <algorithm>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;
using model::DropoutKind;
using model::SoftmaxKind;

constexpr std::string_view kSoftmax[] = {"dim", "_stacklevel", "dtype"};
constexpr std::string_view kGlu[] = {"dim"};
constexpr std::string_view kDropout[] = {"p", "training", "inplace"};
constexpr std::string_view kFlatten[] = {"start_dim", "end_dim"};

struct NamedSoftmax {
  std::string_view name;
  SoftmaxKind kind;
};
constexpr NamedSoftmax kSoftmaxes[] = {
    {"softmax", SoftmaxKind::softmax}, {"log_softmax", SoftmaxKind::log_softmax}, {"softmin", SoftmaxKind::softmin}};
struct NamedDropout {
  std::string_view name;
  DropoutKind kind;
};
constexpr NamedDropout kDropouts[] = {{"dropout", DropoutKind::dropout},
                                      {"dropout1d", DropoutKind::dropout1d},
                                      {"dropout2d", DropoutKind::dropout2d},
                                      {"dropout3d", DropoutKind::dropout3d},
                                      {"alpha_dropout", DropoutKind::alpha_dropout},
                                      {"feature_alpha_dropout", DropoutKind::feature_alpha_dropout}};

/// F.dropout drops at inference too unless it is told whether it is training.
model::Op dropout(const Arguments& a, DropoutKind kind) {
  const Value* training = a.find("training");
  const bool off = training != nullptr &&
                   (training->is_name("self.training") || (training->is(Kind::boolean) && training->integer == 0));
  if (!off) {
    a.fail(Errc::unsupported_feature, "training",
           "expected training=self.training: without it PyTorch drops values at inference too");
  }
  return model::Dropout{.kind = kind, .p = a.real("p", 0.5), .inplace = a.boolean("inplace", false)};
}

model::Op flatten(const Arguments& a) {
  const std::int64_t start = a.integer("start_dim", 0);
  if (start == 0) {
    a.fail(Errc::unsupported_feature, "start_dim", "0 joins the rows of a batch: expected torch.flatten(x, 1)");
  }
  return model::Flatten{.start_dim = start, .end_dim = a.integer("end_dim", -1)};
}

/// x.view(-1, 784), x.view(x.size(0), -1), torch.reshape(x, (-1, 28, 28)).
model::Op reshape(const TorchContext& context, const FunctionCall& function,
                  const std::function<bool(const Value&)>& is_batch_size) {
  const Source& source = context.source;
  std::vector<const Value*> sizes;
  const auto& items = function.call.items;
  const bool tuple = items.size() == function.first + 1 && items[function.first].is_sequence();
  const auto& from = tuple ? items[function.first].items : items;
  for (std::size_t i = tuple ? 0 : function.first; i < from.size(); ++i) sizes.push_back(&from[i]);
  const bool keeps_batch =
      sizes.size() > 1 && (is_batch_size(*sizes[0]) || (sizes[0]->is(Kind::integer) && sizes[0]->integer == -1));
  if (!keeps_batch) {
    source.fail(Errc::unsupported_feature, function.call.at,
                function.name + ": expected the batch first, as in x.view(x.size(0), -1) or x.view(-1, 784)");
  }
  model::Reshape layer;
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    if (!sizes[i]->is(Kind::integer)) {
      source.fail(Errc::malformed, sizes[i]->at, function.name + ": expected a size, got " + describe(*sizes[i]));
    }
    layer.target.push_back(sizes[i]->integer);
  }
  const bool both_open = sizes[0]->is(Kind::integer) && std::count(layer.target.begin(), layer.target.end(), -1) > 0;
  if (both_open) source.fail(Errc::malformed, function.call.at, function.name + ": only one size can be -1");
  if (layer.target == Shape{-1}) return model::Flatten{};
  return layer;
}

}  // namespace

std::optional<model::Op> tensor_function(const TorchContext& context, const FunctionCall& function,
                                         const std::function<bool(const Value&)>& is_batch_size) {
  const Source& source = context.source;
  const Value& call = function.call;
  std::string name = function.name;
  const bool no_arguments = call.items.size() == function.first;
  if (no_arguments && (name == "contiguous" || name == "float")) return {};
  while (name.size() > 1 && name.back() == '_') name.pop_back();  // relu_
  if (name == "view" || name == "reshape") return reshape(context, function, is_batch_size);
  const auto arguments = [&](ParameterNames names) { return Arguments(source, name, call, names, function.first); };
  if (name == "flatten") return flatten(arguments(kFlatten));
  if (name == "glu") return model::Glu{.dim = arguments(kGlu).integer("dim", -1)};
  for (const NamedSoftmax& row : kSoftmaxes) {
    if (name == row.name) return model::Softmax{.kind = row.kind, .dims = softmax_dims(arguments(kSoftmax))};
  }
  for (const NamedDropout& row : kDropouts) {
    if (name == row.name) return dropout(arguments(kDropout), row.kind);
  }
  const model::ActivationInfo* info = model::find_functional(name);
  if (info == nullptr || !info->in_torch) {
    std::vector<std::string_view> known = {"softmax", "log_softmax", "dropout", "flatten", "view", "reshape", "glu"};
    for (const auto& row : model::activation_table()) known.push_back(row.functional);
    source.fail(
        Errc::unsupported_layer, call.at,
        "function " + base::quoted(name) + " is not supported" + base::did_you_mean(name, known.data(), known.size()));
  }
  return torch_activation(source, *info, name, call, function.first);
}

}  // namespace lamina::format::architecture
