// Shape and values -> an owned, aligned float32 array that is copied on write.
// SPDX-License-Identifier: Apache-2.0
#include "base/aligned.hpp"
#include "base/fail.hpp"

#include <lamina/tensor.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace lamina {
namespace {

constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxElements = std::size_t{std::numeric_limits<std::ptrdiff_t>::max()} / sizeof(float);

// Uninitialised. Null for none, so that an empty Tensor owns nothing.
std::shared_ptr<float[]> allocate(std::size_t count) {
  return count == 0 ? nullptr : base::AlignedFloats(count).share();
}

std::size_t checked_count(const Shape& shape) {
  if (shape.size() > kMaxRank) {
    base::fail(Errc::limit_exceeded, "tensor " + to_string(shape), "too many dimensions", "at most 8",
               std::to_string(shape.size()));
  }
  const std::size_t count = element_count(shape);
  if (count > kMaxElements) base::fail(Errc::limit_exceeded, "tensor " + to_string(shape), "too large to address");
  return count;
}

}  // namespace

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::size_t element_count(const Shape& shape) {
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) base::fail(Errc::shape_mismatch, "shape " + to_string(shape), "negative dimension");
  }
  // A zero anywhere makes the product zero, also where the others would overflow.
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::size_t count = 1;
  for (const std::int64_t dimension : shape) {
    if (__builtin_mul_overflow(count, static_cast<std::size_t>(dimension), &count)) {
      base::fail(Errc::limit_exceeded, "shape " + to_string(shape), "element count overflows 64 bits");
    }
  }
  return count;
}

Tensor::Tensor(Shape shape) : Tensor(uninitialized(std::move(shape))) {
  if (size_ != 0) std::memset(elements_.get(), 0, size_ * sizeof(float));
}

Tensor Tensor::uninitialized(Shape shape) {
  Tensor tensor;
  tensor.size_ = checked_count(shape);
  tensor.shape_ = std::move(shape);
  tensor.elements_ = allocate(tensor.size_);
  return tensor;
}

Tensor::Tensor(Shape shape, std::span<const float> values) : shape_(std::move(shape)), size_(checked_count(shape_)) {
  if (values.size() != size_) {
    base::fail(Errc::shape_mismatch, "tensor " + to_string(shape_), "number of values", std::to_string(size_),
               std::to_string(values.size()));
  }
  elements_ = allocate(size_);
  if (size_ != 0) std::memcpy(elements_.get(), values.data(), size_ * sizeof(float));
}

Tensor::Tensor(Shape shape, std::initializer_list<float> values)
    : Tensor(std::move(shape), std::span<const float>(values.begin(), values.size())) {}

Tensor::Tensor(const TensorView& view) : shape_(view.shape), size_(checked_count(shape_)) {
  if (size_ != 0 && view.data == nullptr) base::fail(Errc::invalid_argument, "tensor view", "has no data");
  elements_ = allocate(size_);
  if (size_ != 0) std::memcpy(elements_.get(), view.data, size_ * sizeof(float));
}

Tensor::Tensor(Tensor&& other) noexcept
    : shape_(std::move(other.shape_)), size_(std::exchange(other.size_, 0)), elements_(std::move(other.elements_)) {}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  if (this == &other) return *this;
  shape_ = std::move(other.shape_);
  size_ = std::exchange(other.size_, 0);
  elements_ = std::move(other.elements_);
  return *this;
}

std::span<float> Tensor::mutable_values() {
  if (elements_.use_count() > 1) {
    std::shared_ptr<float[]> own = allocate(size_);
    std::memcpy(own.get(), elements_.get(), size_ * sizeof(float));
    elements_ = std::move(own);
  } else {
    // use_count() is a relaxed load. Dropping this second reference is an acquiring read-modify-write: it
    // orders what another thread read through the copy that it has just destroyed before our writes.
    const std::shared_ptr<float[]> synchronize = elements_;
  }
  return {elements_.get(), size_};
}

Tensor Tensor::reshaped(Shape shape) const {
  if (checked_count(shape) != size_) {
    base::fail(Errc::shape_mismatch, "reshape to " + to_string(shape), "number of values",
               std::to_string(element_count(shape)), std::to_string(size_) + " of " + to_string(shape_));
  }
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

bool operator==(const Tensor& a, const Tensor& b) noexcept {
  if (a.shape_ != b.shape_ || a.size_ != b.size_) return false;
  return a.elements_ == b.elements_ || std::memcmp(a.data(), b.data(), a.size_ * sizeof(float)) == 0;
}

}  // namespace lamina
