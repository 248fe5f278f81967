// The interpreter with an observer: of times, of zeros.
// SPDX-License-Identifier: Apache-2.0
#include "run/execute.inl.hpp"

namespace lamina::run {

template void execute(const plan::Program&, const Block&, std::size_t, std::size_t, TimeProbe) noexcept;
template void execute(const plan::Program&, const Block&, std::size_t, std::size_t, ZeroProbe) noexcept;
template void execute_outputs(const plan::Program&, const Block&, std::size_t, std::size_t, std::size_t,
                              TimeProbe) noexcept;
template void execute_row_epilogue(const plan::Program&, const Block&, std::size_t, TimeProbe) noexcept;

}  // namespace lamina::run
