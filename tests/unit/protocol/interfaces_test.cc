#include "protocol/interfaces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/protocol/idl_reader.h"

namespace claviger::protocol {
namespace {

TEST(Interfaces, AreTheThreeThatAreServed) {
  std::vector<std::string_view> names;
  for (const auto& interface : Interfaces()) names.push_back(interface.name);
  EXPECT_EQ(names, (std::vector<std::string_view>{"io.claviger.Admin", "io.claviger.Verify",
                                                  "org.varlink.service"}));
}

TEST(Interfaces, FollowTheGrammar) {
  for (const auto& interface : Interfaces()) {
    const auto idl = ReadIdl(interface.text);
    ASSERT_TRUE(idl) << interface.name << ": " << idl.error().message();
    EXPECT_EQ(idl->name, interface.name);
    EXPECT_FALSE(idl->members.empty());
    EXPECT_EQ(interface.text.back(), '\n');
  }
}

TEST(Interfaces, UseOnlyTypesThatTheyDefine) {
  for (const auto& interface : Interfaces()) {
    const auto idl = ReadIdl(interface.text);
    ASSERT_TRUE(idl);
    std::set<std::string> types;
    std::set<std::string> used;
    for (const IdlMember& member : idl->members) {
      if (member.kind == "type") types.insert(member.name);
      used.insert(member.references.begin(), member.references.end());
    }
    EXPECT_EQ(types, used) << interface.name;
  }
}

TEST(Interfaces, ExplainEveryMember) {
  for (const auto& interface : Interfaces()) {
    const auto idl = ReadIdl(interface.text);
    ASSERT_TRUE(idl);
    EXPECT_FALSE(idl->comment.empty()) << interface.name;
    for (const IdlMember& member : idl->members) EXPECT_FALSE(member.comment.empty()) << member.name;
  }
}

// org.varlink.service is the protocol's own; its fields need no explanation here.
TEST(Interfaces, ExplainEveryFieldOfOurs) {
  for (const auto& interface : Interfaces()) {
    if (interface.name == "org.varlink.service") continue;
    const auto idl = ReadIdl(interface.text);
    ASSERT_TRUE(idl);
    for (const IdlMember& member : idl->members) {
      for (const std::string& field : member.fields) {
        EXPECT_TRUE(std::regex_search(member.comment, std::regex("\\b" + field + "\\b")))
            << interface.name << "." << member.name << " says nothing of " << field;
      }
    }
  }
}

TEST(IdlReader, RefusesWhatTheGrammarDoesNotAllow) {
  const std::string head = "interface a.b\n";
  for (const std::string& text : std::vector<std::string>{"",
                                                          "method A() -> ()\n",
                                                          "interface a\n",
                                                          "interface .a.b\n",
                                                          "interface a..b\n",
                                                          "interface a.b-\n",
                                                          head + "method a() -> ()\n",
                                                          head + "method A_B() -> ()\n",
                                                          head + "method A()\n",
                                                          head + "method A() -> \n",
                                                          head + "method A(a) -> (\n",
                                                          head + "method A(a: int -> ()\n",
                                                          head + "method A(a: int,) -> ()\n",
                                                          head + "method A(a: integer) -> ()\n",
                                                          head + "method A(a_: int) -> ()\n",
                                                          head + "method A(_a: int) -> ()\n",
                                                          head + "method A(a__b: int) -> ()\n",
                                                          head + "method A(1a: int) -> ()\n",
                                                          head + "method A(a-b: int) -> ()\n",
                                                          head + "method A(a: int, b) -> ()\n",
                                                          head + "method A(a, b: int) -> ()\n",
                                                          head + "method A(a: int, a: int) -> ()\n",
                                                          head + "method A(a: ??int) -> ()\n",
                                                          head + "method A(a: [int]int) -> ()\n",
                                                          head + "method A(a: []) -> ()\n",
                                                          head + "method A(a: ()) -> ()\n",
                                                          head + "method A(a: [string]()) -> ()\n",
                                                          head + "type A ()\n",
                                                          head + "struct A (a: int)\n",
                                                          head + "type A (a: int)\nerror A ()\n",
                                                          head + "type A (a: int) x\n",
                                                          head + "type A (a: \"int\")\n"}) {
    EXPECT_FALSE(ReadIdl(text)) << text;
  }
}

TEST(IdlReader, ReadsEverythingThatTheGrammarAllows) {
  const auto idl = ReadIdl(
      "# About.\ninterface a-1.b.C2\n\n# Lost, because a line is between.\n\n# Of T.\n#  More.\n"
      "type T (a: ?[]string, b_c: [string]int, d: (e, f), g: ?(h: float, i: object))\n"
      "method M (x: T) -> (y: ?[string][]T)\nmethod N()->()\nerror E ()\nerror F (reason: string)\n");
  ASSERT_TRUE(idl) << idl.error().message();
  EXPECT_EQ(idl->name, "a-1.b.C2");
  EXPECT_EQ(idl->comment, " About.\n");
  ASSERT_EQ(idl->members.size(), 5U);
  EXPECT_EQ(idl->members[0].comment, " Of T.\n  More.\n");
  std::vector<std::string> fields = idl->members[0].fields;
  std::sort(fields.begin(), fields.end());
  EXPECT_EQ(fields, (std::vector<std::string>{"a", "b_c", "d", "e", "f", "g", "h", "i"}));
  EXPECT_EQ(idl->members[1].references, (std::vector<std::string>{"T", "T"}));
}

}  // namespace
}  // namespace claviger::protocol
