// def forward(self, x): x = self.fc1(x); x = F.relu(x); return x -> the layers in the order of the calls.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/callee.hpp"
#include "format/architecture/class_text.hpp"
#include "format/architecture/tensor_function.hpp"
#include "model/infer.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;

class ForwardReader {
 public:
  ForwardReader(Cursor& cursor, const TorchContext& context, ModuleClass& module)
      : cursor_(cursor),
        context_{context.source, module.scope, context.limits, context.affine_elements},
        module_(module) {
    for (const auto& [name, op] : module.modules) names_.insert(name);
  }

  model::Network run() {
    input();
    Block block(cursor_);
    bool returned = false;
    while (!returned && block.next_statement()) returned = statement();
    if (!returned) cursor_.fail_expected("'return' in forward");
    network_.root_class = module_.name;
    for (const auto& [name, op] : module_.modules) {
      if (used_.count(name) == 0) network_.notes.push_back("forward() never uses " + base::quoted(name));
    }
    return std::move(network_);
  }

 private:
  void input() {
    const std::size_t at = cursor_.token().at;
    const std::vector<Parameter> parameters = read_signature(cursor_);
    if (parameters.size() != 1) {
      fail(at, "forward: expected one input besides self, got " + std::to_string(parameters.size()));
    }
    set_tensor(parameters[0].name);
  }

  /// True for a return.
  bool statement() {
    const Token first = cursor_.token();
    if (cursor_.accept("return")) {
      tensor(cursor_.expression(module_.scope));
      if (!cursor_.at(TokenKind::end)) cursor_.expect_end_of_line();
      return true;
    }
    if (!cursor_.at(TokenKind::name) || !cursor_.at("=", 1)) {
      fail(first.at, "forward is read as lines x = layer(x) and return x; this line is neither");
    }
    cursor_.next();
    cursor_.next();
    Value value = cursor_.expression(module_.scope);
    cursor_.expect_end_of_line();
    assign(std::string(first.text), std::move(value));
    return false;
  }

  void assign(const std::string& name, Value value) {
    if (is_batch_size(value)) {
      batch_sizes_.insert(name);
      tensors_.erase(name);
      module_.scope.forget(name);
    } else if (value.is(Kind::integer)) {
      tensors_.erase(name);
      module_.scope.set(name, std::move(value));
    } else {
      tensor(value);
      set_tensor(name);
    }
  }

  void set_tensor(const std::string& name) {
    tensors_[name] = network_.layers.size();
    batch_sizes_.erase(name);
    module_.scope.forget(name);
  }

  /// Follows the calls inside out; afterwards the value is the output of the last layer.
  void tensor(const Value& value) {
    if (value.is(Kind::name)) return variable(value);
    if (!value.is(Kind::call)) fail(value.at, "expected a call such as self.fc1(x), got " + describe(value));
    const Value& callee = value.items[0];
    if (callee.is(Kind::attribute)) {  // self.fc1(x).relu()
      tensor(callee.items[0]);
      return function({value, callee.text, 1});
    }
    if (callee.is(Kind::call)) {  // nn.ReLU()(x)
      tensor(only_argument(value));
      return append_functional(callee.items[0].text, torch_op(context_, callee), value.at);
    }
    if (!callee.is(Kind::name)) fail(value.at, "expected a call such as self.fc1(x), got " + describe(callee));
    named_call(value, callee.text);
  }

  void named_call(const Value& value, const std::string& name) {
    const std::size_t dot = name.rfind('.');
    const std::string object = dot == std::string::npos ? "" : name.substr(0, dot);
    if (tensors_.count(object) != 0) {  // x.view(-1, 784)
      variable(make_name(object, value.at));
      return function({value, name.substr(dot + 1), 1});
    }
    if (object == "self") {
      tensor(only_argument(value));
      return module_call(name.substr(dot + 1), value.at);
    }
    const Callee callee = resolve(name, module_.scope);
    if (callee.origin != Library::torch_functional && callee.origin != Library::torch) {
      context_.source.fail(Errc::unsupported_layer, value.at,
                           "forward calls " + base::quoted(name) + ", which is not supported");
    }
    if (value.items.size() < 2 || (!value.items[1].keyword.empty() && value.items[1].keyword != "input")) {
      fail(value.at, name + ": expected the value that it works on first");
    }
    tensor(value.items[1]);
    function({value, callee.name, 2});
  }

