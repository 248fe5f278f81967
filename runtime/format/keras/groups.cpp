// Which of four ways of naming a file keeps to, and its groups by that.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/groups.hpp"

#include "format/architecture/keras_chain.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::array<std::string_view, 2> kContainers = {"layers", "_layer_checkpoint_dependencies"};
constexpr std::size_t kMostDigits = 9;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

KerasId keras_id(std::string_view id) {
  const std::size_t at = id.rfind('_');
  if (at == std::string_view::npos) return {id, 0};
  const std::string_view digits = id.substr(at + 1);
  const bool number = !digits.empty() && digits.size() <= kMostDigits && digits[0] != '0' &&
                      std::all_of(digits.begin(), digits.end(), is_digit);
  if (!number) return {id, 0};
  std::uint64_t value = 0;
  for (const char digit : digits) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return {id.substr(0, at), value};
}

KerasGroups::KerasGroups(const Hdf5& file) : file_(file) {
  std::vector<std::string> names = file.members(file.root());
  for (const char separator : {'/', '\\'}) {
    for (const std::string_view container : kContainers) {
      const bool found = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return separator == '/' ? name == container : name.starts_with(std::string(container) + separator);
      });
      if (!found) continue;
      container_ = container;
      separator_ = separator;
      if (separator == '\\') sort_flat_names(names);
      return;
    }
  }
}

/// Once for the file: there may be as many containers as names.
void KerasGroups::sort_flat_names(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::size_t end = name.rfind(separator_);
    if (end != name.npos) flat_[name.substr(0, end + 1)].push_back(name.substr(end + 1));
  }
}

std::vector<KerasGroup> KerasGroups::all(const std::string& container) const {
  std::vector<KerasGroup> groups;
  const auto add = [&](const Hdf5Object& parent, const std::string& name, const std::string& id) {
    Hdf5Object object = file_.find(parent, name).value();
    if (!file_.is_dataset(object)) groups.push_back({id, std::move(object)});
  };
  if (separator_ == '\\') {
    const auto found = flat_.find(container);
    if (found == flat_.end()) return groups;
    for (const std::string& id : found->second) add(file_.root(), container + id, id);
    return groups;
  }
  const std::optional<Hdf5Object> parent = file_.find(file_.root(), container.substr(0, container.size() - 1));
  if (!parent || file_.is_dataset(*parent)) return groups;
  for (const std::string& name : file_.members(*parent)) add(*parent, name, name);
  return groups;
}

std::vector<KerasGroup> KerasGroups::of_class(const std::string& container, std::string_view class_name) const {
  const std::string stem = architecture::snake_case(class_name);
  std::vector<KerasGroup> groups = all(container);
  std::erase_if(groups, [&](const KerasGroup& group) { return keras_id(group.id).stem != stem; });
  std::sort(groups.begin(), groups.end(),
            [](const KerasGroup& a, const KerasGroup& b) { return keras_id(a.id).number < keras_id(b.id).number; });
  return groups;
}

std::optional<Hdf5Object> KerasGroups::weights(const KerasGroup& group) const {
  std::optional<Hdf5Object> vars = file_.find(group.object, "vars");
  if (!vars || file_.is_dataset(*vars) || file_.members(*vars).empty()) return std::nullopt;
  return vars;
}

std::optional<std::string> KerasGroups::layer_name(const KerasGroup& group) const {
  const std::optional<Hdf5Object> vars = file_.find(group.object, "vars");
  return vars ? file_.text(*vars, "name") : std::nullopt;
}

}  // namespace lamina::format
