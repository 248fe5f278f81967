// Every use of the heap by operator new -> the most bytes that were held at once.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/heap.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

std::size_t held = 0, start = 0, peak = 0;  // readers are of one thread

void* counted(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  held += malloc_usable_size(memory);
  peak = std::max(peak, held);
  return memory;
}
void release(void* memory) noexcept {
  if (memory != nullptr) held -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

namespace lamina::fuzz {

void start_heap_peak() noexcept { start = peak = held; }
std::size_t heap_peak() noexcept { return peak - start; }

}  // namespace lamina::fuzz

// The array forms end in these; malloc(0) may give null, which operator new may not.
void* operator new(std::size_t size) { return counted(std::malloc(std::max<std::size_t>(1, size))); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  void* memory = nullptr;
  const auto bytes = static_cast<std::size_t>(alignment);
  return counted(::posix_memalign(&memory, std::max(bytes, sizeof(void*)), size) == 0 ? memory : nullptr);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
