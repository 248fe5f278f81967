// lamina convert: what it writes loads as the same model.
// SPDX-License-Identifier: Apache-2.0
#include "tools/models.hpp"
#include "tools/program.hpp"

#include <lamina/lamina.hpp>

#include <algorithm>

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

TEST_CASE("golden vectors from files are checked, kept and verified") {
  const Folder folder;
  const std::string model = save_sum(folder / "sum.safetensors"), out = folder / "golden.safetensors";
  const std::string x = folder.put("x.csv", "1,2\n-4,0.25\n"), y = folder.put("y.csv", "1.5,2,2\n-3.5,0.25,-4.75\n");
  CHECK(run_lamina({"convert", model, out, "--golden", x + "," + y}).status == 0);
  CHECK(load(out, {.verify = true}).golden_vectors()->input == Tensor({2, 2}, {1, 2, -4, 0.25F}));
  const Outcome outcome = run_lamina({"verify", out});
  CHECK(outcome.status == 0);
  CHECK(holds(outcome.out, "OK: 6 values in 2 rows within 1e-05 + 0.0001 |expected|\n"));
  CHECK(holds(run_lamina({"inspect", out}).out, "golden vectors: 2 rows"));
  const std::string again = folder / "again.safetensors";
  CHECK(run_lamina({"convert", out, again}).status == 0);
  CHECK(content_of(again) == content_of(out));
}

TEST_CASE("golden vectors that the model does not give are a failed check, and nothing is written") {
  const Folder folder;
  const std::string model = save_sum(folder / "sum.safetensors"), out = folder / "golden.safetensors";
  const std::string x = folder.put("x.csv", "1,2\n"), y = folder.put("y.csv", "1.5,2,3\n");
  const std::string files = x + "," + y;
  CHECK(fails(run_lamina({"convert", model, out, "--golden", files}), 3, "largest error 1 at row 0, column 2"));
  CHECK_FALSE(std::filesystem::exists(out));
  CHECK(run_lamina({"convert", model, out, "--golden", files, "--atol", "1"}).status == 0);
  CHECK(run_lamina({"verify", out}).status == 3);
  CHECK(run_lamina({"verify", out, "--atol", "1"}).status == 0);
  CHECK(fails(run_lamina({"convert", model, out, "--golden", x}), 2, "expected two files X,Y"));
  const std::string more = x + "," + folder.put("more.csv", "1.5,2,2\n1.5,2,2\n").string();
  CHECK(fails(run_lamina({"convert", model, out, "--golden", more}), 1, "more.csv: rows: expected 1"));
}

TEST_CASE("golden vectors drawn from a seed are the same each time") {
  const Folder folder;
  const std::string model = save_wide(folder / "wide.safetensors");
  const std::string a = folder / "a.safetensors", b = folder / "b.safetensors";
  CHECK(run_lamina({"convert", model, a, "--golden-seed", "7"}).status == 0);
  CHECK(run_lamina({"convert", model, b, "--golden-seed", "7", "--golden-rows", "3"}).status == 0);
  const Tensor x = load(a, {.verify = true}).golden_vectors()->input, part = load(b).golden_vectors()->input;
  CHECK(x.shape() == Shape{16, 64});
  CHECK(part.shape() == Shape{3, 64});
  CHECK(std::equal(part.values().begin(), part.values().end(), x.values().begin()));
  CHECK(holds(run_lamina({"verify", a}).out, "largest error 0 at"));
}

TEST_CASE("a model of open shape gets it from --input-shape, and keeps it") {
  const Folder folder;
  const std::string weights = save_tensors_only(folder / "weights.safetensors"), out = folder / "model.safetensors";
  const std::string text = "nn.Sequential(nn.Flatten(), nn.Linear(2, 3))";
  CHECK(run_lamina({"convert", weights, out, "--arch", text, "--input-shape", "1x2", "--golden-seed", "1"}).status ==
        0);
  CHECK(load(out, {.verify = true}).input_shape() == Shape{1, 2});
}

}  // namespace
}  // namespace lamina::test
