// The pickle machine: every opcode, every way each can be misused, and the limits.
// SPDX-License-Identifier: Apache-2.0
#include "format/container/pickle.hpp"

#include "support/catch.hpp"
#include "support/pickle_writer.hpp"

#include <lamina/error.hpp>

#include <functional>
#include <set>
#include <string>

namespace {

using namespace lamina::format;
using namespace std::string_literals;
using lamina::Errc;
using lamina::Error;
using lamina::test::as_bytes;
using lamina::test::little_endian;
using lamina::test::PickleWriter;

std::optional<PickleRole> resolve(std::string_view module, std::string_view name) {
  if (module == "collections" && name == "OrderedDict") return PickleRole::ordered_dict;
  if (module == "builtins" && name == "set") return PickleRole::set;
  if (module == "torch" && name == "Size") return PickleRole::size;
  if (module == "m" && name == "function") return PickleRole::function;
  if (module == "m" && name == "Class") return PickleRole::module_class;
  if (module == "m" && name == "constant") return PickleRole::constant;
  return std::nullopt;
}

void refuse(std::string_view place, const std::vector<std::string>& unknown) {
  std::string names;
  for (const std::string& name : unknown) names += " " + name;
  throw Error(Errc::unsafe_content, std::string(place) + ": refused" + names);
}

constexpr PickleNames kNames = {resolve, refuse};

PickleGraph run(const std::string& bytes, const PickleLimits& limits = {}) {
  return run_pickle(as_bytes(bytes), "p", kNames, limits);
}

/// "code: message" of the error, or "no error".
std::string error_of(const std::string& bytes, const PickleLimits& limits = {}) {
  try {
    (void)run(bytes, limits);
  } catch (const Error& error) {
    return std::string(to_string(error.code())) + ": " + error.what();
  }
  return "no error";
}

bool fails(const std::string& bytes, std::string_view code, std::string_view part, const PickleLimits& limits = {}) {
  const std::string error = error_of(bytes, limits);
  INFO(error);
  CHECK(error.find(code) == 0);
  CHECK(error.find(part) != std::string::npos);
  return error.find(code) == 0 && error.find(part) != std::string::npos;
}

/// The pickle of one object, written by `write`.
std::string pickle(const std::function<void(PickleWriter&)>& write) {
  PickleWriter writer;
  write(writer);
  return writer.done();
}

}  // namespace

TEST_CASE("numbers, strings, None and booleans come out as they went in") {
  const auto number = [](const std::string& code) {
    const std::string bytes = pickle([&](PickleWriter& w) { w.op(code); });
    const PickleGraph graph = run(bytes);
    REQUIRE(graph.at(graph.root()).kind == PickleKind::integer);
    return graph.at(graph.root()).integer;
  };
  CHECK(number("K\xff") == 255);
  CHECK(number("M\xff\xff") == 65535);
  CHECK(number("J\xff\xff\xff\xff") == -1);
  CHECK(number(std::string("J\0\0\0\x80", 5)) == -2147483648LL);
  CHECK(number(std::string("\x8a\0", 2)) == 0);
  CHECK(number("\x8a\x01\xff") == -1);
  CHECK(number(std::string("\x8a\x02\xff\0", 4)) == 255);
  CHECK(number("\x8a\x08" + little_endian(std::uint64_t{1} << 63, 8)) == std::numeric_limits<std::int64_t>::min());

  const std::string real = pickle([](PickleWriter& w) { w.real(-0.1); });
  CHECK(run(real).at(run(real).root()).real == -0.1);
  const std::string text = pickle([](PickleWriter& w) { w.text("h\xc3\xa9"); });
  CHECK(run(text).at(run(text).root()).text == "h\xc3\xa9");
  const std::string python2 = pickle([](PickleWriter& w) { w.op("U\x02").op("ab"); });
  CHECK(run(python2).at(run(python2).root()).text == "ab");
  CHECK(run(pickle([](PickleWriter& w) { w.none(); })).root() == kPickleNone);
  const PickleGraph truth = run(pickle([](PickleWriter& w) { w.boolean(true); }));
  CHECK(truth.at(truth.root()).kind == PickleKind::boolean);
  CHECK(truth.at(truth.root()).integer == 1);
}

