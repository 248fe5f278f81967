// Names and versions -> the models that serve; a new one takes its place while requests run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/metrics.hpp"
#include "serve/served_model.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace lamina::serve {

class Catalog {
 public:
  /// One version of one model, for as long as the server lives.
  class Entry {
   public:
    Entry(ModelSource source, std::shared_ptr<ServedModel> model);

    [[nodiscard]] const ModelSource& source() const noexcept { return source_; }
    [[nodiscard]] const std::string& version() const noexcept { return version_; }
    /// Who calls the Batcher holds what this returns until the call has ended.
    [[nodiscard]] std::shared_ptr<ServedModel> model() const;
    /// The old one goes with its last request.
    void replace(std::shared_ptr<ServedModel> model);

    ModelMetrics metrics;

   private:
    const ModelSource source_;
    const std::string version_;
    mutable std::mutex mutex_;
    std::shared_ptr<ServedModel> model_;
  };
  using Entries = std::vector<std::unique_ptr<Entry>>;

  /// Loads all, one after the other. Throws the first Error; Error{invalid_argument} for the same name and version
  /// twice.
  Catalog(std::vector<ModelSource> sources, const BatcherOptions& options);

  /// In the order of the sources.
  [[nodiscard]] const Entries& entries() const noexcept { return entries_; }
  /// `version` empty: the one of the highest number. Throws Refused{404}.
  [[nodiscard]] Entry& find(std::string_view name, std::string_view version) const;
  /// Of a name, lowest first.
  [[nodiscard]] std::vector<std::string> versions(std::string_view name) const;

  /// Loads each again, verifies and warms it, and only then lets it take over; one that cannot be loaded or gives wrong
  /// answers leaves the old one in place. `told` hears of each: null, or why not. A stop is noticed between two.
  /// One call at a time.
  void reload(const std::function<void(const Entry&, const std::exception*)>& told, const std::stop_token& stop = {});

 private:
  BatcherOptions options_;
  Entries entries_;
};

}  // namespace lamina::serve
