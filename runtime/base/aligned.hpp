// A count of floats -> 64-byte aligned memory that one owner frees.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace lamina::base {

inline constexpr std::size_t kCacheLine = 64;
inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Owns uninitialised floats; movable. Throws std::bad_alloc.
class AlignedFloats {
 public:
  AlignedFloats() noexcept = default;
  explicit AlignedFloats(std::size_t count) : size_(count) {
    if (count == 0) return;
    constexpr std::size_t kMost = (static_cast<std::size_t>(-1) - kCacheLine) / sizeof(float);
    if (count > kMost) throw std::bad_alloc();
    // Weights of several MiB are walked from end to end: 2 MiB pages spare the TLB (the kernel may decline).
    const std::size_t alignment = count * sizeof(float) >= 2 * kHugePage ? kHugePage : kCacheLine;
    const std::size_t bytes = (count * sizeof(float) + kCacheLine - 1) / kCacheLine * kCacheLine;
    // Not std::aligned_alloc: it may ask for a size that is a multiple of the alignment, here up to 2 MiB too much.
    void* memory = nullptr;
    if (posix_memalign(&memory, alignment, bytes) != 0) throw std::bad_alloc();
    memory_.reset(static_cast<float*>(memory));
#if defined(__linux__)
    if (alignment == kHugePage) madvise(memory_.get(), bytes, MADV_HUGEPAGE);
#endif
  }

  [[nodiscard]] float* data() noexcept { return memory_.get(); }
  [[nodiscard]] const float* data() const noexcept { return memory_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return size_ * sizeof(float); }
  [[nodiscard]] std::span<float> span() noexcept { return {memory_.get(), size_}; }
  /// As a pointer that shares; this object is empty afterwards.
  [[nodiscard]] std::shared_ptr<float[]> share() && {
    size_ = 0;
    return {memory_.release(), Free()};
  }

 private:
  struct Free {
    void operator()(float* p) const noexcept { std::free(p); }  // NOLINT: pairs with posix_memalign
  };
  std::size_t size_ = 0;
  std::unique_ptr<float, Free> memory_;
};

}  // namespace lamina::base
