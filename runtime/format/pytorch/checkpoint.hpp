// The root object of a torch file -> the part that is the network, and the names of its tensors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/container/pickle.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::format {

/// Either a module (an instance of a class of torch.nn) or the tensors of a state_dict by name.
struct TorchCheckpoint {
  ObjectId module = kPickleNone;
  std::vector<std::pair<std::string, ObjectId>> tensors;
  bool ordered = false;  // the tensors come from one dict that keeps its order
  std::vector<std::string> notes;
};

/// The text of a dict's key. Throws Error{malformed, limit_exceeded} where it is none or cannot name a tensor.
[[nodiscard]] std::string tensor_name(const PickleGraph& graph, ObjectId id);

/// Looks into {"state_dict": ...} and its kin, and takes the prefixes of DataParallel and torch.compile off.
/// `prefix` (LoadOptions) may pick one of several networks by its key. Throws Error{unsupported_feature,
/// malformed, limit_exceeded}; a choice that is not clear lists what there is.
[[nodiscard]] TorchCheckpoint find_checkpoint(const PickleGraph& graph, std::string_view prefix,
                                              std::uint64_t most_tensors);

}  // namespace lamina::format
