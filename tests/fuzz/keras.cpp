// Bytes -> what lamina does with Keras archives (.keras) and HDF5 files (.h5).
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/load_and_run.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { return lamina::fuzz::read_model(data, size); }
