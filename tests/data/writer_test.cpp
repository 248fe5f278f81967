// Rows -> files: what is written, that it reads back to the bit, and that a failure leaves nothing behind.
// SPDX-License-Identifier: Apache-2.0
#include "data/files.hpp"
#include "data/numpy_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace lamina::test {
namespace {

std::string written(const Folder& folder, std::string_view name, const Shape& row, const std::vector<float>& values) {
  data::Writer writer(folder / name, row);
  writer.write(values);
  writer.finish();
  return content_of(folder / name);
}

TEST_CASE("each text format has its exact form") {
  const Folder folder;
  const std::vector<float> values = {1, -2.5F, kNaN, 0.1F, kInf, -0.0F};
  CHECK(written(folder, "y.csv", {3}, values) == "1,-2.5,nan\n0.1,inf,-0\n");
  CHECK(written(folder, "y", {3}, values) == "1,-2.5,nan\n0.1,inf,-0\n");
  CHECK(written(folder, "y.json", {3}, values) == "[[1,-2.5,null],\n[0.1,null,-0]]\n");
  CHECK(written(folder, "y.jsonl", {3}, values) == "[1,-2.5,null]\n[0.1,null,-0]\n");
  CHECK(written(folder, "y.csv", {1, 3}, values) == "1,-2.5,nan\n0.1,inf,-0\n");
  CHECK(written(folder, "y.json", {3, 1}, values) == "[[[1],[-2.5],[null]],\n[[0.1],[null],[-0]]]\n");
  CHECK(written(folder, "y.jsonl", {1, 3, 2}, values) == "[[[1,-2.5],[null,0.1],[null,-0]]]\n");
  CHECK(written(folder, "y.jsonl", {}, {1, 2}) == "[1]\n[2]\n");
  CHECK(written(folder, "y.json", {3}, {}) == "[]\n");
  CHECK(written(folder, "y.csv", {3}, {}).empty());
}

TEST_CASE("npy is what numpy reads, with room for any number of rows in its header") {
  const Folder folder;
  CHECK(written(folder, "y.npy", {3}, {1, 2, 3, 4, 5, 6}) == kNumpySave);
  const std::string empty = written(folder, "y.npy", {3}, {});
  CHECK(empty.size() == 128);
  CHECK(holds(empty, "'shape': (0, 3), }"));
  CHECK(holds(written(folder, "y.npy", {}, {1, 2}), "'shape': (2,), }"));
  CHECK(holds(written(folder, "y.npy", {1, 2}, {1, 2}), "'shape': (1, 1, 2), }"));
  Shape row;
  for (std::size_t rank = 0; rank < 8; ++rank) {  // from 128 to 192 bytes
    CHECK(written(folder, "y.npy", row, {}).size() % 64 == 0);
    row.push_back(100);
  }
}

TEST_CASE("random rows read back to the bit from every format") {
  const Folder folder;
  std::mt19937 random(7);
  std::vector<float> values;
  while (values.size() < 6 * 5000) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(value)) values.push_back(value);
  }
  for (const char* name : {"y.csv", "y.json", "y.jsonl", "y.npy"}) {
    INFO(name);
    data::Writer writer(folder / name, {2, 3});
    for (std::size_t row = 0, count = 1; row < 5000; row += count, count = std::min(count * 2, 5000 - row)) {
      writer.write(std::span(values).subspan(row * 6, count * 6));
    }
    writer.finish();
    data::Reader reader(folder / name);
    CHECK(reader.row_shape() == (std::string_view(name) == "y.csv" ? Shape{6} : Shape{2, 3}));
    CHECK(same(all_rows(reader, 100), values));
  }
}

TEST_CASE("the format asked for beats the suffix") {
  const Folder folder;
  data::Writer writer(folder / "y.csv", {2}, {data::Format::jsonl});
  writer.write(std::vector<float>{1, 2});
  writer.finish();
  CHECK(content_of(folder / "y.csv") == "[1,2]\n");
}

