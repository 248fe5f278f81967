// JSON text -> the tree, or the Error with line and column: values, limits, and everything that JSON is not.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/json.hpp"

#include "support/catch.hpp"
#include "support/failure.hpp"

#include <cmath>
#include <string>

using namespace lamina;
using namespace lamina::test;
using format::Json;
using format::parse_json;

namespace {

std::string refusal(const std::string& text, const format::JsonLimits& limits = {}) {
  return failure([&] { (void)parse_json(text, limits); });
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("values keep their types, and members their order") {
  const Json json = parse_json(R"( {"b": [1, -2, 2.5, 1e2, true, null, "t"], "a": {}, "": ""} )");
  const format::JsonObject& members = json.object("x");
  REQUIRE(members.size() == 3);
  CHECK(members[0].first == "b");
  CHECK(members[1].first == "a");
  CHECK(members[2].first.empty());
  const format::JsonArray& list = json.find("b")->array("b");
  CHECK(list[0].integer("i") == 1);
  CHECK(list[1].integer("i") == -2);
  CHECK(list[2].number("n") == 2.5);
  CHECK(list[0].number("n") == 1.0);
  CHECK(failure([&] { (void)list[3].integer("units"); }) == "malformed: units: expected an integer, got a number");
  CHECK(list[4].boolean("b"));
  CHECK(list[5].is_null());
  CHECK(list[6].string("s") == "t");
  CHECK(json.find("a")->is_object());
  CHECK(json.find("c") == nullptr);
  CHECK(list[0].find("b") == nullptr);
}

TEST_CASE("typed access names the place and both types") {
  const Json json = parse_json(R"({"a": "x"})");
  CHECK(failure([&] { (void)json.array("layers"); }) == "malformed: layers: expected an array, got an object");
  CHECK(failure([&] { (void)json.string("name"); }) == "malformed: name: expected a string, got an object");
  CHECK(failure([&] { (void)json.find("a")->number("rate"); }) == "malformed: rate: expected a number, got a string");
  CHECK(failure([&] { (void)json.find("a")->boolean("b"); }) == "malformed: b: expected true or false, got a string");
  CHECK(failure([&] { (void)json.find("a")->object("o"); }) == "malformed: o: expected an object, got a string");
}

TEST_CASE("integers beyond 63 bits are kept, beyond 64 bits they are doubles") {
  CHECK(parse_json("9223372036854775807").integer("i") == 9223372036854775807);
  CHECK(parse_json("-9223372036854775808").integer("i") == -9223372036854775807 - 1);
  const Json large = parse_json("18446744073709551615");
  CHECK(std::get<std::uint64_t>(large.value) == 18446744073709551615U);
  CHECK(large.number("n") == 0x1p64);
  CHECK(failure([&] { (void)large.integer("i"); }).ends_with("got an integer beyond 63 bits"));
  CHECK(std::get<double>(parse_json("18446744073709551616").value) == 0x1p64);
  CHECK(std::signbit(parse_json("-0.0").number("n")));
}

TEST_CASE("strings are decoded") {
  CHECK(parse_json(R"("a\"\\\/\b\f\n\r\tA\u00e9\u20ac\ud83d\ude00")").string("s") ==
        "a\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST_CASE("an error has line and column") {
  CHECK(refusal("{\n  \"a\": 1,\n  \"b\": ]\n}").starts_with("malformed: JSON, line 3, column 8: "));
  CHECK(refusal("{\"a\": 1, \"a\": 2}") == "malformed: JSON, line 1, column 12: key 'a' occurs twice in one object");
  CHECK(refusal("[1,\n 2] x").starts_with("malformed: JSON, line 2, column 5: "));
}

TEST_CASE("equal keys are refused within one object, however they are written, and allowed in two") {
  CHECK(refusal(R"({"x": {"b": 1, "c": 2, "\u0062": 3}})").find("key 'b' occurs twice") != std::string::npos);
  CHECK(refusal(R"({"x": {"b": 1}, "y": {"b": 1}, "b": 1})") == "no error");
}

TEST_CASE("what Python writes for numbers that are not finite is refused by name") {
  for (const std::string word : {"NaN", "Infinity", "-Infinity"}) {
    CHECK(refusal("{\"max_value\": " + word + "}").find(word + " is no JSON number") != std::string::npos);
  }
  CHECK(refusal("[1e999]").find("number beyond the range of a double") != std::string::npos);
  CHECK(parse_json("1e-999").number("n") == 0.0);
}

TEST_CASE("what is no JSON is refused") {
  for (const std::string text :
       {"[1,]", "{\"a\":1,}",  "{a: 1}",  "{'a': 1}",  "[01]",        "[+1]",      "[.5]",
        "[1.]", "[0x10]",      "// c\n1", "/* c */ 1", "[1 2]",       "{\"a\" 1}", "1 2",
        "nul",  "[truefalse]", "\"\t\"",  "\"\\x41\"", "\"\\ud800\"", "]",         "\xef\xbb"}) {
    INFO(text);
    CHECK(refusal(text).starts_with("malformed: JSON, line "));
  }
  for (const std::string text : {"\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\""}) {
    CHECK(refusal(text).starts_with("malformed: JSON, line 1, column "));
  }
  using namespace std::string_literals;
  CHECK(refusal("{}\0garbage"s) == "malformed: JSON, line 1, column 3: NUL byte");
  CHECK(refusal("") == "truncated: JSON: is empty");
  for (const std::string text : {"[", "{\"a\"", "[1,", "\"abc", " "}) {
    INFO(text);
    CHECK(refusal(text).starts_with("truncated: JSON, line 1, column "));
  }
}

TEST_CASE("a message holds nothing of a long token") {
  const std::string message = refusal("[\"" + std::string(100'000, 'x') + "\n\"]");
  CHECK(message.size() < 300);
  CHECK(message.find("xxx") == std::string::npos);
}

TEST_CASE("each limit holds at its value and is an error beyond it") {
  CHECK(refusal(nested(64)) == "no error");
  CHECK(refusal(nested(65)) == "limit_exceeded: JSON, line 1, column 65: nested deeper than 64 levels");
  CHECK(refusal(std::string(1'000'000, '[')).starts_with("limit_exceeded: "));
  CHECK(refusal("[1,2,3]", {.values = 4}) == "no error");
  CHECK(refusal("[1,2,3]", {.values = 3}).find("more than 3 keys and elements") != std::string::npos);
  CHECK(refusal("[\"abc\"]", {.string_bytes = 3}) == "no error");
  CHECK(refusal("[\"abcd\"]", {.string_bytes = 3}).starts_with("limit_exceeded: "));
  CHECK(refusal("{\"abcd\":1}", {.string_bytes = 3}).starts_with("limit_exceeded: "));
  CHECK(refusal("[1]", {.bytes = 3}) == "no error");
  CHECK(refusal("[1] ", {.bytes = 3}) == "limit_exceeded: JSON: size: expected at most 3 bytes, got 4");
}

TEST_CASE("every beginning of a text and every changed bit of it give a tree or an error") {
  const std::string text =
      R"({"class_name": "Dense", "config": {"units": 64, "rate": 1.5e-3, "b": [true, null, "\u00e9"]}})";
  std::size_t refused = 0;
  for (std::size_t size = 0; size < text.size(); ++size) {
    if (refusal(text.substr(0, size)) != "no error") ++refused;
  }
  CHECK(refused == text.size());
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string changed = text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(refusal(changed).starts_with("internal"));
  }
}

TEST_CASE("json_string reads back as the same text") {
  using namespace std::string_literals;
  for (const std::string& text : {"fc1.weight"s, "a\"b\\c\n\t\x01\x7f"s, "\xc3\xa9\xf0\x9f\x98\x80"s, ""s}) {
    CHECK(parse_json(format::json_string(text)).string("s") == text);
  }
  CHECK(parse_json(format::json_string("\xff")).string("s") == "\xef\xbf\xbd");
}
