// Plan + Reader -> blocks of answers, in bounded memory.
// SPDX-License-Identifier: Apache-2.0
#include "answer_stream.hpp"

#include "command.hpp"
#include "input_options.hpp"

#include <algorithm>
#include <utility>

namespace lamina::tools {
namespace {

// Large enough that reading, forking and writing cost nothing beside the work; small enough to stay in L3.
constexpr std::size_t kBlockBytes = std::size_t{4} << 20;
// What --batch may ask for.
constexpr std::size_t kMostBatchBytes = std::size_t{1} << 30;

std::size_t block_rows(const Plan& plan, std::optional<std::size_t> batch) {
  const std::size_t row_bytes = std::max(plan.input_size(), plan.output_size()) * sizeof(float);
  if (!batch) return std::max<std::size_t>(1, kBlockBytes / row_bytes);
  if (plan.batch_coupled())
    throw UsageError("--batch: a layer of this model works over the batch, so all rows are one");
  if (*batch > std::max<std::size_t>(1, kMostBatchBytes / row_bytes)) {
    throw UsageError("--batch: expected at most " + std::to_string(kMostBatchBytes / row_bytes) +
                     " rows (1 GiB), got " + std::to_string(*batch));
  }
  return *batch;
}

}  // namespace

AnswerStream::AnswerStream(Plan plan, data::Reader reader, const std::string& path, std::optional<std::size_t> batch)
    : plan_(std::move(plan)), reader_(std::move(reader)), place_(place_of(path)) {
  fit_rows(reader_, path, plan_.input_shape());
  const std::uint64_t known = std::max<std::uint64_t>(1, reader_.rows().value_or(~std::uint64_t{0}));
  const auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(block_rows(plan_, batch), known));
  x_.resize(rows * plan_.input_size());
  if (plan_.batch_coupled()) return;
  y_.resize(rows * plan_.output_size());
  workspace_.emplace(plan_.workspace(rows));
}

std::size_t AnswerStream::read_block() { return reader_.row_size() == 0 ? 0 : reader_.read(std::span(x_)); }

std::size_t AnswerStream::read_all() {
  std::size_t rows = read_block();
  if (rows == 0) return 0;
  for (std::size_t more = rows; more != 0; rows += more) {
    const std::size_t used = rows * plan_.input_size();
    if (used * sizeof(float) > kCoupledBytes) {
      throw Error(Errc::limit_exceeded, place_ +
                                            ": a layer of this model works over the batch, so all rows are held: "
                                            "expected at most 1 GiB of them, got more");
    }
    if (used == x_.size()) x_.resize(2 * used);
    more = reader_.read(std::span(x_).subspan(used));
  }
  y_.resize(rows * plan_.output_size());
  workspace_.emplace(plan_.workspace(rows));
  return rows;
}

std::span<const float> AnswerStream::next() {
  if (plan_.batch_coupled() && rows_ != 0) return {};
  const std::size_t rows = plan_.batch_coupled() ? read_all() : read_block();
  if (rows == 0) return {};
  const std::span<float> y = std::span(y_).first(rows * plan_.output_size());
  plan_.run(std::span(x_).first(rows * plan_.input_size()), y, *workspace_);
  rows_ += rows;
  return y;
}

}  // namespace lamina::tools
