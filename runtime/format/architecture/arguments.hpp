// A call's arguments and the callee's parameter names -> typed values, or an error at the argument.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/value.hpp"

#include <lamina/tensor.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::format::architecture {

using ParameterNames = std::span<const std::string_view>;

/// Borrows source, call and names.
class Arguments {
 public:
  /// Binds arguments `first`, ... of `call` (1 follows the callee) to `names`, positions first.
  /// Throws Error{malformed} for too many, unknown or repeated ones.
  Arguments(const Source& source, std::string_view callee, const Value& call, ParameterNames names,
            std::size_t first = 1);

  [[nodiscard]] const Value* find(std::string_view name) const noexcept;
  /// Given, and not None.
  [[nodiscard]] bool has(std::string_view name) const noexcept;

  // Without a fallback the argument must be there.
  [[nodiscard]] std::int64_t integer(std::string_view name, std::optional<std::int64_t> fallback = {}) const;
  [[nodiscard]] double real(std::string_view name, std::optional<double> fallback = {}) const;
  [[nodiscard]] bool boolean(std::string_view name, std::optional<bool> fallback = {}) const;
  [[nodiscard]] std::string string(std::string_view name, std::optional<std::string> fallback = {}) const;
  /// A tuple or list of integers; a lone integer counts as one where `lone` says so.
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name, bool lone) const;
  /// A tuple or list of numbers, or a lone one.
  [[nodiscard]] std::vector<float> reals(std::string_view name) const;

  [[nodiscard]] const Source& source() const noexcept { return source_; }
  [[nodiscard]] std::string_view callee() const noexcept { return callee_; }
  [[nodiscard]] std::size_t at() const noexcept { return call_.at; }
  [[noreturn]] void fail(Errc code, std::string_view name, std::string_view what) const;

 private:
  [[noreturn]] void fail_type(std::string_view name, std::string_view expected, const Value& got) const;
  [[nodiscard]] const Value& required(std::string_view name) const;
  void bind(std::size_t index, const Value& value);

  const Source& source_;
  std::string_view callee_;
  const Value& call_;
  ParameterNames names_;
  std::vector<const Value*> values_;
};

}  // namespace lamina::format::architecture
