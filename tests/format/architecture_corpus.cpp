// LAMINA_CORPUS -> every architecture text of its expected/ folder is read; exit status 77 where there is no corpus.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture/architecture.hpp"
#include "model/print.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr int kSkip = 77;

bool reads(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  try {
    const auto network = lamina::format::parse_architecture(text, {});
    text.erase(text.find_last_not_of('\n') + 1);
    if (lamina::model::torch_repr(network) == text) return true;
    std::fprintf(stderr, "%s: printed otherwise\n", path.c_str());
  } catch (const lamina::Error& error) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), error.what());
  }
  return false;
}

}  // namespace

int main() {
  const char* corpus = std::getenv("LAMINA_CORPUS");
  if (corpus == nullptr || !std::filesystem::is_directory(std::filesystem::path(corpus) / "expected")) return kSkip;
  int texts = 0, failures = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(corpus) / "expected")) {
    const std::string name = entry.path().filename().string();
    const bool text = name.ends_with(".arch.txt") || name.ends_with(".arch.flat.txt");
    if (!text) continue;
    ++texts;
    if (!reads(entry.path())) ++failures;
  }
  std::printf("%d architecture texts, %d failures\n", texts, failures);
  return failures == 0 && texts > 0 ? 0 : 1;
}