TEST_CASE("tuples, lists, sets and dicts keep their items in order") {
  const std::string bytes = pickle([](PickleWriter& w) {
    w.op("](");
    w.op(")").mark().integer(1).integer(2).integer(3).integer(4).tuple();
    w.integer(5).op("\x85").integer(5).integer(6).op("\x86").integer(5).integer(6).integer(7).op("\x87");
    w.op("]").integer(11).op("a").mark().integer(12).integer(13).op("e");
    w.op("}").text("k").integer(14).op("s").mark().integer(7).text("v").items();
    w.global("builtins", "set").op("]").integer(15).op("a\x85").reduce().op("\x8f");
    w.global("torch", "Size").integers({16, 17}).op("\x85").reduce();
    w.op("e");
  });
  struct Expected {
    PickleKind kind;
    std::vector<std::int64_t> numbers;  // of the items; 0 for those that are none
  };
  const std::vector<Expected> expected = {
      {PickleKind::tuple, {}},           {PickleKind::tuple, {1, 2, 3, 4}}, {PickleKind::tuple, {5}},
      {PickleKind::tuple, {5, 6}},       {PickleKind::tuple, {5, 6, 7}},    {PickleKind::list, {11, 12, 13}},
      {PickleKind::dict, {0, 14, 7, 0}}, {PickleKind::set, {15}},           {PickleKind::set, {}},
      {PickleKind::tuple, {16, 17}},
  };
  const PickleGraph graph = run(bytes);
  const auto root = graph.items(graph.root());
  REQUIRE(root.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("item " << i << ": " << graph.describe(root[i]));
    std::vector<std::int64_t> numbers;
    for (const ObjectId id : graph.items(root[i])) numbers.push_back(graph.at(id).integer);
    CHECK(graph.at(root[i]).kind == expected[i].kind);
    CHECK(numbers == expected[i].numbers);
  }
}

TEST_CASE("a dict finds by key, and an OrderedDict says so") {
  const std::string bytes = pickle([](PickleWriter& w) {
    w.ordered_dict().mark().text("a").integer(1).integer(2).integer(3).items().text("b").none().op("s");
  });
  const PickleGraph graph = run(bytes);
  CHECK(graph.at(graph.root()).ordered);
  REQUIRE(graph.find(graph.root(), "a"));
  CHECK(graph.at(*graph.find(graph.root(), "a")).integer == 1);
  CHECK(graph.find(graph.root(), "b") == kPickleNone);
  CHECK_FALSE(graph.find(graph.root(), "c"));
  CHECK_FALSE(graph.find(*graph.find(graph.root(), "a"), "a"));
}

TEST_CASE("Python 2 fills an OrderedDict from a list of pairs") {
  const std::string bytes = pickle([](PickleWriter& w) {
    w.global("collections", "OrderedDict").op("](](").text("x").integer(4).op("e").text("y").integer(5).op("\x86");
    w.op("e\x85").reduce();
  });
  const PickleGraph graph = run(bytes);
  CHECK(graph.at(graph.root()).ordered);
  CHECK(graph.items(graph.root()).size() == 4);
  CHECK(graph.at(*graph.find(graph.root(), "y")).integer == 5);
  fails(pickle([](PickleWriter& w) { w.global("collections", "OrderedDict").op("]").integer(1).op("a\x85").reduce(); }),
        "malformed", "expected a pair");
  fails(pickle([](PickleWriter& w) { w.global("collections", "OrderedDict").integer(1).op("\x85").reduce(); }),
        "malformed", "list of pairs");
}

