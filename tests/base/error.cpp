// Error and the ways to throw one: one line each, whatever text goes in.
// SPDX-License-Identifier: Apache-2.0
#include "base/fail.hpp"
#include "support/catch.hpp"
#include "support/failure.hpp"

#include <array>
#include <set>
#include <type_traits>

using namespace lamina;
using namespace lamina::test;

static_assert(std::is_copy_constructible_v<Error> && std::is_copy_assignable_v<Error>);
static_assert(std::is_base_of_v<std::exception, Error>);

TEST_CASE("fail puts place, what, expected and got into one line") {
  CHECK(failure([] { base::fail(Errc::io, "whole message"); }) == "io: whole message");
  CHECK(failure([] { base::fail(Errc::dtype, "tensor 'a'", "is odd"); }) == "dtype: tensor 'a': is odd");
  CHECK(failure([] { base::fail(Errc::shape_mismatch, "layer '0'", "weight", "[2]", "[3]"); }) ==
        "shape_mismatch: layer '0': weight: expected [2], got [3]");
}

TEST_CASE("a message stays one line, and so does each problem") {
  const Error error(Errc::malformed, "a\nb\rc\x7f", {"p\nq", "r"}, "excerpt\n  ^");
  CHECK(std::string(error.what()) == "a b c ");
  CHECK(error.problems() == std::vector<std::string>{"p q", "r"});
  CHECK(error.excerpt() == "excerpt\n  ^");
}

TEST_CASE("a copy of an error is equal and independent") {
  Error copy(Errc::io, "other");
  {
    const Error error(Errc::malformed, "message", {"problem"}, "excerpt");
    copy = error;
  }
  CHECK(copy.code() == Errc::malformed);
  CHECK(std::string(copy.what()) == "message");
  CHECK(copy.problems() == std::vector<std::string>{"problem"});
  CHECK(copy.excerpt() == "excerpt");
}

TEST_CASE("with_prefix goes before the message and each problem and keeps the rest") {
  const Error error = base::with_prefix(Error(Errc::dtype, "m", {"p", "q"}, "e"), "file.bin");
  CHECK(error.code() == Errc::dtype);
  CHECK(std::string(error.what()) == "file.bin: m");
  CHECK(error.problems() == std::vector<std::string>{"file.bin: p", "file.bin: q"});
  CHECK(error.excerpt() == "e");
}

TEST_CASE("every code has its own stable name and number") {
  std::set<std::string_view> names;
  for (int code = 1; code <= 14; ++code) names.insert(to_string(static_cast<Errc>(code)));
  CHECK(names.size() == 14);
  CHECK(names.count("unknown") == 0);
  CHECK(to_string(Errc::io) == "io");
  CHECK(to_string(Errc::shape_mismatch) == "shape_mismatch");
  CHECK(static_cast<int>(Errc::internal) == 14);
  CHECK(to_string(Errc::internal) == "internal");
  CHECK(to_string(static_cast<Errc>(0)) == "unknown");
  CHECK(to_string(static_cast<Errc>(99)) == "unknown");
}

TEST_CASE("quoted shows at most 64 bytes and escapes what is not printable ASCII") {
  CHECK(base::quoted("fc1.weight") == "'fc1.weight'");
  CHECK(base::quoted("") == "''");
  CHECK(base::quoted("a\n\x01\xc3\xa9") == "'a\\x0a\\x01\\xc3\\xa9'");
  CHECK(base::quoted(std::string(64, 'x')) == "'" + std::string(64, 'x') + "'");
  CHECK(base::quoted(std::string(65, 'x')) == "'" + std::string(64, 'x') + "...'");
}

TEST_CASE("did_you_mean proposes the closest name, or nothing") {
  constexpr std::array<std::string_view, 4> kNames = {"ReLU", "Sigmoid", "Softmax", "LeakyReLU"};
  const auto guess = [&](std::string_view name) { return base::did_you_mean(name, kNames.data(), kNames.size()); };
  CHECK(guess("Relu") == "; did you mean 'ReLU'?");
  CHECK(guess("Sigmod") == "; did you mean 'Sigmoid'?");
  CHECK(guess("LeakyRelu") == "; did you mean 'LeakyReLU'?");
  CHECK(guess("Conv2d").empty());
  CHECK(guess("").empty());
  CHECK(guess(std::string(10'000, 'R')).empty());
  CHECK(base::did_you_mean("x", nullptr, 0).empty());
}
