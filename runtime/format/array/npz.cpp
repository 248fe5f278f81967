// One array of an npz archive -> rows of float32: streamed where it is stored, held where it is compressed.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "format/array/row_source.hpp"
#include "format/container/zip_stored.hpp"

#include <limits>
#include <utility>

namespace lamina::format {
namespace {

constexpr std::string_view kSuffix = ".npy";
constexpr std::uint64_t kMostInflatedBytes = std::uint64_t{1} << 30;

std::string listed(const std::vector<std::string_view>& arrays) {
  constexpr std::size_t kMost = 8;
  std::string text;
  for (std::size_t i = 0; i < arrays.size() && i < kMost; ++i) text += (i ? ", " : "") + base::quoted(arrays[i]);
  return text + (arrays.size() > kMost ? ", ..." : "");
}

const ZipMember& choose(const std::string& name, const Zip& zip, const std::string& array) {
  std::vector<std::string_view> arrays;
  const ZipMember* chosen = nullptr;
  for (const ZipMember& member : zip.members()) {
    const std::string_view file = member.name;
    if (!file.ends_with(kSuffix)) continue;
    arrays.push_back(file.substr(0, file.size() - kSuffix.size()));
    if (array.empty() || array == arrays.back() || array == file) chosen = &member;
  }
  if (arrays.empty()) base::fail(Errc::malformed, name, "is a zip archive without arrays (.npy), so no npz file");
  if (array.empty() && arrays.size() > 1) {
    base::fail(Errc::invalid_argument, name, "has several arrays: choose one of " + listed(arrays));
  }
  if (!chosen) {
    base::fail(Errc::invalid_argument, name, "has no array " + base::quoted(array) + ": it has " + listed(arrays));
  }
  return *chosen;
}

ByteStream open_member(std::string name, const ByteStream::Held& held, const Zip& zip, const ZipMember& member) {
  if (member.stored) {
    StoredMember(*held.source, member).check();  // before its first row is handed out
    return {std::move(name), held.source, member.data_offset, member.size};
  }
  if (member.size > kMostInflatedBytes) {
    base::fail(Errc::limit_exceeded, name, "compressed array", "at most 1 GiB (numpy.savez stores without compression)",
               std::to_string(member.size) + " bytes");
  }
  return {std::move(name), hold_bytes(zip.read(member)), 0, member.size};
}

}  // namespace

std::unique_ptr<RowSource> open_npz(ByteStream stream, const std::string& array) {
  const ByteStream::Held held = stream.hold();
  // Stored members are never held, so only their file bounds them; inflated ones are checked one by one.
  const Zip zip(*held.source, std::numeric_limits<std::uint64_t>::max());
  const ZipMember& member = choose(stream.name(), zip, array);
  return open_npy(open_member(stream.name() + "(" + member.name + ")", held, zip, member));
}

}  // namespace lamina::format