TEST_CASE("until finish() the old file stands, and without it the new one goes") {
  const Folder folder;
  for (const char* name : {"y.csv", "y.npy"}) {
    folder.put(name, "old");
    {
      data::Writer writer(folder / name, {2});
      writer.write(std::vector<float>(200'000));
      CHECK(content_of(folder / name) == "old");
    }
    CHECK(content_of(folder / name) == "old");
  }
  CHECK(folder.files() == 2);
  { data::Writer abandoned(folder / "new.json", {2}); }
  CHECK(folder.files() == 2);
}

TEST_CASE("calls and options that make no sense are errors") {
  const Folder folder;
  CHECK(holds(error_of([&] { data::Writer(folder / "y.npz", {2}); }), "unsupported_feature: "));
  CHECK(holds(error_of([&] { data::Writer(folder / "y.csv", {2}, {data::Format::npz}); }), "unsupported_feature: "));
  CHECK(holds(error_of([&] { data::Writer(folder / "y.csv", {2, 0}); }), "shape_mismatch: "));
  CHECK(holds(error_of([&] { data::Writer(folder / "y.csv", {-1}); }), "shape_mismatch: "));
  data::Writer writer(folder / "y.csv", {2});
  CHECK(holds(error_of([&] { writer.write(std::vector<float>(3)); }), "a multiple of 2 numbers, got 3"));
  writer.finish();
  writer.finish();
  CHECK(holds(error_of([&] { writer.write(std::vector<float>(2)); }), "after finish()"));
  CHECK(content_of(folder / "y.csv").empty());
}

TEST_CASE("a declared number of rows must be the number written") {
  const Folder folder;
  data::Writer writer(folder / "y.npy", {2}, {}, 3);
  writer.write(std::vector<float>(4));
  CHECK(holds(error_of([&] { writer.finish(); }), "number of rows: expected 3, got 2"));
  CHECK_FALSE(std::filesystem::exists(folder / "y.npy"));
}

TEST_CASE("a folder that is missing or may not be written is an io error") {
  const Folder folder;
  CHECK(holds(error_of([&] { data::Writer(folder / "missing/y.csv", {2}); }), "io: "));
  if (::geteuid() == 0) return;  // nothing is forbidden to root
  std::filesystem::create_directory(folder / "locked");
  std::filesystem::permissions(folder / "locked", std::filesystem::perms::owner_read);
  CHECK(holds(error_of([&] { data::Writer(folder / "locked/y.csv", {2}); }), "io: "));
}

TEST_CASE("a full device and a pipe without a reader are io errors") {
  const Folder folder;
  for (const data::Format format : {data::Format::csv, data::Format::npy}) {
    CHECK(holds(error_of([&] {
                  data::Writer writer("/dev/full", {2}, {format}, 100'000);
                  writer.write(std::vector<float>(200'000));
                  writer.finish();
                }),
                "io: "));
  }
  const auto previous = std::signal(SIGPIPE, SIG_IGN);  // the host's to decide: lamina installs no handler
  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::thread reader([&] { const std::ifstream opened(pipe); });
  CHECK(holds(error_of([&] {
                data::Writer writer(pipe, {2});
                reader.join();
                writer.write(std::vector<float>(200'000, 0.5F));
                writer.finish();
              }),
              "io: "));
  std::signal(SIGPIPE, previous);
}

TEST_CASE("a pipe is written straight; npy needs its number of rows for that") {
  const Folder folder;
  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string got;
  std::thread reader([&] { got = content_of(pipe); });
  {
    data::Writer writer(pipe, {3}, {data::Format::npy}, 2);
    writer.write(std::vector<float>{1, 2, 3, 4, 5, 6});
    writer.finish();
  }
  reader.join();
  CHECK(got == kNumpySave);
  std::thread other([&] { got = content_of(pipe); });
  CHECK(holds(error_of([&] { data::Writer(pipe, {3}, {data::Format::npy}); }), "number of rows"));
  other.join();
}

}  // namespace
}  // namespace lamina::test
