// A count of floats -> 64-byte aligned memory that one owner frees.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace lamina::base {

inline constexpr std::size_t kCacheLine = 64;

/// Owns uninitialised floats; movable. Throws std::bad_alloc.
class AlignedFloats {
 public:
  AlignedFloats() noexcept = default;
  explicit AlignedFloats(std::size_t count) : size_(count) {
    if (count == 0) return;
    constexpr std::size_t kMost = (static_cast<std::size_t>(-1) - kCacheLine) / sizeof(float);
    if (count > kMost) throw std::bad_alloc();
    const std::size_t bytes = (count * sizeof(float) + kCacheLine - 1) / kCacheLine * kCacheLine;
    memory_.reset(static_cast<float*>(std::aligned_alloc(kCacheLine, bytes)));
    if (!memory_) throw std::bad_alloc();
  }

  [[nodiscard]] float* data() noexcept { return memory_.get(); }
  [[nodiscard]] const float* data() const noexcept { return memory_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return size_ * sizeof(float); }
  [[nodiscard]] std::span<float> span() noexcept { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(float* p) const noexcept { std::free(p); }  // NOLINT: pairs with aligned_alloc
  };
  std::size_t size_ = 0;
  std::unique_ptr<float, Free> memory_;
};

}  // namespace lamina::base