TEST_CASE("calls and objects are recorded, never made") {
  const std::string bytes = pickle([](PickleWriter& w) {
    w.global("m", "function").integers({1}).reduce();
    w.global("m", "Class").op(")\x81").dict().text("a").integer(2).op("s").build().op("\x86");
  });
  const PickleGraph graph = run(bytes);
  const auto items = graph.items(graph.root());
  CHECK(graph.is(items[0], PickleKind::call, "m", "function"));
  CHECK(graph.items(graph.at(items[0]).argument).size() == 1);
  CHECK(graph.is(items[1], PickleKind::instance, "m", "Class"));
  CHECK(graph.at(*graph.find(graph.at(items[1]).state, "a")).integer == 2);
  CHECK(graph.describe(items[0]) == "the result of m.function");
  CHECK(graph.describe(items[1]) == "an object of m.Class");
}

TEST_CASE("the memo gives back the same object, and its cycles do no harm") {
  const std::string bytes = pickle([](PickleWriter& w) { w.op("]q\x01").op("h\x01").op("a").get(1).op("a"); });
  const PickleGraph graph = run(bytes);
  REQUIRE(graph.items(graph.root()).size() == 2);
  CHECK(graph.items(graph.root())[0] == graph.root());
}

TEST_CASE("persistent ids become storages, and modules of old torch their class") {
  const std::string bytes = pickle([](PickleWriter& w) {
    w.text("storage").op("\x85Q");
    w.mark().text("module").global("m", "Class").text("file.py").text("source").tuple().op("Q)\x81\x86");
  });
  const PickleGraph graph = run(bytes);
  const auto items = graph.items(graph.root());
  CHECK(graph.at(items[0]).kind == PickleKind::storage);
  CHECK(graph.storages() == std::vector<ObjectId>{items[0]});
  CHECK(graph.is(items[1], PickleKind::instance, "m", "Class"));
  fails(pickle([](PickleWriter& w) { w.text("other").op("\x85Q"); }), "malformed", "'storage' or 'module'");
  fails(pickle([](PickleWriter& w) { w.op(")Q"); }), "malformed", "persistent id: expected a tuple");
  fails(pickle([](PickleWriter& w) { w.integer(1).op("Q"); }), "malformed", "persistent id: expected a tuple");
  fails(pickle([](PickleWriter& w) { w.mark().text("module").none().none().none().tuple().op("Q"); }), "malformed",
        "expected a class");
}

TEST_CASE("every opcode outside the list is refused by name") {
  const std::set<int> accepted = {0x80, '.',  '(',  'c', 'R', 0x81, 'b', '}', ']',  ')',  0x8f, 't',
                                  0x85, 0x86, 0x87, 's', 'u', 'a',  'e', 'N', 0x88, 0x89, 'J',  'K',
                                  'M',  0x8a, 'G',  'X', 'U', 'Q',  'q', 'r', 'h',  'j'};
  for (int byte = 0; byte < 256; ++byte) {
    if (accepted.contains(byte)) continue;
    INFO("opcode " << byte);
    fails(std::string("\x80\x02") + static_cast<char>(byte), "unsafe_content",
          pickle_opcode_name(static_cast<std::uint8_t>(byte)));
  }
  CHECK(pickle_opcode_name(0x93) == "STACK_GLOBAL (0x93)");
  CHECK(pickle_opcode_name('i') == "INST (0x69)");
  CHECK(pickle_opcode_name(0xff) == "0xff");
}

TEST_CASE("a pickle that ends within any operand is truncated") {
  for (const std::string& code :
       {"K"s, "M\1"s, "J\1\2\3"s, "\x8a"s, "\x8a\x02\x01"s, "G\1\2\3\4\5\6\7"s, "X\1"s, "X\2\0\0\0a"s, "U"s, "U\2a"s,
        "cm"s, "cm\nn"s, "q"s, "r\1\2\3"s, "h"s, "j\1\2\3"s, ""s}) {
    INFO(code);
    fails("\x80\x02" + code, "truncated", "p at byte 2");
  }
  fails("\x80", "truncated", "p at byte 0");
  fails("", "truncated", "p at byte 0");
  fails("\x80\x02X" + little_endian(0xffffffff, 4), "limit_exceeded", "string");
  fails("\x80\x02\x8a\x0b" + std::string(11, '1') + ".", "limit_exceeded", "LONG1");
}

