// What a server counts while it runs: any thread may add, none waits.
// SPDX-License-Identifier: Apache-2.0
#include "serve/metrics.hpp"

#include <algorithm>

namespace lamina::serve {

void Histogram::record(std::chrono::nanoseconds duration) noexcept {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto* bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  add(counts_[static_cast<std::size_t>(bound - kBounds.begin())]);
  add(nanoseconds_, static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count())));
}

}  // namespace lamina::serve
