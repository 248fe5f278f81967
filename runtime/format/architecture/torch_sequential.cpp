// nn.Sequential(...) in each way that torch takes its layers -> named layers.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/architecture/callee.hpp"
#include "format/architecture/torch_layers.hpp"

#include <algorithm>
#include <set>

namespace lamina::format::architecture {
namespace {

using Kind = Value::Kind;

constexpr std::size_t kMostProblems = 64;

bool is_ordered_dict(const Value& value) {
  return value.is(Kind::call) &&
         (value.items[0].is_name("OrderedDict") || value.items[0].is_name("collections.OrderedDict"));
}

/// The list inside OrderedDict([...]), checked to be pairs of a name and a layer.
const Value& ordered_dict_items(const Source& source, const Value& call) {
  if (call.items.size() != 2 || !call.items[1].is_sequence()) {
    source.fail(Errc::malformed, call.at, "OrderedDict: expected one list of ('name', layer) pairs");
  }
  for (const Value& pair : call.items[1].items) {
    if (!pair.is_sequence() || pair.items.size() != 2 || !pair.items[0].is(Kind::string)) {
      source.fail(Errc::malformed, pair.at, "OrderedDict: expected ('name', layer), got " + describe(pair));
    }
  }
  return call.items[1];
}

class Chain {
 public:
  Chain(const TorchContext& context, std::size_t nesting) : context_(context), nesting_(nesting) {}

  void add(std::string name, const Value& call) {
    if (!names_.insert(name).second) {
      context_.source.fail(Errc::malformed, call.at, "two layers named " + base::quoted(name));
    }
    try {
      layers_.push_back({.name = std::move(name), .op = torch_op(context_, call, nesting_ + 1)});
    } catch (const Error& error) {
      if (error.code() != Errc::unsupported_layer) throw;
      const std::vector<std::string>& all = error.problems();
      const std::size_t room = kMostProblems - problems_.size();
      if (problems_.empty()) excerpt_ = error.excerpt();
      if (all.empty() && room > 0) problems_.emplace_back(error.what());
      problems_.insert(problems_.end(), all.begin(),
                       all.begin() + static_cast<std::ptrdiff_t>(std::min(room, all.size())));
    }
  }

  /// Throws all layers together that lamina does not have.
  std::vector<model::Layer> take() {
    if (problems_.empty()) return std::move(layers_);
    const std::string first = problems_.front();
    throw Error(Errc::unsupported_layer, first,
                problems_.size() > 1 ? std::move(problems_) : std::vector<std::string>(), std::move(excerpt_));
  }

 private:
  std::vector<model::Layer> layers_;
  std::vector<std::string> problems_;
  std::string excerpt_;  // of the first
  const TorchContext& context_;
  std::size_t nesting_;
  std::set<std::string> names_;
};

}  // namespace

std::vector<model::Layer> torch_layers(const TorchContext& context, const Value& sequential, std::size_t nesting) {
  check_nesting(context.source, sequential.at, nesting, context.limits);
  Chain chain(context, nesting);
  for (std::size_t i = 1; i < sequential.items.size(); ++i) {
    const Value& item = sequential.items[i];
    if (is_ordered_dict(item)) {
      for (const Value& pair : ordered_dict_items(context.source, item).items) {
        chain.add(pair.items[0].text, pair.items[1]);
      }
    } else if (item.is(Kind::list)) {
      context.source.fail(Errc::malformed, item.at, "nn.Sequential takes layers, not a list of them: write *[...]");
    } else {
      // add_module("name", layer) leaves its name as the keyword
      chain.add(item.keyword.empty() ? std::to_string(i - 1) : item.keyword, item);
    }
  }
  return chain.take();
}

}  // namespace lamina::format::architecture
