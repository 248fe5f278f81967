// Tensor calls: storage, offset, sizes and strides are compared with what the storage has before anything is read.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch/tensor.hpp"

#include "base/checked.hpp"
#include "base/fail.hpp"
#include "base/half.hpp"
#include "format/container/zip_stored.hpp"

#include <algorithm>
#include <array>

namespace lamina::format {
namespace {

using base::CheckedU64;
using base::fail;

constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxFlags = 8;
constexpr std::int64_t kMaxDimension = 2147483647;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 40;
/// Views can ask for more than is stored: at most 100 times the file, but 64 MiB in any case.
constexpr std::uint64_t kExpansion = 100;
constexpr std::uint64_t kExpansionFloor = std::uint64_t{64} << 20;

constexpr std::string_view kUtils = "torch._utils";

/// A tensor within its storage, as the file declares it.
struct Declared {
  const TorchStorage* storage = nullptr;
  StridedView view;
};

class TensorCall {
 public:
  TensorCall(const TorchFile& file, std::string_view name) : graph_(file.graph), file_(file), name_(name) {}

  Declared parse(ObjectId id) const {
    id = unwrap(id);
    const std::span<const ObjectId> arguments = graph_.items(graph_.at(id).argument);
    const bool old = graph_.is(id, PickleKind::call, kUtils, "_rebuild_tensor");
    if (old ? arguments.size() != 4 : arguments.size() != 6 && arguments.size() != 7) {
      wrong("arguments of " + graph_.describe(id), old ? "4" : "6 or 7", std::to_string(arguments.size()));
    }
    if (arguments.size() == 7) check_empty(arguments[6]);
    if (graph_.at(arguments[0]).kind != PickleKind::storage) {
      wrong("first argument", "a storage", graph_.describe(arguments[0]));
    }
    Declared declared{.storage = &file_.storages.find(storage_key(graph_, arguments[0]))->second, .view = {}};
    declared.view.begin = declared.storage->begin;
    declared.view.offset = static_cast<std::uint64_t>(size(arguments[1], "storage offset"));
    declared.view.sizes = sizes(arguments[2], "size");
    declared.view.strides = sizes(arguments[3], "stride");
    check(declared);
    return declared;
  }

 private:
  /// Through _rebuild_parameter(tensor, ...) and torch 0.x's Parameter(tensor) to the tensor.
  ObjectId unwrap(ObjectId id) const {
    if (!is_torch_tensor(graph_, id)) wrong("value", "a tensor", graph_.describe(id));
    const std::span<const ObjectId> arguments = graph_.items(graph_.at(id).argument);
    check_flags(graph_.at(id).state);
    if (graph_.is(id, PickleKind::call, kUtils, "_rebuild_parameter_with_state")) {
      if (arguments.size() != 4) wrong("arguments", "4", std::to_string(arguments.size()));
      check_empty(arguments[3]);
    } else if (graph_.is(id, PickleKind::call, kUtils, "_rebuild_parameter")) {
      if (arguments.size() != 3) wrong("arguments", "3", std::to_string(arguments.size()));
    } else if (graph_.is(id, PickleKind::call, "torch.nn.parameter", "Parameter")) {
      if (arguments.empty() || arguments.size() > 2) wrong("arguments", "1 or 2", std::to_string(arguments.size()));
    } else {
      return id;
    }
    const ObjectId inner = arguments[0];
    const bool plain = graph_.is(inner, PickleKind::call, kUtils, "_rebuild_tensor") ||
                       graph_.is(inner, PickleKind::call, kUtils, "_rebuild_tensor_v2");
    if (!plain) wrong("parameter", "a tensor", graph_.describe(inner));
    check_flags(graph_.at(inner).state);
    return inner;
  }

  /// requires_grad, volatile, hooks: what Parameter of torch 0.x keeps beside its tensor.
  void check_flags(ObjectId state) const {
    const PickleKind kind = graph_.at(state).kind;
    if (kind == PickleKind::none) return;
    if (kind != PickleKind::tuple || graph_.items(state).size() > kMaxFlags) {
      wrong("state", "a short tuple of flags", graph_.describe(state));
    }
    for (const ObjectId flag : graph_.items(state)) {
      const bool empty = graph_.at(flag).kind == PickleKind::dict && graph_.items(flag).empty();
      const bool plain = graph_.at(flag).kind == PickleKind::boolean || flag == kPickleNone;
      if (!plain && !empty) wrong("state", "flags", graph_.describe(flag));
    }
  }

  /// Metadata such as the conjugate and negative bits, which would change values.
  void check_empty(ObjectId id) const {
    const bool empty = id == kPickleNone || (graph_.at(id).kind == PickleKind::dict && graph_.items(id).empty());
    if (!empty) fail(Errc::unsupported_feature, place(), "tensor with further state: " + graph_.describe(id));
  }

