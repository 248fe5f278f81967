// Layers on one side, datasets of an HDF5 file on the other -> every layer filled, or all that does not fit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/hdf5.hpp"
#include "format/keras/parameters.hpp"

#include <lamina/error.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace lamina::format {

/// Collects what is wrong and reads nothing before finish(). Borrows the file.
class KerasAssignment {
 public:
  KerasAssignment(const Hdf5& file, bool allow_unused) : file_(file), allow_unused_(allow_unused) {}

  /// Checks that `dataset` is one, of the parameter's shape.
  void pair(const KerasTarget& target, const KerasParameter& parameter, const Hdf5Object& dataset);
  /// The dataset belongs to no layer and may be there all the same.
  void leave(const Hdf5Object& dataset) { taken_.insert(dataset.address); }
  void problem(Errc code, std::string text);
  void missing(const KerasTarget& target, const KerasParameter& parameter, const std::string& where);

  /// Looks for datasets that nobody has taken, then throws all problems together, or reads every array to its place.
  void finish(std::vector<std::string>& notes);

 private:
  struct Pair {
    model::Layer* layer;
    std::string place;
    std::string_view parameter;
    Hdf5Object dataset;
  };

  void throw_problems();
  void find_unused(std::vector<std::string>& notes);
  void unused(const Hdf5Object& dataset, std::vector<std::string>& notes);

  const Hdf5& file_;
  bool allow_unused_;
  std::vector<Pair> pairs_;
  std::set<std::uint64_t> taken_;
  Errc code_ = Errc::malformed;  // of the first problem
  std::vector<std::string> problems_;
  std::size_t unlisted_ = 0;
};

}  // namespace lamina::format
