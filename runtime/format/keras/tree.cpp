// A walk over the groups with a stack. It ends: Hdf5 refuses an object with two names.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/tree.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace lamina::format {
namespace {

/// What model.save() writes beside the layers; compile_metrics and the trackers by early versions of Keras 3.
constexpr std::array<std::string_view, 5> kTraining = {"optimizer", "optimizer_weights", "metrics", "compile_metrics",
                                                       "_loss_tracker"};

bool contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Keras on Windows writes "metrics\mean" as one name.
std::string_view first_part(std::string_view name) { return name.substr(0, name.find('\\')); }
std::string_view last_part(std::string_view name) { return name.substr(name.rfind('\\') + 1); }

}  // namespace

std::vector<Hdf5Object> weight_datasets(const Hdf5& file, std::vector<std::string>& skipped) {
  std::vector<Hdf5Object> datasets;
  std::vector<Hdf5Object> open = {file.root()};
  while (!open.empty()) {
    const Hdf5Object group = std::move(open.back());
    open.pop_back();
    const bool is_root = group.address == file.root().address;
    for (const std::string& name : file.members(group)) {
      const std::string part(first_part(name));
      if (is_root && contains(kTraining, part)) {
        if (!contains(skipped, part)) skipped.push_back(part);
      } else if (last_part(name) != "seed_generator") {
        Hdf5Object member = file.find(group, name).value();
        (file.is_dataset(member) ? datasets : open).push_back(std::move(member));
      }
    }
  }
  return datasets;
}

}  // namespace lamina::format
