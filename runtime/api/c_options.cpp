// C structs that say their size -> C++ options, unset fields as defaults.
// SPDX-License-Identifier: Apache-2.0
#include "api/c_options.hpp"

#include "api/c_error.hpp"
#include "api/c_handles.hpp"
#include "base/fail.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace lamina::api {
namespace {

/// The fields that the caller's header and this library both know; the others are zero. An older caller says nothing
/// about new fields; a newer one may only say of what is unknown here that it wants the default.
template <class Options>
Options known_fields(const Options* given, const char* place) {
  const std::size_t size = given->struct_size;
  check_struct_size(size, alignof(Options), sizeof(Options), place, "options->struct_size");
  Options known{};
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  std::memcpy(&known, bytes, std::min(size, sizeof(Options)));
  const bool asks_for_more = size > sizeof(Options) && std::any_of(bytes + sizeof(Options), bytes + size,
                                                                   [](unsigned char byte) { return byte != 0; });
  if (asks_for_more) {
    base::fail(Errc::unsupported_feature, place, "options",
               "the " + std::to_string(sizeof(Options)) + " bytes that this version of lamina knows",
               "an option beyond them");
  }
  return known;
}

std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

std::vector<std::pair<std::string, std::string>> pairs_of(const lamina_name_pair* pairs, std::size_t count,
                                                          const char* place, const char* name) {
  if (count != 0) require(pairs, place, name);
  std::vector<std::pair<std::string, std::string>> all;
  for (std::size_t i = 0; i < count; ++i) {
    require(pairs[i].name, place, name);
    require(pairs[i].value, place, name);
    all.emplace_back(pairs[i].name, pairs[i].value);
  }
  return all;
}

void set_limits(Limits& limits, const lamina_load_options& c) {
  const auto set = [](std::uint64_t& limit, std::uint64_t given) {
    if (given != 0) limit = given;
  };
  set(limits.file_bytes, c.max_file_bytes);
  set(limits.weight_bytes, c.max_weight_bytes);
  set(limits.header_bytes, c.max_header_bytes);
  set(limits.text_bytes, c.max_text_bytes);
  set(limits.tensors, c.max_tensors);
  set(limits.layers, c.max_layers);
  set(limits.nesting, c.max_nesting);
}

void set_threads(CompileOptions& options, const lamina_compile_options& c, const char* place) {
  if (c.threads != 0) options.threads = c.threads == LAMINA_ALL_CPUS ? 0 : c.threads;
  if (c.denormals != LAMINA_DENORMALS_PRESERVE && c.denormals != LAMINA_DENORMALS_FLUSH) {
    base::fail(Errc::invalid_argument, place, "options->denormals", "a value of lamina_denormals",
               std::to_string(c.denormals));
  }
  if (c.denormals == LAMINA_DENORMALS_FLUSH) options.denormals = Denormals::flush;
  if (c.parallel_for == nullptr) return;
  const auto run = [](void* task, std::size_t index) {
    (*static_cast<const std::function<void(std::size_t)>*>(task))(index);
  };
  options.parallel_for = [host = c.parallel_for, context = c.parallel_for_context, run](std::size_t count,
                                                                                        const auto& task) {
    host(context, count, run, const_cast<void*>(static_cast<const void*>(&task)));
  };
}

}  // namespace

void check_struct_size(std::size_t size, std::size_t alignment, std::size_t expected, const char* place,
                       const char* name) {
  constexpr std::size_t kMost = 4096;  // more is memory that nobody has filled in
  // Every version of a struct ends at a multiple of its alignment: another size would cut a field in two.
  if (size >= sizeof(std::size_t) && size <= kMost && size % alignment == 0) return;
  base::fail(Errc::invalid_argument, place, name, std::to_string(expected),
             std::to_string(size) + "; begin with LAMINA_..._INIT");
}

LoadOptions load_options(const lamina_load_options* given, const char* place) {
  LoadOptions options;
  if (given == nullptr) return options;
  const auto c = known_fields(given, place);
  options.architecture = text_or_empty(c.architecture);
  options.configuration = text_or_empty(c.configuration);
  options.prefix = text_or_empty(c.prefix);
  options.output_name = text_or_empty(c.output_name);
  options.map = pairs_of(c.map, c.map_count, place, "options->map");
  options.arguments = pairs_of(c.arguments, c.argument_count, place, "options->arguments");
  if (c.keras_version != 0) options.keras_version = c.keras_version;
  options.allow_unused = c.allow_unused != 0;
  options.external_data = c.external_data != 0;
  options.verify = c.verify != 0;
  if (c.tolerance_relative != 0 || c.tolerance_absolute != 0) {
    options.tolerance = {c.tolerance_relative, c.tolerance_absolute};
  }
  set_limits(options.limits, c);
  return options;
}

CompileOptions compile_options(const lamina_compile_options* given, const char* place) {
  CompileOptions options;
  if (given == nullptr) return options;
  const auto c = known_fields(given, place);
  constexpr std::size_t kMostRank = 8;
  if (c.input_rank > kMostRank) {
    base::fail(Errc::invalid_argument, place, "options->input_rank", "at most 8", std::to_string(c.input_rank));
  }
  if (c.input_rank != 0) require(c.input_shape, place, "options->input_shape");
  if (c.input_shape != nullptr) options.input_shape = Shape(c.input_shape, c.input_shape + c.input_rank);
  set_threads(options, c, place);
  if (c.isa < LAMINA_ISA_BEST || c.isa > LAMINA_ISA_NEON) {
    base::fail(Errc::invalid_argument, place, "options->isa", "a value of lamina_isa", std::to_string(c.isa));
  }
  if (c.isa != LAMINA_ISA_BEST) options.isa = static_cast<Isa>(c.isa - 1);
  options.fuse = c.no_fusion == 0;
  options.skip_zeros = c.read_zeros == 0;
  return options;
}

RunOptions run_options(const lamina_run_options* given, const char* place) {
  using Clock = std::chrono::steady_clock;
  RunOptions options;
  if (given == nullptr) return options;
  const auto c = known_fields(given, place);
  if (c.stop != nullptr) options.stop_token = c.stop->source.get_token();
  if (c.timeout_us == 0) return options;
  const Clock::time_point now = Clock::now();
  const auto most = std::chrono::floor<std::chrono::microseconds>(Clock::time_point::max() - now);
  if (c.timeout_us < static_cast<std::uint64_t>(most.count())) {
    options.deadline = now + std::chrono::microseconds(static_cast<std::int64_t>(c.timeout_us));
  }
  return options;
}

BatcherOptions batcher_options(const lamina_batcher_options* given, const char* place) {
  BatcherOptions options;
  if (given == nullptr) return options;
  const auto c = known_fields(given, place);
  if (c.max_batch != 0) options.max_batch = c.max_batch;
  options.max_delay =
      std::chrono::microseconds(static_cast<std::int64_t>(std::min<std::uint64_t>(c.max_delay_us, INT64_MAX)));
  options.max_queue_rows = c.max_queue_rows;
  options.concurrent_runs = c.concurrent_runs;
  return options;
}

}  // namespace lamina::api
