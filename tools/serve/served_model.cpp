// A model file -> one version of a model, verified, warm and ready to answer.
// SPDX-License-Identifier: Apache-2.0
#include "serve/served_model.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace lamina::serve {
namespace {

/// "<project>_<format>", as the protocol wants it; the names that it reserves are those of other runtimes.
std::string platform_of(const std::string& path) {
  const std::string suffix = std::filesystem::path(path).extension().string();
  if (suffix == ".safetensors") return "lamina_safetensors";
  if (suffix == ".onnx") return "onnx_onnxv1";
  if (suffix == ".keras" || suffix == ".h5") return "lamina_keras";
  return "lamina_pytorch";
}

void check_golden(const Plan& plan, const GoldenVectors& golden, const std::string& path) {
  const Comparison comparison = verify(plan, golden);
  if (comparison.failures() == 0) return;
  throw Error(Errc::verification_failed, path + ": golden vectors: " + to_string(comparison));
}

}  // namespace

bool is_model_name(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= 128 && name.find_first_not_of(kLetters) == name.npos;
}

std::shared_ptr<ServedModel> load_served(const ModelSource& source, const BatcherOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Model model = source.load();
  const std::string input = model.input_names().at(0), output = model.output_names().at(0);
  const std::optional<GoldenVectors> golden = model.golden_vectors();
  Plan plan = std::move(model).compile();
  if (golden) check_golden(plan, *golden, source.path);
  Signature signature{source.name,
                      std::to_string(source.version),
                      platform_of(source.path),
                      input,
                      output,
                      plan.input_shape(),
                      plan.output_shape(),
                      plan.input_size(),
                      plan.output_size(),
                      options.max_batch};
  auto served = std::make_shared<ServedModel>(std::move(signature), std::move(plan), options);
  served->verified = golden.has_value();
  std::vector<float> x(served->signature.input_size), y(served->signature.output_size);
  served->batcher.run(x, y);  // a first run finds memory and weights as later ones do
  served->load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return served;
}

}  // namespace lamina::serve
