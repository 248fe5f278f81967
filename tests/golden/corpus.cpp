// LAMINA_CORPUS -> each real model file of its manifest gives the expected output or a refusal; 77 without a corpus.
// SPDX-License-Identifier: Apache-2.0
#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
constexpr int kSkip = 77;

/// First folder of a manifest entry; what is not listed is not read yet.
constexpr std::array<std::string_view, 5> kKinds = {
    "safetensors", "pt", "onnx", "h5", "keras",
};

struct Entry {
  std::string file, status;
  bool either = false;            // a clear refusal is as good
  bool bare = false;              // weights alone: the architecture lies beside the expected output
  std::string architecture = {};  // or in this file of the corpus
};

/// A text that belongs to weights of the same origin, ORIGIN__NAME: beside it they must give the expected output.
std::optional<Entry> with_companion(const Entry& text, const std::string& line) {
  constexpr std::string_view kNote = "architecture JSON for ";
  const std::size_t note = line.find(kNote), origin = text.file.rfind("__");
  if (note == line.npos || origin == text.file.npos) return std::nullopt;
  const std::string name = line.substr(note + kNote.size(), line.find('\t', note) - note - kNote.size());
  return Entry{.file = text.file.substr(0, origin + 2) + name, .status = "ok", .architecture = text.file};
}

std::vector<Entry> read_manifest(const fs::path& corpus) {
  std::vector<Entry> entries;
  std::ifstream manifest(corpus / "MANIFEST.tsv");
  for (std::string line; std::getline(manifest, line);) {
    Entry entry;
    std::istringstream fields(line);
    std::getline(fields, entry.file, '\t');
    std::getline(fields, entry.status, '\t');
    entry.either = line.find("either") != line.npos || line.find("or clear refusal") != line.npos;
    entry.bare = line.find("arch: ") != line.npos;
    const std::string kind = entry.file.substr(0, entry.file.find('/'));
    if (std::ranges::find(kKinds, kind) == kKinds.end()) continue;
    entries.push_back(entry);
    if (entry.status != "skip") continue;
    if (const std::optional<Entry> pair = with_companion(entry, line)) entries.push_back(*pair);
  }
  return entries;
}

/// Files that the manifest has forgotten: one with an expected output must give it, no other may be there.
void add_unlisted(const fs::path& corpus, std::vector<Entry>& entries) {
  for (const std::string_view kind : kKinds) {
    if (!fs::exists(corpus / kind)) continue;
    for (const fs::directory_entry& file : fs::recursive_directory_iterator(corpus / kind)) {
      const std::string name = fs::relative(file.path(), corpus).generic_string();
      const bool is_listed = std::ranges::any_of(entries, [&](const Entry& entry) { return entry.file == name; });
      if (is_listed || !file.is_regular_file()) continue;
      const bool is_known = fs::exists(corpus / "expected" / (name + ".y.npy"));
      entries.push_back({.file = name, .status = is_known ? "ok" : "none"});
    }
  }
  std::erase_if(entries, [](const Entry& entry) { return entry.status == "skip"; });
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Largest |y - e| / (1e-5 + 1e-4 |e|): up to 1 is equal.
double worst_error(const std::vector<float>& y, const lamina::Tensor& expected) {
  if (y.size() != expected.size()) return HUGE_VAL;
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double e = double{expected.values()[i]};
    const double error = std::abs(double{y[i]} - e) / (1e-5 + 1e-4 * std::abs(e));
    worst = std::isnan(error) ? HUGE_VAL : std::max(worst, error);
  }
  return worst;
}

/// A bare state_dict may hold more networks than the one that the text beside it describes.
double run(const fs::path& corpus, const Entry& entry) {
  const std::string base = (corpus / "expected" / entry.file).string();
  const std::string architecture = entry.bare                   ? text_of(base + ".arch.txt")
                                   : entry.architecture.empty() ? ""
                                                                : text_of(corpus / entry.architecture);
  const lamina::Model model = lamina::load(corpus / entry.file, {.architecture = architecture, .allow_unused = true});
  const lamina::Tensor x = lamina::data::read_array(base + ".x.npy");
  lamina::CompileOptions options;
  if (!model.input_shape()) options.input_shape = lamina::Shape(x.shape().begin() + 1, x.shape().end());
  const lamina::Plan plan = model.compile(options);
  std::vector<float> y(x.size() / plan.input_size() * plan.output_size());
  lamina::Workspace workspace = plan.workspace();
  plan.run(x.values(), y, workspace);
  return worst_error(y, lamina::data::read_array(base + ".y.npy"));
}

bool check(const fs::path& corpus, const Entry& entry) {
  std::string result;
  bool good = false;
  try {
    const double worst = run(corpus, entry);
    good = entry.status == "ok" && worst <= 1;
    result = "error " + std::to_string(worst) + " of the tolerance";
  } catch (const lamina::Error& error) {
    good = entry.status == "refuse" || entry.either;
    result = "refused: " + std::string(error.what());
  }
  const std::string beside = entry.architecture.empty() ? "" : " beside " + entry.architecture;
  std::printf("%s  %-6s  %-80s  %s\n", good ? "good" : "BAD ", entry.status.c_str(), (entry.file + beside).c_str(),
              result.c_str());
  return good;
}

}  // namespace

int main() {
  const char* folder = std::getenv("LAMINA_CORPUS");
  if (folder == nullptr || !fs::exists(fs::path(folder) / "MANIFEST.tsv")) {
    std::puts("skipped: LAMINA_CORPUS names no folder with a MANIFEST.tsv");
    return kSkip;
  }
  std::vector<Entry> entries = read_manifest(folder);
  add_unlisted(folder, entries);
  const auto bad = std::ranges::count_if(entries, [&](const Entry& entry) { return !check(folder, entry); });
  std::printf("%zu files, %td bad\n", entries.size(), bad);
  return bad == 0 && !entries.empty() ? 0 : 1;
}
