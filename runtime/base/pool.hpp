// Objects that callers are done with -> the same objects for later callers, without a lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace lamina::base {

/// Keeps at most kSlots idle objects, as many as were in use at once. Each thread looks first where it last left one:
/// its own stays in its cache, and threads do not meet. Ownership moves by exchanging one pointer: no ABA.
template <class T>
class Pool {
 public:
  static constexpr std::size_t kSlots = 64;

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    while (take() != nullptr) {
    }
  }

  /// Null where none is idle.
  [[nodiscard]] std::unique_ptr<T> take() noexcept {
    const std::size_t home = home_slot();
    for (std::size_t i = 0; i < kSlots; ++i) {
      std::atomic<T*>& slot = slots_[(home + i) % kSlots].object;
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      if (T* object = slot.exchange(nullptr, std::memory_order_acquire)) return std::unique_ptr<T>(object);
    }
    return nullptr;
  }

  /// Frees it where the pool is full.
  void give(std::unique_ptr<T> object) noexcept {
    const std::size_t home = home_slot();
    for (std::size_t i = 0; i < kSlots; ++i) {
      T* empty = nullptr;
      std::atomic<T*>& slot = slots_[(home + i) % kSlots].object;
      if (slot.compare_exchange_strong(empty, object.get(), std::memory_order_release, std::memory_order_relaxed)) {
        (void)object.release();  // NOLINT: the slot owns it now
        return;
      }
    }
  }

 private:
  struct alignas(64) Slot {
    std::atomic<T*> object{nullptr};
  };
  static std::size_t home_slot() noexcept { return std::hash<std::thread::id>{}(std::this_thread::get_id()); }

  std::array<Slot, kSlots> slots_;
};

}  // namespace lamina::base
