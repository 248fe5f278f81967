// A size -> floats on a 64-byte boundary, which no library needs to peel for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace lamina::bench {

template <typename T>
struct Aligned {
  using value_type = T;
  Aligned() = default;
  template <typename U>
  Aligned(const Aligned<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{64})); }
  void deallocate(T* pointer, std::size_t) { ::operator delete (pointer, std::align_val_t{64}); }
  friend bool operator==(Aligned, Aligned) { return true; }
};

using Floats = std::vector<float, Aligned<float>>;

}  // namespace lamina::bench
