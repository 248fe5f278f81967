// metadata.json, config.json and model.weights.h5 of a zip archive -> Network with weights.
// SPDX-License-Identifier: Apache-2.0
#include "format/keras/archive.hpp"

#include "base/fail.hpp"
#include "format/container/zip_entry.hpp"
#include "format/container/zip_stored.hpp"
#include "format/keras/match_groups.hpp"
#include "format/keras/version.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::string_view kConfig = "config.json";
constexpr std::string_view kMetadata = "metadata.json";
constexpr std::string_view kWeights = "model.weights.h5";
constexpr std::array<std::string_view, 5> kMembers = {kConfig, kMetadata, kWeights, "model.weights.npz",
                                                      "model.weights.json"};

bool is_known(std::string_view name) { return std::find(kMembers.begin(), kMembers.end(), name) != kMembers.end(); }

const ZipMember& required(const Zip& zip, std::string_view name) {
  const ZipMember* member = zip.find(name);
  if (member != nullptr) return *member;
  if (name == kWeights && zip.find("model.weights.npz") != nullptr) {
    fail(Errc::unsafe_content,
         "the weights are in model.weights.npz, which holds pickles: save the model with h5py installed");
  }
  if (name == kWeights && zip.find("model.weights.json") != nullptr) {
    fail(Errc::unsupported_feature, "the weights are in several files: save the model without sharding");
  }
  fail(Errc::malformed, "Keras archive without its member " + base::quoted(name));
}

Json json_of(const Zip& zip, std::string_view name, const Limits& limits) {
  const ZipMember& member = required(zip, name);
  if (member.size > limits.text_bytes) {
    fail(Errc::limit_exceeded, name, "size", "at most " + std::to_string(limits.text_bytes) + " bytes",
         std::to_string(member.size));
  }
  const std::vector<std::byte> bytes = zip.read(member);
  try {
    return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, {.bytes = limits.text_bytes});
  } catch (const Error& error) {
    throw base::with_prefix(error, name);
  }
}

std::string version_of(const Json& metadata) {
  const Json* version = metadata.find("keras_version");
  if (version == nullptr) fail(Errc::malformed, kMetadata, "keras_version is missing");
  return version->string(kMetadata);
}

/// Assets are vocabularies and the like: the layers that need them are refused by name.
void note_members(const Zip& zip, std::vector<std::string>& notes) {
  for (const ZipMember& member : zip.members()) {
    if (member.name != kWeights && member.name != kConfig && member.name != kMetadata) {
      notes.push_back("member " + base::quoted(member.name) + " of the archive was left aside");
    }
  }
}

void read_weights(const base::ByteSource& source, KerasNetwork& network, const LoadOptions& options,
                  std::vector<std::string>& notes) {
  const Hdf5 file(source, options.limits);
  KerasAssignment assignment(file, options.allow_unused);
  match_groups(file, network, assignment);
  assignment.finish(notes);
}

/// Damage is the news, whatever else the damaged bytes made of the file.
void read_stored(const base::ByteSource& source, const ZipMember& member, KerasNetwork& network,
                 const LoadOptions& options, std::vector<std::string>& notes) {
  StoredMember stored(source, member);
  try {
    read_weights(stored.source(), network, options, notes);
  } catch (const Error&) {
    stored.check();
    throw;
  }
  stored.check();
}

/// Stored, as Keras writes it, the member is read in place; compressed by another program, it is held whole.
void read_member(const base::ByteSource& source, const Zip& zip, KerasNetwork& network, const LoadOptions& options,
                 std::vector<std::string>& notes) {
  const ZipMember& member = required(zip, kWeights);
  try {
    if (member.stored) return read_stored(source, member, network, options, notes);
    const std::vector<std::byte> bytes = zip.read(member);
    read_weights(base::ByteSource::over(bytes), network, options, notes);
  } catch (const Error& error) {
    throw base::with_prefix(error, kWeights);
  }
}

}  // namespace

bool is_keras_archive(const base::ByteSource& source) {
  if (!is_zip(source)) return false;
  try {
    const std::vector<ZipEntry> entries = read_zip_entries(source, find_zip_directory(source));
    return std::any_of(entries.begin(), entries.end(), [](const ZipEntry& e) { return is_known(e.member.name); });
  } catch (const Error&) {
    return false;  // a broken archive: whoever takes it next says how
  }
}

Contents read_keras_archive(const base::ByteSource& source, const LoadOptions& options) {
  const Zip zip(source, options.limits.file_bytes);
  const std::string version = version_of(json_of(zip, kMetadata, options.limits));
  Contents contents;
  contents.format = "Keras archive";
  contents.notes.push_back("saved by Keras " + version);
  KerasNetwork network = read_keras_config(json_of(zip, kConfig, options.limits), keras_major(version), options.limits);
  note_members(zip, contents.notes);
  read_member(source, zip, network, options, contents.notes);
  contents.network = std::move(network.network);
  return contents;
}

}  // namespace lamina::format
