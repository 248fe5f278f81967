// The floating-point mode of whoever calls -> lamina's own for a while, then the caller's again, to the bit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lamina::run {

/// Round to nearest, no exception trapped, denormals as asked for: whatever mode a thread is in, its rows get the same
/// bits, and a NaN raises no signal in a host that traps them. The flags that a run raises are taken back as well.
/// Costs two reads of the register, since writing it is rarely needed.
class FloatMode {
 public:
  explicit FloatMode(bool flush_denormals) noexcept : saved_(read()) {
    const Mode wanted = {kDefault | (flush_denormals ? kFlush : 0), saved_.flags};
    if ((saved_.control & kControl) != wanted.control) write(wanted);
  }
  ~FloatMode() {
    const Mode now = read();
    if (now.control != saved_.control || now.flags != saved_.flags) write(saved_);
  }
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;

 private:
  struct Mode {
    std::uint64_t control, flags;
  };

#if defined(__x86_64__) || defined(__i386__)
  // MXCSR: flags in bits 0-5, DAZ 6, masks of the exceptions 7-12, rounding 13-14, FTZ 15.
  static constexpr std::uint64_t kFlags = 0x3F, kControl = 0xFFC0, kDefault = 0x1F80, kFlush = 0x8040;
  static Mode read() noexcept {
    const std::uint64_t mxcsr = __builtin_ia32_stmxcsr();
    return {mxcsr & ~kFlags, mxcsr & kFlags};
  }
  static void write(const Mode& mode) noexcept {
    __builtin_ia32_ldmxcsr(static_cast<std::uint32_t>(mode.control | mode.flags));
  }
#elif defined(__aarch64__)
  // FPCR: traps in bits 8-12 and 15, FZ16 19, rounding 22-23, FZ 24, default NaN 25, alternative half precision 26.
  static constexpr std::uint64_t kControl = 0x7C89F00, kDefault = 0, kFlush = std::uint64_t{1} << 24;
  static Mode read() noexcept {
    Mode mode;
    asm volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(mode.control), "=r"(mode.flags));
    return mode;
  }
  static void write(const Mode& mode) noexcept {
    asm volatile("msr fpcr, %0\n\tmsr fpsr, %1" : : "r"(mode.control), "r"(mode.flags));
  }
#else
  static constexpr std::uint64_t kControl = 0, kDefault = 0, kFlush = 0;
  static Mode read() noexcept { return {0, 0}; }
  static void write(const Mode&) noexcept {}
#endif

  Mode saved_;
};

}  // namespace lamina::run