TEST_CASE("opcodes on an empty stack, or across a MARK, are refused") {
  for (const std::string& code :
       {"R"s, "\x81"s, "b"s,         "s"s,  "u"s,  "a"s,   "e"s,      "t"s,    "\x85"s, "\x86"s, "\x87"s,
        "Q"s, "q\1"s,  "r\1\0\0\0"s, "(u"s, "(e"s, "N(a"s, "N(\x85"s, "NN(R"s, "(."s,   "."s,    "NN."s}) {
    INFO(code);
    fails("\x80\x02" + code, "malformed", "p at byte");
  }
}

TEST_CASE("opcodes on the wrong kind of object are refused") {
  fails(pickle([](PickleWriter& w) { w.none().op(")R"); }), "malformed", "expected a function, got None");
  fails(pickle([](PickleWriter& w) { w.global("m", "function").none().op("R"); }), "malformed", "expected a tuple");
  fails(pickle([](PickleWriter& w) { w.global("m", "Class").op(")R"); }), "malformed", "got m.Class");
  fails(pickle([](PickleWriter& w) { w.global("m", "constant").op(")R"); }), "malformed", "got m.constant");
  fails(pickle([](PickleWriter& w) { w.global("m", "function").op(")\x81"); }), "malformed", "a class of torch.nn");
  fails(pickle([](PickleWriter& w) { w.none().op(")\x81"); }), "malformed", "a class of torch.nn");
  fails(pickle([](PickleWriter& w) { w.global("m", "Class").integers({1}).op("\x81"); }), "malformed",
        "NEWOBJ arguments");
  fails(pickle([](PickleWriter& w) { w.op("]").none().op("b"); }), "malformed", "BUILD");
  fails(pickle([](PickleWriter& w) { w.dict().dict().text("x").none().op("sb"); }), "malformed", "_metadata");
  fails(pickle([](PickleWriter& w) { w.global("m", "Class").op(")\x81").none().op("b"); }), "malformed", "a dict");
  fails(pickle([](PickleWriter& w) { w.global("m", "Class").op(")\x81").dict().op("b").dict().op("b"); }), "malformed",
        "BUILD twice");
  fails(pickle([](PickleWriter& w) { w.dict().none().op("a"); }), "malformed", "expected a list");
  fails(pickle([](PickleWriter& w) { w.dict().op("(Ne"); }), "malformed", "expected a list");
  fails(pickle([](PickleWriter& w) { w.op("]").text("k").none().op("s"); }), "malformed", "expected a dict");
  fails(pickle([](PickleWriter& w) { w.global("m", "constant").text("k").none().op("s"); }), "malformed", "a dict");
  fails(pickle([](PickleWriter& w) { w.dict().op("(Nu"); }), "malformed", "a key without a value");
  fails(pickle([](PickleWriter& w) { w.dict().none().none().op("s"); }), "malformed", "a string or an integer");
  fails(pickle([](PickleWriter& w) { w.dict().op("))s"); }), "malformed", "a string or an integer");
  fails(pickle([](PickleWriter& w) { w.global("builtins", "set").op(")R"); }), "malformed", "one list");
  fails(pickle([](PickleWriter& w) { w.global("torch", "Size").none().op("\x85R"); }), "malformed", "one tuple");
}

TEST_CASE("a key that is in a dict twice is refused, in whatever order it came") {
  fails(pickle([](PickleWriter& w) { w.dict().mark().text("k").none().text("j").none().text("k").none().items(); }),
        "malformed", "'k' is twice");
  fails(pickle([](PickleWriter& w) { w.dict().integer(7).none().op("s").integer(7).none().op("s"); }), "malformed",
        "key 7 is twice");
  CHECK(error_of(pickle([](PickleWriter& w) { w.dict().integer(0).none().op("s").text("").none().op("s"); })) ==
        "no error");
}

