// Names and versions -> the models that serve; a new one takes its place while requests run.
// SPDX-License-Identifier: Apache-2.0
#include "serve/catalog.hpp"

#include "serve/reply.hpp"

#include <algorithm>
#include <utility>

namespace lamina::serve {

Catalog::Entry::Entry(ModelSource source, std::shared_ptr<ServedModel> model)
    : source_(std::move(source)), version_(std::to_string(source_.version)), model_(std::move(model)) {}

std::shared_ptr<ServedModel> Catalog::Entry::model() const {
  const std::lock_guard lock(mutex_);
  return model_;
}

void Catalog::Entry::replace(std::shared_ptr<ServedModel> model) {
  const std::lock_guard lock(mutex_);
  model_.swap(model);
}

Catalog::Catalog(std::vector<ModelSource> sources, const BatcherOptions& options) : options_(options) {
  for (const ModelSource& source : sources) {
    for (const ModelSource& other : sources) {
      if (&source == &other) break;
      if (source.name != other.name || source.version != other.version) continue;
      throw Error(Errc::invalid_argument, source.path + ": name: '" + source.name + "' version " +
                                              std::to_string(source.version) + " is that of " + other.path +
                                              " too: say NAME=PATH or NAME:VERSION=PATH");
    }
  }
  for (ModelSource& source : sources) {
    std::shared_ptr<ServedModel> model = load_served(source, options_);
    entries_.push_back(std::make_unique<Entry>(std::move(source), std::move(model)));
  }
}

Catalog::Entry& Catalog::find(std::string_view name, std::string_view version) const {
  Entry* found = nullptr;
  bool known = false;
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->source().name != name) continue;
    known = true;
    if (!version.empty() && entry->version() != version) continue;
    if (found == nullptr || found->source().version < entry->source().version) found = entry.get();
  }
  if (found != nullptr) return *found;
  if (!known) throw Refused(404, "unknown model " + in_quotes(name));
  std::string all;
  for (const std::string& each : versions(name)) all += (all.empty() ? "" : ", ") + each;
  throw Refused(404, "model " + in_quotes(name) + ": version: expected " + all + ", got " + in_quotes(version));
}

std::vector<std::string> Catalog::versions(std::string_view name) const {
  std::vector<std::uint64_t> numbers;
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->source().name == name) numbers.push_back(entry->source().version);
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::string> texts;
  texts.reserve(numbers.size());
  for (const std::uint64_t number : numbers) texts.push_back(std::to_string(number));
  return texts;
}

void Catalog::reload(const std::function<void(const Entry&, const std::exception*)>& told,
                     const std::stop_token& stop) {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (stop.stop_requested()) return;
    try {
      entry->replace(load_served(entry->source(), options_));
      told(*entry, nullptr);
    } catch (const std::exception& error) {
      told(*entry, &error);
    }
  }
}

}  // namespace lamina::serve
