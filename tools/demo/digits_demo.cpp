// models/digits -> a few digits drawn with their predicted classes, accuracy, and time per row.
// SPDX-License-Identifier: Apache-2.0
#include <lamina/data.hpp>
#include <lamina/lamina.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <span>
#include <vector>

namespace {

constexpr std::size_t kSide = 8;  // pixels of a digit in either direction
constexpr std::size_t kShown = 4;

struct Digits {
  lamina::Tensor x;
  std::vector<std::int64_t> labels;
  [[nodiscard]] std::size_t count() const { return labels.size(); }
};

std::size_t top_class(std::span<const float> probabilities) {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

/// Two characters per pixel make a pixel about as wide as it is high.
void draw(std::span<const float> pixels) {
  constexpr char kInk[] = " .:-=+*#%@";
  for (std::size_t row = 0; row < kSide; ++row) {
    std::printf("    ");
    for (float pixel : pixels.subspan(row * kSide, kSide)) {
      const char ink = kInk[static_cast<int>(std::clamp(pixel, 0.0F, 1.0F) * 9)];
      std::printf("%c%c", ink, ink);
    }
    std::printf("\n");
  }
}

void show(const Digits& digits, std::span<const float> y, std::size_t classes) {
  for (std::size_t i = 0; i < std::min(kShown, digits.count()); ++i) {
    const auto probabilities = y.subspan(i * classes, classes);
    const std::size_t predicted = top_class(probabilities);
    draw(digits.x.values().subspan(i * kSide * kSide, kSide * kSide));
    std::printf("    -> %zu with probability %.4f; written as %lld\n\n", predicted, double{probabilities[predicted]},
                static_cast<long long>(digits.labels[i]));
  }
}

std::size_t count_right(const Digits& digits, std::span<const float> y, std::size_t classes) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < digits.count(); ++i) {
    right += top_class(y.subspan(i * classes, classes)) == static_cast<std::size_t>(digits.labels[i]);
  }
  return right;
}

/// Median over rounds of at least 20 us each, so that the clock's own cost does not show.
double nanoseconds_per_row(const lamina::Plan& plan, std::span<const float> x, std::size_t rows) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRounds = 501;
  const std::size_t repeats = std::max<std::size_t>(1, 128 / rows);
  lamina::Workspace workspace = plan.workspace(rows);
  std::vector<float> y(rows * plan.output_size());
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < repeats; ++i) plan.run(x.first(rows * plan.input_size()), y, workspace);
    const std::chrono::duration<double, std::nano> time = Clock::now() - begin;
    rounds.push_back(time.count() / static_cast<double>(repeats * rows));
  }
  std::ranges::nth_element(rounds, rounds.begin() + kRounds / 2);
  return rounds[kRounds / 2];
}

void demonstrate(const std::filesystem::path& folder) {
  const Digits digits{lamina::data::read_array(folder / "x.npy"), lamina::data::read_labels(folder / "labels.npy")};
  const lamina::Model model = lamina::load(folder / "model.safetensors");
  const lamina::Plan plan = model.compile();
  std::vector<float> y(digits.count() * plan.output_size());
  lamina::Workspace workspace = plan.workspace();
  plan.run(digits.x.values(), y, workspace);

  std::printf("%s\n\n", to_string(model).c_str());
  show(digits, y, plan.output_size());
  const std::size_t right = count_right(digits, y, plan.output_size());
  std::printf("held-out rows: %zu of %zu right (%.2f %%)\n", right, digits.count(),
              100.0 * static_cast<double>(right) / static_cast<double>(digits.count()));
  const std::string_view isa = to_string(plan.isa());
  for (const std::size_t rows : {std::size_t{1}, std::size_t{64}}) {
    std::printf("time per row, batch %2zu, one thread, %.*s: %.0f ns\n", rows, static_cast<int>(isa.size()), isa.data(),
                nanoseconds_per_row(plan, digits.x.values(), rows));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER (models/digits)\n", argv[0]);
    return 2;
  }
  try {
    demonstrate(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