TEST_CASE("a memo entry must exist, and is not written over") {
  fails(pickle([](PickleWriter& w) { w.op("h\x05"); }), "malformed", "memo 5 was never written");
  fails(pickle([](PickleWriter& w) { w.none().put(3).get(2); }), "malformed", "memo 2 was never written");
  fails(pickle([](PickleWriter& w) { w.op("]").put(1).dict().put(1); }), "malformed", "memo 1 is written twice");
  fails(pickle([](PickleWriter& w) { w.none().put(0xffffffff); }), "limit_exceeded", "memo entries");
  CHECK(error_of(pickle([](PickleWriter& w) { w.none().put(1).put(1); })) == "no error");
}

TEST_CASE("a pickle is one object of protocol 2 and ends with its STOP") {
  fails("N.", "malformed", "starts with PROTO");
  fails("\x80\x04N.", "unsupported_feature", "protocol");
  fails("\x80\x02\x80\x02N.", "malformed", "PROTO in the middle");
  fails("\x80\x02N.N", "malformed", "1 bytes after STOP");
  fails("\x80\x02NN.", "malformed", "2 objects on the stack");
  fails("\x80\x02N(.", "malformed", "open MARK");
}

TEST_CASE("strings are valid UTF-8") {
  for (const std::string text : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80", "\x80",
                                 "\xf0\x80\x80\x80", "a\xc3("}) {
    INFO(text);
    fails(pickle([&](PickleWriter& w) { w.text(text); }), "malformed", "UTF-8");
  }
  for (const std::string text : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x99\x82", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    CHECK(error_of(pickle([&](PickleWriter& w) { w.text(text); })) == "no error");
  }
}

TEST_CASE("unknown names are refused, all of them in one message") {
  const std::string bytes = pickle([](PickleWriter& w) {
    w.global("os", "system")
        .text("true")
        .op("\x85R")
        .global("m", "Class")
        .global("__main__", "Net")
        .global("os", "system");
  });
  fails(bytes, "unsafe_content", "p at byte 2: refused os.system __main__.Net");
  CHECK(error_of(bytes).find("m.Class") == std::string::npos);
  fails("\x80\x02" + std::string("cos\nsystem\n\x93"), "unsafe_content", "refused os.system");
  fails("\x80\x02" + std::string("c") + std::string(2000, 'x'), "limit_exceeded", "a name of more than 1024 bytes");
}

TEST_CASE("each limit is kept") {
  const std::string list = pickle([](PickleWriter& w) { w.op("](").integer(1).integer(2).integer(3).op("e"); });
  CHECK(error_of(list) == "no error");
  fails(list, "limit_exceeded", "at most 10 bytes", {.bytes = 10});
  fails(list, "limit_exceeded", "opcodes", {.opcodes = 3});
  fails(list, "limit_exceeded", "stack", {.stack = 2});
  fails(list, "limit_exceeded", "objects", {.objects = 5});
  fails(list, "limit_exceeded", "items", {.items = 2});
  fails(pickle([](PickleWriter& w) { w.text("four"); }), "limit_exceeded", "string", {.string_bytes = 3});
  fails(pickle([](PickleWriter& w) { w.op("(((N"); }), "limit_exceeded", "marks", {.stack = 2});
  fails(pickle([](PickleWriter& w) { w.none().put(4); }), "limit_exceeded", "memo", {.memo = 4});
}

TEST_CASE("thirty tuples that each hold the one before twice take thirty objects") {
  PickleWriter tower;
  tower.op("](]").put(0);
  for (std::uint32_t i = 1; i <= 30; ++i) tower.get(i - 1).get(i - 1).op("\x86").put(i);
  tower.op("e");
  const std::string bytes = tower.done();
  const PickleGraph graph = run(bytes, {.objects = 40});
  CHECK(graph.items(graph.root()).size() == 31);
}
