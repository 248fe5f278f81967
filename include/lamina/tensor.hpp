// Dense float32 arrays: Tensor owns (and shares) its elements, TensorView borrows them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/export.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lamina {

/// Sizes of the dimensions, outermost first. Empty means a scalar.
using Shape = std::vector<std::int64_t>;

/// "[128, 784]".
[[nodiscard]] LAMINA_API std::string to_string(const Shape& shape);

/// Product of the dimensions (1 for an empty shape).
/// Throws Error{limit_exceeded} on overflow and Error{shape_mismatch} for a negative dimension.
[[nodiscard]] LAMINA_API std::size_t element_count(const Shape& shape);

/// Borrowed, contiguous, row-major float32 elements. Whoever made it keeps them alive.
struct TensorView {
  const float* data = nullptr;
  Shape shape;
};

/// An owned, contiguous, row-major float32 array of rank 0 to 8, 64-byte aligned.
///
/// A value: copies share the elements until one of them is written to (copy on write), so copying is
/// cheap and never aliases. Different Tensors may be used from different threads, also when they
/// share; one Tensor must not be written while another thread uses it.
class LAMINA_API Tensor {
 public:
  /// No elements, shape [0]; empty() is true.
  Tensor() = default;
  /// Zero-filled. Throws Error{limit_exceeded, shape_mismatch} for a bad shape.
  explicit Tensor(Shape shape);
  /// Copies `values`, whose count must be that of `shape`: else Error{shape_mismatch}.
  Tensor(Shape shape, std::span<const float> values);
  Tensor(Shape shape, std::initializer_list<float> values);
  /// For who writes every element before any is read: they have no values yet.
  [[nodiscard]] static Tensor uninitialized(Shape shape);
  explicit Tensor(const TensorView& view);
  Tensor(const Tensor&) = default;
  Tensor& operator=(const Tensor&) = default;
  /// `other` is empty() afterwards.
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(Tensor&& other) noexcept;
  ~Tensor() = default;

  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  [[nodiscard]] std::size_t rank() const noexcept { return shape_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const float* data() const noexcept { return elements_.get(); }
  [[nodiscard]] std::span<const float> values() const noexcept { return {elements_.get(), size_}; }
  [[nodiscard]] TensorView view() const { return {elements_.get(), shape_}; }
  /// Writable elements; makes them this Tensor's own first where they are shared.
  [[nodiscard]] std::span<float> mutable_values();
  /// The same elements under another shape of equal count: else Error{shape_mismatch}.
  [[nodiscard]] Tensor reshaped(Shape shape) const;

  /// Equal shape and equal bits (so NaN equals itself, and 0.0 differs from -0.0).
  friend bool operator==(const Tensor& a, const Tensor& b) noexcept;

 private:
  Shape shape_ = {0};
  std::size_t size_ = 0;
  std::shared_ptr<float[]> elements_;
};
[[nodiscard]] LAMINA_API bool operator==(const Tensor& a, const Tensor& b) noexcept;

}  // namespace lamina