  std::int64_t size(ObjectId id, std::string_view what) const {
    const PickleObject& object = graph_.at(id);
    if (object.kind != PickleKind::integer || object.integer < 0) {
      wrong(what, "an integer that is not negative", graph_.describe(id));
    }
    return object.integer;
  }

  Shape sizes(ObjectId id, std::string_view what) const {
    if (graph_.at(id).kind != PickleKind::tuple) wrong(what, "a tuple", graph_.describe(id));
    const std::span<const ObjectId> items = graph_.items(id);
    if (items.size() > kMaxRank) {
      fail(Errc::limit_exceeded, place(), what, "at most 8 dimensions", std::to_string(items.size()));
    }
    Shape result;
    for (const ObjectId item : items) result.push_back(size(item, what));
    return result;
  }

  void check(const Declared& declared) const {
    const StridedView& view = declared.view;
    if (view.sizes.size() != view.strides.size()) {
      wrong("strides", std::to_string(view.sizes.size()), std::to_string(view.strides.size()));
    }
    CheckedU64 last = view.offset, elements = 1;
    for (std::size_t i = 0; i < view.sizes.size(); ++i) {
      const auto dimension = static_cast<std::uint64_t>(view.sizes[i]);
      if (view.sizes[i] > kMaxDimension) fail(Errc::limit_exceeded, place(), "dimension of more than 2^31 - 1");
      elements = elements * dimension;
      if (dimension > 0) last = last + CheckedU64(dimension - 1) * static_cast<std::uint64_t>(view.strides[i]);
    }
    if (elements > kMaxElements) fail(Errc::limit_exceeded, place(), "more than 2^40 elements");
    if (elements == CheckedU64(0)) return;
    if (last >= declared.storage->count) {
      wrong("view beyond its storage", "at most " + std::to_string(declared.storage->count) + " elements",
            "element " + std::to_string(last.value()));
    }
    if (overlaps(view)) {
      fail(Errc::unsupported_feature, place(),
           "elements that share memory with each other; save tensor.contiguous() instead");
    }
  }

  std::string place() const { return "tensor " + base::quoted(name_); }
  [[noreturn]] void wrong(std::string_view what, std::string_view expected, std::string_view got) const {
    fail(Errc::malformed, place(), what, expected, got);
  }

  const PickleGraph& graph_;
  const TorchFile& file_;
  std::string_view name_;
};

}  // namespace

bool is_torch_tensor(const PickleGraph& graph, ObjectId id) noexcept {
  constexpr std::array<std::string_view, 4> kRebuild = {"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter",
                                                        "_rebuild_parameter_with_state"};
  return graph.is(id, PickleKind::call, "torch.nn.parameter", "Parameter") ||
         std::any_of(kRebuild.begin(), kRebuild.end(),
                     [&](std::string_view name) { return graph.is(id, PickleKind::call, kUtils, name); });
}

TorchTensors::TorchTensors(const base::ByteSource& source, const TorchFile& file, const Limits& limits)
    : source_(source),
      file_(file),
      budget_(std::min(limits.weight_bytes, std::max(kExpansionFloor, kExpansion * source.size()))),
      left_(budget_) {}

std::string_view TorchTensors::dtype(ObjectId tensor, std::string_view name) const {
  return TensorCall(file_, name).parse(tensor).storage->type->dtype;
}

Tensor TorchTensors::read(ObjectId tensor, std::string_view name) {
  auto [storage, view] = TensorCall(file_, name).parse(tensor);
  const std::string place = "tensor " + base::quoted(name);
  if (!storage->type->type) {
    fail(Errc::dtype, place, "element type", "float16, bfloat16, float32 or float64", storage->type->dtype);
  }
  const std::uint64_t bytes = std::uint64_t{element_count(view.sizes)} * sizeof(float);
  if (bytes > left_) {
    fail(Errc::limit_exceeded, place, "weights", "at most " + std::to_string(budget_) + " bytes in all",
         std::to_string(bytes) + " more after " + std::to_string(budget_ - left_));
  }
  left_ -= bytes;
  view.type = *storage->type->type;
  Tensor result = Tensor::uninitialized(view.sizes);
  read_elements(*storage, view, result.mutable_values());
  return result;
}

void TorchTensors::read_elements(const TorchStorage& storage, const StridedView& view, std::span<float> out) {
  if (storage.member != nullptr && checked_.insert(storage.member).second) {
    StoredMember member(source_, *storage.member);
    const bool whole = out.size() == storage.count && is_contiguous(view);
    if (whole) base::read_float32(member.source(), 0, view.type, out);
    member.check();
    if (whole) return;
  }
  read_strided(source_, view, out);
}

}  // namespace lamina::format
