// Operators that compute with constants: floats as ONNX Runtime does (float64 in float32), integers exactly.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/onnx/fold.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace lamina::format::onnx {
namespace {

using base::fail;

/// Index into a constant of dimensions `dims` that broadcasts over `result`.
class Broadcast {
 public:
  Broadcast(const Shape& dims, const Shape& result) : result_(result), strides_(result.size(), 0) {
    std::size_t stride = 1;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      const std::int64_t size = dims[dims.size() - 1 - i];
      if (size != 1) strides_[result.size() - 1 - i] = stride;
      stride *= static_cast<std::size_t>(size);
    }
  }
  [[nodiscard]] std::size_t operator()(std::size_t i) const {
    std::size_t index = 0;
    for (std::size_t d = result_.size(); d-- > 0;) {
      const auto size = static_cast<std::size_t>(result_[d]);
      index += i % size * strides_[d];
      i /= size;
    }
    return index;
  }

 private:
  const Shape& result_;
  std::vector<std::size_t> strides_;
};

std::int64_t number(std::int64_t value) {
  if (value == kBatchSize) fail(Errc::unsupported_feature, "computes with the size of the batch");
  return value;
}

template <auto kFloat, auto kInteger>
Constant binary(Foldable& f) {
  const Constant &a = f.input(0), &b = f.input(1);
  if (a.is_float() != b.is_float()) fail(Errc::malformed, "inputs", "differ in type");
  Constant result{.type = a.type, .dims = broadcast(a.dims, b.dims), .integers = {}};
  const std::size_t count = element_count(result.dims);
  f.reader.count(count);
  const Broadcast at_a(a.dims, result.dims), at_b(b.dims, result.dims);
  if (a.is_float()) {
    result.floats = Tensor(result.dims);
    const std::span<float> out = result.floats.mutable_values();
    for (std::size_t i = 0; i < count; ++i) out[i] = kFloat(a.floats.data()[at_a(i)], b.floats.data()[at_b(i)]);
    round_to(result.type, result.floats);
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      result.integers.push_back(kInteger(number(a.integers[at_a(i)]), number(b.integers[at_b(i)])));
    }
  }
  return result;
}

[[noreturn]] void overflow() { fail(Errc::malformed, "integers", "overflow"); }

std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_add_overflow(a, b, &result) ? (overflow(), 0) : result;
}
std::int64_t subtract(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_sub_overflow(a, b, &result) ? (overflow(), 0) : result;
}
std::int64_t multiply(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? (overflow(), 0) : result;
}
std::int64_t divide(std::int64_t a, std::int64_t b) { return b == 0 || b == -1 ? (overflow(), 0) : a / b; }
std::int64_t power(std::int64_t, std::int64_t) { fail(Errc::unsupported_feature, "of integers"); }

template <auto kFloat>
Constant unary(Foldable& f) {
  if (!f.input(0).is_float()) fail(Errc::unsupported_feature, "of integers");
  Constant result = f.input(0);
  for (float& value : result.floats.mutable_values()) value = kFloat(value);
  round_to(result.type, result.floats);
  f.reader.count(result.size());
  return result;
}

Constant negate(Foldable& f) {
  if (f.input(0).is_float()) return unary<[](float x) { return -x; }>(f);
  Constant result = f.input(0);
  for (std::int64_t& value : result.integers) value = subtract(0, number(value));
  return result;
}

struct Row {
  std::string_view op;
  Fold fold;
};
constexpr std::array kRows = {
    Row{"Add", binary<[](float a, float b) { return a + b; }, add>},
    Row{"Sub", binary<[](float a, float b) { return a - b; }, subtract>},
    Row{"Mul", binary<[](float a, float b) { return a * b; }, multiply>},
    Row{"Div", binary<[](float a, float b) { return a / b; }, divide>},
    Row{"Pow", binary<[](float a, float b) { return std::pow(a, b); }, power>},
    Row{"Neg", negate},
    Row{"Sqrt", unary<[](float x) { return std::sqrt(x); }>},
    Row{"Reciprocal", unary<[](float x) { return 1 / x; }>},
    Row{"Exp", unary<[](float x) { return std::exp(x); }>},
};

}  // namespace

Fold find_arithmetic_fold(std::string_view op) noexcept {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.op == op; });
  return found == kRows.end() ? nullptr : found->fold;
}

}  // namespace lamina::format::onnx