  void variable(const Value& value) {
    const auto found = tensors_.find(value.text);
    if (found == tensors_.end()) {
      context_.source.fail(Errc::malformed, value.at, base::quoted(value.text) + " is not known in forward");
    }
    if (found->second != network_.layers.size()) {
      fail(value.at, base::quoted(value.text) + " is an earlier value here: lamina reads straight lines, no branches");
    }
  }

  const Value& only_argument(const Value& call) {
    if (call.items.size() != 2) fail(call.at, "expected one argument, got " + std::to_string(call.items.size() - 1));
    return call.items[1];
  }

  void module_call(const std::string& name, std::size_t at) {
    const auto found = std::find_if(module_.modules.begin(), module_.modules.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found == module_.modules.end()) {
      context_.source.fail(Errc::malformed, at, "self." + name + " is not a layer that __init__ makes");
    }
    model::Layer layer{.name = name, .op = found->second};
    if (used_.insert(name).second) return network_.layers.push_back(std::move(layer));
    if (model::parameter_count(layer) > 0)
      fail(at, "self." + name + " is used twice: shared weights are not supported");
    append_functional(name, std::move(layer.op), at);
  }

  void function(const FunctionCall& call) {
    if (auto op = tensor_function(context_, call, [this](const Value& value) { return is_batch_size(value); })) {
      append_functional(call.name, std::move(*op), call.call.at);
    }
  }

  void append_functional(const std::string& dotted, model::Op op, std::size_t at) {
    std::string stem = dotted.substr(dotted.rfind('.') + 1);
    while (stem.size() > 1 && stem.back() == '_') stem.pop_back();
    std::string name = stem;
    for (std::size_t i = 1; !names_.insert(name).second; ++i) name = stem + "_" + std::to_string(i);
    network_.layers.push_back({.name = std::move(name), .op = std::move(op), .functional = true});
    validate_at(context_.source, at, network_.layers.back());
  }

  /// x.size(0), x.shape[0], len(x), or a variable that holds one of them.
  [[nodiscard]] bool is_batch_size(const Value& value) const {
    if (value.is(Kind::name)) return batch_sizes_.count(value.text) != 0;
    if (value.items.size() != 2 || !value.items[0].is(Kind::name)) return false;
    const std::string& name = value.items[0].text;
    const Value& index = value.items[1];
    if (value.is(Kind::call) && name == "len") return index.is(Kind::name) && tensors_.count(index.text) != 0;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos || tensors_.count(name.substr(0, dot)) == 0) return false;
    const std::string method = name.substr(dot + 1);
    const bool zero = index.is(Kind::integer) && index.integer == 0;
    return zero && ((value.is(Kind::call) && method == "size") || (value.is(Kind::subscript) && method == "shape"));
  }

  [[noreturn]] void fail(std::size_t at, const std::string& what) const {
    context_.source.fail(Errc::unsupported_feature, at, what);
  }

  Cursor& cursor_;
  TorchContext context_;
  ModuleClass& module_;
  model::Network network_;
  std::map<std::string, std::size_t> tensors_;  // variable -> number of layers that made its value
  std::set<std::string> batch_sizes_;
  std::set<std::string> names_, used_;
};

}  // namespace

model::Network follow_forward(Cursor& cursor, const TorchContext& context, ModuleClass& module) {
  cursor.seek(module.forward);
  return ForwardReader(cursor, context, module).run();
}

model::Network parse_class(Cursor& cursor, const TorchContext& context, Scope& scope, const Program& program,
                           const Value& call) {
  cursor.seek(program.classes.at(call.items[0].text));
  ModuleClass module = read_module_class(cursor, context, scope, call);
  model::Network network = follow_forward(cursor, context, module);
  scope.merge_used(module.scope);
  return network;
}

}  // namespace lamina::format::architecture
