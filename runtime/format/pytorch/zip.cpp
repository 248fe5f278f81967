// A zip archive of torch.save -> its pickle and storages: every member is accounted for.
// SPDX-License-Identifier: Apache-2.0
#include "base/checked.hpp"
#include "base/fail.hpp"
#include "format/pytorch/file.hpp"
#include "format/pytorch/script.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace lamina::format {
namespace {

using base::fail;

constexpr std::string_view kPickle = "data.pkl";
constexpr std::string_view kStorages = "data/";
constexpr std::size_t kListed = 5;
/// Beside the pickle and the storages: what versions of torch write.
constexpr std::array<std::string_view, 4> kExtra = {"version", "byteorder", ".format_version", ".storage_alignment"};

std::string text_of(const Zip& zip, const ZipMember& member) {
  if (member.size > 64) fail(Errc::limit_exceeded, base::quoted(member.name), "more than 64 bytes");
  const std::vector<std::byte> bytes = zip.read(member);
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

/// "archive/": the folder that torch puts everything in.
std::string root_of(const Zip& zip) {
  for (const ZipMember& member : zip.members()) {
    const std::size_t slash = member.name.find('/');
    if (slash != std::string::npos && std::string_view(member.name).substr(slash + 1) == kPickle) {
      return member.name.substr(0, slash + 1);
    }
  }
  return {};
}

/// An archive that is none of torch.save: says what it is, as far as the names tell.
[[noreturn]] void refuse_archive(const Zip& zip) {
  const auto& all = zip.members();
  const auto is_array = [](const ZipMember& member) { return member.name.ends_with(".npy"); };
  if (!all.empty() && std::all_of(all.begin(), all.end(), is_array)) {
    fail(Errc::unsupported_feature, "arrays of numpy (npz), which are input and no model");
  }
  std::string listed, inner;
  std::size_t shown = 0;
  for (const ZipMember& member : zip.members()) {
    const std::string_view name = member.name;
    if (shown++ < kListed) listed += (listed.empty() ? "" : ", ") + base::quoted(name);
    const bool weights = name.ends_with(".pth") || name.ends_with(".pt");
    if (weights && inner.size() < 256) inner += (inner.empty() ? "" : " or ") + base::quoted(name);
  }
  if (shown > kListed) listed += ", ...";
  std::string message = "zip archive without NAME/data.pkl, so not written by torch.save; it holds " + listed;
  if (!inner.empty()) message += "; unpack it and load " + inner;
  fail(Errc::unsupported_feature, message);
}

bool is_torchscript(const Zip& zip, const std::string& root) {
  const auto& members = zip.members();
  return std::any_of(members.begin(), members.end(), [&](const ZipMember& member) {
    return member.name == root + "constants.pkl" || member.name.starts_with(root + "code/");
  });
}

void check_version(const Zip& zip, const std::string& root) {
  const ZipMember* version = zip.find(root + "version");
  if (version == nullptr) fail(Errc::malformed, "zip archive of torch without a member 'version'");
  const std::string text = text_of(zip, *version);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < 2 || number > 10) {
    fail(Errc::unsupported_feature, "version", "container version", "2 to 10", base::quoted(text));
  }
  const ZipMember* order = zip.find(root + "byteorder");
  const std::string bytes = order == nullptr ? "little" : text_of(zip, *order);
  if (bytes != "little") {
    fail(Errc::unsupported_feature, "byteorder", "order of bytes",
         "'little' (load the file with torch on a little-endian machine and save it again)", base::quoted(bytes));
  }
}

/// What TorchScript keeps beside the attributes: code, its constants, example inputs, the user's files.
bool is_program(std::string_view name) {
  constexpr std::array<std::string_view, 6> kFolders = {"code/",          "constants.pkl",     "constants/",
                                                        "traced_inputs/", "traced_inputs.pkl", "extra/"};
  return std::any_of(kFolders.begin(), kFolders.end(),
                     [&](std::string_view folder) { return name.starts_with(folder); });
}

/// No member may be there that nothing refers to: what two readers could see differently is refused.
void check_members(const Zip& zip, const std::string& root, const TorchFile& file) {
  for (const ZipMember& member : zip.members()) {
    std::string_view name = member.name;
    if (!name.starts_with(root)) {
      fail(Errc::malformed, base::quoted(name), "member outside the folder " + base::quoted(root));
    }
    name.remove_prefix(root.size());
    const bool known =
        name == kPickle || name.starts_with(".data/") || std::find(kExtra.begin(), kExtra.end(), name) != kExtra.end();
    const bool storage = name.starts_with(kStorages) && file.storages.contains(name.substr(kStorages.size()));
    if (!known && !storage && !(file.script && is_program(name)))
      fail(Errc::malformed, base::quoted(member.name), "member that data.pkl does not refer to");
  }
}

void place_storages(const Zip& zip, const std::string& root, TorchStorages& storages) {
  const std::string folder = root + std::string(kStorages);
  for (auto& [key, storage] : storages) {
    const std::string name = folder + key;
    storage.member = zip.find(name);
    if (storage.member == nullptr) fail(Errc::truncated, base::quoted(name), "storage is missing");
    if (!storage.member->stored) {
      fail(Errc::unsupported_feature, base::quoted(name), "compressed storage; torch.save stores them as they are");
    }
    const std::uint64_t bytes = (base::CheckedU64(storage.count) * storage.type->bytes).value();
    if (bytes != storage.member->size) {
      fail(Errc::malformed, base::quoted(name), "size",
           std::to_string(storage.count) + " elements of " + std::string(storage.type->dtype),
           std::to_string(storage.member->size) + " bytes");
    }
    storage.begin = storage.member->data_offset;
  }
}

}  // namespace

TorchFile open_torch_zip(const base::ByteSource& source, const Limits& limits) {
  TorchFile file{.container = "zip", .pickle = {}, .graph = {}, .storages = {}, .zip = {}, .script = false};
  file.zip.emplace(source, limits.file_bytes);
  const Zip& zip = *file.zip;
  const std::string root = root_of(zip);
  if (root.empty()) refuse_archive(zip);
  check_version(zip, root);
  const ZipMember& pickle = *zip.find(root + std::string(kPickle));
  if (pickle.size > PickleLimits{}.bytes) fail(Errc::limit_exceeded, kPickle, "more than 64 MiB");
  file.pickle = zip.read(pickle);
  file.script = is_torchscript(zip, root);
  file.graph = run_pickle(file.pickle, kPickle, file.script ? kScriptNames : kTorchNames);
  file.storages = declared_storages(file.graph);
  check_members(zip, root, file);
  place_storages(zip, root, file.storages);
  return file;
}

}  // namespace lamina::format
