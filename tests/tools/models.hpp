// Small networks whose answers are exact in float32, saved for the program to load.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace lamina::test {

/// y = (x0 + 0.5, x1, x0 + x1 - 1), as the architecture text says it.
inline const std::string kSumText = "nn.Sequential(nn.Linear(2, 3))";
std::string save_sum(const std::filesystem::path& path);
/// relu of it.
std::string save_relu_sum(const std::filesystem::path& path);
/// One number in, one out: y = 2 x.
std::string save_double(const std::filesystem::path& path);
/// Softmax over the batch: rows depend on each other.
std::string save_coupled(const std::filesystem::path& path);
/// A 64-input, one-output network with weights drawn from a seed.
std::string save_wide(const std::filesystem::path& path);
/// Tensors fc1.weight and fc1.bias of the sum without an architecture.
std::string save_tensors_only(const std::filesystem::path& path);

}  // namespace lamina::test
