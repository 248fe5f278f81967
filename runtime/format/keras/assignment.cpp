// Pairs of a parameter and a dataset -> checked all, then read one by one.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/assignment.hpp"

#include "base/fail.hpp"
#include "format/keras/tree.hpp"

#include <utility>

namespace lamina::format {
namespace {

constexpr std::size_t kListed = 64;

/// A Normalization over one feature keeps its numbers as [1] or as scalars, by version.
bool fits(const KerasParameter& parameter, const Shape& shape) {
  if (shape == parameter.shape) return true;
  return (parameter.name == "mean" || parameter.name == "variance") && parameter.shape == Shape{1} && shape.empty();
}

std::string named(const KerasTarget& target, const KerasParameter& parameter) {
  return target.place + ": " + std::string(parameter.name);
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

void KerasAssignment::problem(Errc code, std::string text) {
  if (problems_.empty()) code_ = code;
  if (problems_.size() < kListed) {
    problems_.push_back(std::move(text));
  } else {
    ++unlisted_;
  }
}

void KerasAssignment::missing(const KerasTarget& target, const KerasParameter& parameter, const std::string& where) {
  if (!parameter.needed) return;
  problem(Errc::missing_weight, named(target, parameter) + " " + to_string(parameter.shape) + " is missing: " + where);
}

void KerasAssignment::pair(const KerasTarget& target, const KerasParameter& parameter, const Hdf5Object& dataset) {
  if (!file_.is_dataset(dataset)) return missing(target, parameter, base::quoted(dataset.path) + " is a group");
  if (!taken_.insert(dataset.address).second) {
    return problem(Errc::malformed, named(target, parameter) + ": " + base::quoted(dataset.path) +
                                        " is the weight of another layer as well");
  }
  const Shape shape = file_.shape(dataset);
  if (!fits(parameter, shape)) {
    return problem(Errc::shape_mismatch, named(target, parameter) + ": expected " + to_string(parameter.shape) +
                                             ", got " + to_string(shape) + " in " + base::quoted(dataset.path));
  }
  pairs_.push_back({target.layer, named(target, parameter), parameter.name, dataset});
}

void KerasAssignment::unused(const Hdf5Object& dataset, std::vector<std::string>& notes) {
  const std::string weight = "weight " + base::quoted(dataset.path) + " " + to_string(file_.shape(dataset));
  if (allow_unused_) {
    notes.push_back(weight + " was left aside: no layer takes it");
  } else {
    problem(Errc::extra_weight, weight + ": no layer takes it (--allow-unused leaves such weights aside)");
  }
}

void KerasAssignment::find_unused(std::vector<std::string>& notes) {
  std::vector<std::string> skipped;
  for (const Hdf5Object& dataset : weight_datasets(file_, skipped)) {
    if (!taken_.contains(dataset.address)) unused(dataset, notes);
  }
  if (!skipped.empty()) notes.push_back("state of the training was left aside: " + list_of(skipped));
}

void KerasAssignment::throw_problems() {
  if (unlisted_ > 0) problems_.push_back("and " + std::to_string(unlisted_) + " more");
  if (!problems_.empty()) {
    const std::string first = problems_.front();
    throw Error(code_, first, std::move(problems_));
  }
}

void KerasAssignment::finish(std::vector<std::string>& notes) {
  find_unused(notes);
  throw_problems();
  for (const Pair& pair : pairs_) {
    try {
      set_parameter(*pair.layer, pair.parameter, file_.read(pair.dataset));
    } catch (const Error& error) {
      if (error.code() == Errc::limit_exceeded) throw base::with_prefix(error, pair.place);
      problem(error.code(), pair.place + ": " + error.what());
    }
  }
  throw_problems();
}

}  // namespace lamina::format
