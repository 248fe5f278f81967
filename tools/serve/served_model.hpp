// A model file -> one version of a model, verified, warm and ready to answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/signature.hpp"

#include <lamina/lamina.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace lamina::serve {

/// Where a model comes from, and comes from again at each reload.
struct ModelSource {
  std::string name;
  std::uint64_t version = 1;
  std::string path;             // for messages, and for what the format is called
  std::function<Model()> load;  // called by one thread at a time
};

/// Letters, digits, '.', '_' and '-', so that a name stands in a URL and in a metric as it is.
[[nodiscard]] bool is_model_name(std::string_view name);

/// Immutable but for its Batcher, which any number of threads may call. The thread that ends a call of the Batcher must
/// hold it until then: the Batcher's end waits for its calls.
struct ServedModel {
  ServedModel(Signature name, Plan plan, const BatcherOptions& options)
      : signature(std::move(name)), batcher(std::move(plan), options) {}

  bool verified = false;  // had golden vectors, and gave their answers
  double load_seconds = 0;
  Signature signature;
  Batcher batcher;
};

/// Loads, runs the golden vectors where the file has some, and warms. Throws Error as load() and compile() do,
/// Error{verification_failed}, Error{invalid_argument} for a Plan that works over the batch.
[[nodiscard]] std::shared_ptr<ServedModel> load_served(const ModelSource& source, const BatcherOptions& options);

}  // namespace lamina::serve
