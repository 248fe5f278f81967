// Strided reading: the loops run in the order of the source, so that a transposed weight is read once, front to back.
// SPDX-License-Identifier: Apache-2.0
#include "format/pytorch/strided.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace lamina::format {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
/// Elements closer than this are read together with what lies between them; others one at a time.
constexpr std::uint64_t kNearBytes = 256;

/// One loop: `size` steps, `from` elements apart in the storage and `to` apart in the result.
struct Loop {
  std::uint64_t size, from, to;
};

/// Outermost first, by falling distance in the storage; loops that are one run are joined.
std::vector<Loop> loops_of(const StridedView& view) {
  std::vector<Loop> loops;
  std::uint64_t to = 1;
  for (std::size_t i = view.sizes.size(); i-- > 0;) {
    const auto size = static_cast<std::uint64_t>(view.sizes[i]);
    if (size != 1) loops.push_back({size, static_cast<std::uint64_t>(view.strides[i]), to});
    to *= size;
  }
  std::sort(loops.begin(), loops.end(),
            [](const Loop& a, const Loop& b) { return a.from != b.from ? a.from > b.from : a.to > b.to; });
  std::vector<Loop> joined;
  for (const Loop& loop : loops) {
    const bool run =
        !joined.empty() && joined.back().from == loop.size * loop.from && joined.back().to == loop.size * loop.to;
    if (run) {
      joined.back() = {joined.back().size * loop.size, loop.from, loop.to};
    } else {
      joined.push_back(loop);
    }
  }
  if (joined.empty()) joined.push_back({1, 1, 1});
  return joined;
}

class RunReader {
 public:
  RunReader(const base::ByteSource& source, const StridedView& view)
      : source_(source), view_(view), item_(base::size_of(view.type)) {}

  /// The innermost loop, from element `at` of the storage.
  void run(std::uint64_t at, const Loop& loop, float* out) {
    const bool near = loop.from * item_ <= kNearBytes;
    const std::uint64_t distance = near ? std::max<std::uint64_t>(loop.from, 1) : 1;
    const std::uint64_t most =
        loop.from == 0 || !near ? 1 : std::max<std::uint64_t>(kPieceBytes / (distance * item_), 1);
    const std::uint64_t steps = loop.from == 0 ? 1 : loop.size;
    for (std::uint64_t done = 0; done < steps; done += most) {
      const std::uint64_t count = std::min(most, steps - done);
      piece(at + done * loop.from, {count, distance, loop.to}, out + done * loop.to);
    }
    if (loop.from != 0) return;
    for (std::uint64_t i = 1; i < loop.size; ++i) out[i * loop.to] = out[0];
  }

 private:
  void piece(std::uint64_t at, const Loop& loop, float* out) {
    bytes_.resize(((loop.size - 1) * loop.from + 1) * item_);
    source_.read(view_.begin + at * item_, bytes_);
    for (std::uint64_t i = 1; i < loop.size && loop.from != 1; ++i) {
      std::memmove(bytes_.data() + i * item_, bytes_.data() + i * loop.from * item_, item_);
    }
    const std::span<const std::byte> packed(bytes_.data(), loop.size * item_);
    if (loop.to == 1) return base::to_float32(view_.type, packed, {out, loop.size});
    floats_.resize(loop.size);
    base::to_float32(view_.type, packed, floats_);
    for (std::uint64_t i = 0; i < loop.size; ++i) out[i * loop.to] = floats_[i];
  }

  const base::ByteSource& source_;
  const StridedView& view_;
  std::size_t item_;
  std::vector<std::byte> bytes_;
  std::vector<float> floats_;
};

}  // namespace

bool overlaps(const StridedView& view) {
  const std::vector<Loop> loops = loops_of(view);
  std::uint64_t extent = 0;  // the last element that the inner loops reach
  for (std::size_t i = loops.size(); i-- > 0;) {
    if (loops[i].from == 0) continue;
    if (loops[i].from <= extent) return true;
    extent += (loops[i].size - 1) * loops[i].from;
  }
  return false;
}

bool is_contiguous(const StridedView& view) {
  const std::vector<Loop> loops = loops_of(view);
  return loops.size() == 1 && loops[0].from == 1 && loops[0].to == 1;
}

void read_strided(const base::ByteSource& source, const StridedView& view, std::span<float> out) {
  if (out.empty()) return;
  const std::vector<Loop> loops = loops_of(view);
  const std::size_t outer = loops.size() - 1;
  RunReader reader(source, view);
  std::vector<std::uint64_t> step(outer, 0);
  std::uint64_t from = view.offset, to = 0;
  for (;;) {
    reader.run(from, loops[outer], out.data() + to);
    std::size_t i = outer;
    for (; i > 0; --i) {
      const Loop& loop = loops[i - 1];
      from += loop.from;
      to += loop.to;
      if (++step[i - 1] < loop.size) break;
      from -= loop.size * loop.from;
      to -= loop.size * loop.to;
      step[i - 1] = 0;
    }
    if (i == 0) return;
  }
}

}  // namespace lamina::format
