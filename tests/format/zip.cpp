// Zip archives in every form that Python, torch and numpy write, and each form that must be refused.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/zip_stored.hpp"
#include "format/zip_writer.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <limits>

using namespace lamina;
using namespace lamina::test;

namespace {

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

std::string content(const format::Zip& zip, const format::ZipMember& member) {
  const std::vector<std::byte> bytes = zip.read(member);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// "name=content;" of every member.
std::string listing(const std::string& archive, std::uint64_t total = kAny) {
  const base::ByteSource source = base::ByteSource::over(as_bytes(archive));
  const format::Zip zip(source, total);
  std::string text;
  for (const format::ZipMember& member : zip.members()) text += member.name + "=" + content(zip, member) + ";";
  return text;
}

std::string refusal(const std::string& archive, std::uint64_t total = kAny) {
  return failure([&] { (void)listing(archive, total); });
}
std::string refusal(const ZipMemberSpec& member) { return refusal(zip_of({member})); }

bool has(const std::string& text, std::string_view part) {
  UNSCOPED_INFO("looking for '" << part << "' in '" << text << "'");
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("stored and deflated members are read, directories are passed over") {
  const std::string text(5000, 'a');
  const std::string archive = zip_of({{.name = "a/", .content = ""},
                                      {.name = "a/b.json", .content = "{}"},
                                      {.name = "c", .content = text, .method = 8},
                                      {.name = "empty", .content = ""},
                                      {.name = "none", .content = "", .method = 8},
                                      {.name = "caf\xc3\xa9", .content = "x", .flags = 1U << 11}});
  CHECK(listing(archive) == "a/b.json={};c=" + text + ";empty=;none=;caf\xc3\xa9=x;");
  const base::ByteSource source = base::ByteSource::over(as_bytes(archive));
  const format::Zip zip(source, kAny);
  CHECK(format::is_zip(source));
  CHECK(zip.find("c")->size == 5000);
  CHECK(zip.find("a/") == nullptr);
  CHECK(zip.find("b") == nullptr);
  for (const format::ZipMember& member : zip.members()) CHECK(zip.find(member.name) == &member);
}

TEST_CASE("data descriptors of every form, zip64 and padded extra fields are read") {
  const std::string padding = std::string("FB") + '\4' + '\0' + "ZZZZ";
  for (const int descriptor : {0, 12, 16, 20, 24}) {
    for (const bool zip64 : {false, true}) {
      for (const int method : {0, 8}) {
        INFO(descriptor << " " << zip64 << " " << method);
        const ZipMemberSpec a = {.name = "a",
                                 .content = "first",
                                 .method = method,
                                 .descriptor = descriptor,
                                 .zip64 = zip64 && descriptor == 0,
                                 .extra = padding};
        const ZipMemberSpec b = {.name = "b", .content = "second", .method = method, .descriptor = descriptor};
        CHECK(listing(zip_of({a, b}, {.comment = "a comment", .zip64 = zip64})) == "a=first;b=second;");
      }
    }
  }
}

TEST_CASE("an archive without members is read and has none") {
  CHECK(listing(zip_of({})).empty());
  CHECK_FALSE(format::is_zip(base::ByteSource::over(as_bytes(zip_of({})))));
  CHECK_FALSE(format::is_zip(base::ByteSource::over({})));
}

TEST_CASE("a stored member is checked whatever was read of it before, and each byte is read once") {
  const std::string damage = "malformed: zip member 'b': is damaged: its CRC does not match";
  std::string large(1'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i >> 5);
  std::string archive = zip_of({{.name = "a", .content = "one"}, {.name = "b", .content = large}});
  const base::ByteSource bytes = base::ByteSource::over(as_bytes(archive));
  const format::Zip zip(bytes, kAny);
  const format::ZipMember& b = *zip.find("b");
  using Reads = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // offset, count
  // What check() has still to read is the last number: a read that meets an earlier one does not count.
  const std::vector<std::pair<Reads, std::uint64_t>> orders = {
      {{}, 1'000'000},
      {{{0, 1'000'000}}, 0},
      {{{0, 400'000}, {400'000, 600'000}}, 0},
      {{{500'000, 500'000}, {0, 500'000}}, 0},
      {{{999'999, 1}, {0, 1}, {300'000, 7}}, 999'991},
      {{{10, 90}, {10, 90}, {50, 10}}, 999'910},
      {{{10, 10}, {15, 10}, {5, 10}, {20, 5}, {5, 5}}, 999'980},
      {{{1'000'000, 0}}, 1'000'000}};
  for (const auto& [reads, rest] : orders) {
    std::uint64_t count = 0;
    const base::ByteSource source =
        bytes.part(0, bytes.size(), [&](std::uint64_t, std::span<const std::byte> piece) { count += piece.size(); });
    const auto read_and_check = [&, &reads = reads] {
      format::StoredMember member(source, b);
      for (const auto& [offset, size] : reads) {
        CHECK(member.source().read(offset, size) == bytes.read(b.data_offset + offset, size));
      }
      member.check();
    };
    CHECK(failure(read_and_check) == "no error");
    CHECK(count == rest);
    for (const std::size_t at : {0, 17, 300'003, 499'999, 500'000, 999'999}) {
      char& byte = archive[static_cast<std::size_t>(b.data_offset) + at];
      byte = static_cast<char>(byte ^ 1);
      CHECK(failure(read_and_check) == damage);
      byte = static_cast<char>(byte ^ 1);
    }
  }
  archive[static_cast<std::size_t>(b.data_offset) + 999'999] = 'y';
  CHECK(failure([&] { (void)zip.read(b); }) == damage);
}

TEST_CASE("an empty stored member has the CRC of nothing, and a compressed one has no bytes to read in place") {
  const std::string archive = zip_of({{.name = "a", .content = ""}, {.name = "b", .content = "bb", .method = 8}});
  const base::ByteSource source = base::ByteSource::over(as_bytes(archive));
  const format::Zip zip(source, kAny);
  CHECK(failure([&] { format::StoredMember(source, *zip.find("a")).check(); }) == "no error");
  CHECK(failure([&] { format::StoredMember(source, *zip.find("b")).check(); }) ==
        "internal: zip member 'b': is not stored");
}

TEST_CASE("names that two readers could take differently are refused") {
  CHECK(has(refusal(zip_of({{.name = "a", .content = "1"}, {.name = "a", .content = "2"}})), "'a': occurs twice"));
  for (const std::string name : {"../a", "a/../b", "..", "/etc/passwd", "a\\b", "a\nb"}) {
    CHECK(refusal(ZipMemberSpec{.name = name, .content = ""}).starts_with("unsafe_content: zip member "));
  }
  using namespace std::string_literals;
  CHECK(refusal(ZipMemberSpec{.name = "a\0b"s, .content = ""}).starts_with("unsafe_content: "));
  CHECK(has(refusal(ZipMemberSpec{.name = "\xff", .content = ""}), "is not UTF-8"));
  CHECK(has(refusal(ZipMemberSpec{.name = "", .content = ""}), "1 to 1024 bytes"));
  CHECK(has(refusal(ZipMemberSpec{.name = std::string(1025, 'n'), .content = ""}), "1 to 1024 bytes"));
  CHECK(listing(zip_of({{.name = "a..b/...", .content = "x"}})) == "a..b/...=x;");
}

TEST_CASE("what needs more than stored or deflate is refused") {
  for (const unsigned bit : {0U, 6U, 13U}) {
    CHECK(has(refusal(ZipMemberSpec{.name = "a", .content = "", .flags = 1U << bit}), "is encrypted"));
  }
  for (const unsigned bit : {4U, 5U, 12U, 15U}) {
    CHECK(refusal(ZipMemberSpec{.name = "a", .content = "", .flags = 1U << bit}).starts_with("unsupported_feature: "));
  }
  CHECK(has(refusal(ZipMemberSpec{.name = "a", .content = "", .method = 12}),
            "expected stored (0) or deflate (8), got 12"));
  CHECK(refusal(ZipMemberSpec{.name = "a", .content = "", .version = 51}).starts_with("unsupported_feature: "));
  CHECK(has(refusal(zip_of({}, {.disk = 1})), "split over several files"));
}

TEST_CASE("headers that differ are refused") {
  const ZipMemberSpec plain = {.name = "a", .content = "text"};
  ZipMemberSpec member = plain;
  member.local_name = "b";
  CHECK(has(refusal(member), "its local header and the directory differ"));
  member = plain;
  member.local_method = 8;
  CHECK(has(refusal(member), "its local header and the directory differ"));
  member = plain;
  member.local_size = 5;
  CHECK(has(refusal(member), "its local header and the directory differ"));
  member = plain;
  member.local_crc = 1;
  CHECK(has(refusal(member), "its local header and the directory differ"));
  member = plain;
  member.size = 5;
  CHECK(has(refusal(member), "its two sizes differ"));
  member = plain;
  member.crc = 1;
  CHECK(has(refusal(member), "its CRC does not match"));
  member = {.name = "a/", .content = "data"};
  CHECK(has(refusal(member), "is a directory with data"));
}

TEST_CASE("bytes that belong to no member are refused") {
  const ZipMemberSpec a = {.name = "a", .content = "text"};
  CHECK(has(refusal(zip_of({a}, {.prefix = "#!/bin/sh\n"})), "bytes were put in front"));
  CHECK(has(refusal(zip_of({a}, {.gap = "x"})), "does not lie directly before"));
  CHECK(refusal(zip_of({a}, {.tail = "x"})).starts_with("truncated: "));
  CHECK(
      has(refusal(zip_of({{.name = "a", .content = "text", .gap = "hidden"}})), "followed by bytes that belong to no"));
  CHECK(has(refusal(zip_of({{.name = "a", .content = "text", .descriptor = 16, .gap = "1234"}})), "data descriptor"));
  const std::string inner = zip_of({a});
  CHECK(has(refusal(zip_of({a}, {.comment = inner})), "two end records"));
}

TEST_CASE("members that overlap are refused") {
  const std::string inner = zip_of({{.name = "in", .content = "x"}});
  CHECK(
      has(refusal(zip_of({{.name = "a", .content = "x"}, {.name = "b", .content = "y", .local_offset = 0}})), "zip "));
  ZipWriter writer;  // "b" lies within the data of "a"
  writer.add({.name = "a", .content = inner + "tail"});
  writer.add({.name = "in", .content = "x", .local_offset = 31});
  CHECK(has(refusal(writer.done()), "overlap"));
}

TEST_CASE("directories that contradict themselves are refused") {
  const ZipMemberSpec a = {.name = "a", .content = "text"};
  CHECK(has(refusal(zip_of({a}, {.entries = 2})), "number of members: expected 2, got 1"));
  CHECK(has(refusal(zip_of({a}, {.zip64 = true, .end_entries = 2})), "of the zip64 end record differ"));
  CHECK(has(refusal(zip_of({a}, {.directory_offset = 0})), "does not lie directly before"));
  CHECK(has(refusal(zip_of({a}, {.end_entries = 0xFFFF})), "needs a zip64 end record"));
  CHECK(refusal("PK\3\4").starts_with("truncated: "));
  CHECK(has(refusal("no archive at all, but long enough"), "has neither start nor end"));
}

TEST_CASE("sizes that data cannot have are refused before memory is asked for") {
  const std::string zeros(3 << 20, '\0');
  CHECK(has(refusal(ZipMemberSpec{.name = "a", .content = zeros, .method = 8}), "compressed more than 100 times"));
  CHECK(has(
      refusal(ZipMemberSpec{.name = "a", .content = "x", .method = 8, .zip64 = true, .size = std::uint64_t{1} << 62}),
      "a size that its data cannot give"));
  const std::vector<ZipMemberSpec> two = {{.name = "a", .content = "12345"}, {.name = "b", .content = "67890"}};
  CHECK(refusal(zip_of(two), 10) == "no error");
  CHECK(refusal(zip_of(two), 9) == "limit_exceeded: zip archive: uncompressed size: expected at most 9 bytes, got 10");
}

TEST_CASE("deflated data that end early, late or not at all are refused") {
  const std::string text = "some text, some text, some text";
  const std::string data = deflated(text);
  const auto with = [&](std::string bytes, std::uint64_t size) {
    return refusal(ZipMemberSpec{.name = "a", .content = text, .method = 8, .data = std::move(bytes), .size = size});
  };
  CHECK(with(data, text.size()) == "no error");
  CHECK(has(with(data, text.size() - 1), "damaged or too long"));
  CHECK(has(with(data, text.size() + 1), "end too early"));
  CHECK(has(with(data.substr(0, data.size() - 3), text.size()), "end too early"));
  CHECK(has(with(data + "x", text.size()), "bytes follow its compressed data"));
  CHECK(has(with(std::string(20, '\xff'), text.size()), "damaged"));
  CHECK(has(with("", text.size()), "a"));
}

TEST_CASE("every beginning of an archive is an error, and every changed bit an error or the same contents") {
  const std::vector<ZipMemberSpec> members = {
      {.name = "a.json", .content = "{\"a\": 1}"},
      {.name = "b", .content = "bbbbbbbbbbbbbbbbbb", .method = 8, .descriptor = 16},
      {.name = "c", .content = "ccc", .zip64 = true}};
  const std::string archive = zip_of(members, {.zip64 = true});
  const std::string expected = listing(archive);
  for (std::size_t size = 0; size < archive.size(); ++size) CHECK(refusal(archive.substr(0, size)) != "no error");
  std::size_t same = 0;
  for (std::size_t bit = 0; bit < 8 * archive.size(); ++bit) {
    std::string changed = archive;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    try {
      if (listing(changed) != expected) FAIL("bit " << bit << " changes what is read");
      ++same;
    } catch (const Error& error) {
      CHECK(error.code() != Errc::internal);
    }
  }
  CHECK(same < 8 * archive.size() / 3);  // dates, attributes, versions
}
