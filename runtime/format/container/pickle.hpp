// A pickle -> its objects as data: a closed machine that imports nothing and calls nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/pickle_code.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format {

/// Objects live in an arena and refer to each other by index, so that neither cycles nor depth can hurt.
using ObjectId = std::uint32_t;

enum class PickleKind : std::uint8_t {
  none,
  boolean,   // integer
  integer,   // integer
  real,      // real
  text,      // text
  tuple,     // items
  list,      // items
  dict,      // items: key, value, key, value; ordered
  set,       // items
  symbol,    // symbol()
  call,      // callee(argument), state where BUILD gave one
  instance,  // of the class callee, state where BUILD gave one
  storage,   // argument: the persistent id's tuple
};

/// What a name may be used for.
enum class PickleRole : std::uint8_t {
  ordered_dict,  // collections.OrderedDict
  set,           // builtins.set
  size,          // torch.Size: its tuple
  function,      // REDUCE records the call
  module_class,  // NEWOBJ makes an instance
  constant,      // neither
};

struct PickleSymbol {
  std::string_view module, name;
  PickleRole role = PickleRole::constant;
};

struct PickleObject {
  PickleKind kind = PickleKind::none;
  bool ordered = false;   // dict: an OrderedDict
  ObjectId callee = 0;    // call, instance: the symbol
  ObjectId state = 0;     // call, instance: kPickleNone without BUILD
  ObjectId argument = 0;  // call, storage: a tuple
  std::uint32_t index = 0;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text = {};
};

inline constexpr ObjectId kPickleNone = 0;

/// Which names a file may use. Both functions are pure; nothing is ever looked up anywhere else.
struct PickleNames {
  std::optional<PickleRole> (*resolve)(std::string_view module, std::string_view name);
  /// Must throw: `unknown` are the names ("os.system") that resolve() does not know, at least one.
  void (*refuse)(std::string_view place, const std::vector<std::string>& unknown);
};

class PickleGraph {
 public:
  [[nodiscard]] ObjectId root() const noexcept { return root_; }
  [[nodiscard]] const PickleObject& at(ObjectId id) const noexcept { return objects_[id]; }
  /// Of a tuple, list or set; of a dict keys and values in turn. Empty for other kinds.
  [[nodiscard]] std::span<const ObjectId> items(ObjectId id) const noexcept;
  [[nodiscard]] const PickleSymbol& symbol(ObjectId id) const noexcept { return symbols_[objects_[id].index]; }
  /// The value under a text key of a dict; nullopt for other kinds too.
  [[nodiscard]] std::optional<ObjectId> find(ObjectId dict, std::string_view key) const noexcept;
  /// True for a call of (or an instance of, or the symbol) module.name.
  [[nodiscard]] bool is(ObjectId id, PickleKind kind, std::string_view module, std::string_view name) const noexcept;
  /// "a tuple of 3 items", "torch.Size", "an object of torch.nn.modules.linear.Linear": for messages.
  [[nodiscard]] std::string describe(ObjectId id) const;
  /// Every storage that the pickle names, in order.
  [[nodiscard]] std::vector<ObjectId> storages() const;

 private:
  friend class PickleMachine;
  std::vector<PickleObject> objects_;
  std::vector<std::vector<ObjectId>> containers_;
  std::vector<PickleSymbol> symbols_;
  ObjectId root_ = kPickleNone;
};

/// `bytes` must be one whole pickle and must outlive the graph, whose texts point into them.
/// Throws Error{truncated, malformed, limit_exceeded, unsafe_content, unsupported_feature}.
[[nodiscard]] PickleGraph run_pickle(std::span<const std::byte> bytes, std::string_view place, const PickleNames& names,
                                     const PickleLimits& limits = {});

}  // namespace lamina::format
