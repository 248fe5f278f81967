// A wish, LAMINA_ISA or neither -> the kernel table to compile for.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "plan/compile.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

namespace lamina::plan {
namespace {

std::string runnable_names(const kernel::Tables& tables) {
  std::string names;
  for (std::size_t i = 0; i < tables.count; ++i) {
    if (i != 0) names += ", ";
    names += tables.table[i]->name;
  }
  return names;
}

const kernel::KernelTable& find(const kernel::Tables& tables, std::string_view name, std::string_view place) {
  for (std::size_t i = 0; i < tables.count; ++i) {
    if (name == tables.table[i]->name) return *tables.table[i];
  }
  for (const Isa isa : {Isa::sse4, Isa::avx2, Isa::avx512, Isa::neon}) {
    if (name == to_string(isa)) {
      base::fail(Errc::unsupported_feature, place,
                 "instruction set '" + std::string(name) + "' is not available on this CPU", runnable_names(tables),
                 name);
    }
  }
  base::fail(Errc::invalid_argument, place, "unknown instruction set", "sse4, avx2, avx512 or neon",
             base::quoted(name));
}

}  // namespace

const kernel::KernelTable& select_table(std::optional<Isa> wanted) {
  const kernel::Tables tables = kernel::runnable_tables();
  if (tables.count == 0)
    base::fail(Errc::unsupported_feature, "this CPU has no SSE4.2 (x86-64-v2), which lamina needs");
  if (wanted) return find(tables, to_string(*wanted), "compile");
  const char* forced = std::getenv("LAMINA_ISA");  // NOLINT(concurrency-mt-unsafe): read once per compile
  if (forced != nullptr && *forced != '\0') return find(tables, forced, "LAMINA_ISA");
  return *tables.table[tables.count - 1];
}

}  // namespace lamina::plan
