// lamina convert: what it writes loads as the same model.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <lamina/lamina.hpp>

namespace lamina::test {
namespace {

TEST_CASE("weights with an architecture beside them become one file that says all") {
  const Folder folder;
  const std::string weights = save_tensors_only(folder / "weights.safetensors"), out = folder / "model.safetensors";
  const Outcome outcome = run_lamina({"convert", weights, out, "--arch", kSumText});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.empty());
  CHECK(load(out) == load(save_sum(folder / "sum.safetensors")));
}

TEST_CASE("a model that cannot be read leaves no file and keeps an old one") {
  const Folder folder;
  const std::string junk = folder.put("junk.safetensors", "junk"), out = folder / "model.safetensors";
  CHECK(fails(run_lamina({"convert", junk, out}), 1, "junk.safetensors"));
  CHECK_FALSE(std::filesystem::exists(out));
  folder.put("model.safetensors", "old");
  CHECK(fails(run_lamina({"convert", junk, out}), 1, "junk.safetensors"));
  CHECK(content_of(out) == "old");
}

}  // namespace
}  // namespace lamina::test
