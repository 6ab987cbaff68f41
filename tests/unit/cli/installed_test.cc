#include "cli/installed.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace claviger::cli {
namespace {

std::string ShippedConfiguration() {
  std::ifstream file(CLAVIGER_SOURCE "/contrib/claviger.toml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(InstalledSettings, HaveTheDefaultsOfTheShippedFile) {
  std::string live;
  for (const std::string& line : LinesOf(ShippedConfiguration())) {
    const bool heading = line.starts_with("#[") && !line.starts_with("#[[");
    for (const char* name : {"directory", "module", "uri", "pin_file", "scopes_directory"}) {
      if (line.starts_with(std::string("#") + name + " = ")) live += line.substr(1) + "\n";
    }
    if (heading) live += line.substr(1) + "\n";
  }
  const auto shipped = ReadSettings(live);
  const auto without = ReadSettings(std::string_view());
  ASSERT_TRUE(shipped) << shipped.error().message();
  ASSERT_NE(live.find("scopes_directory"), std::string::npos);
  for (const auto member :
       {&InstalledSettings::store_directory, &InstalledSettings::module, &InstalledSettings::uri,
        &InstalledSettings::pin_file, &InstalledSettings::scopes_directory}) {
    EXPECT_EQ((*shipped).*member, (*without).*member);
  }
}

TEST(InstalledSettings, RefuseWhatIsNoToml) {
  for (const char* text : {"[token", "[token]\nmodule = 3\n", "module = "}) {
    const auto settings = ReadSettings(std::string_view(text));
    ASSERT_FALSE(settings) << text;
    EXPECT_EQ(settings.error().code(), ErrorCode::kConfiguration);
  }
}

TEST(WithSetting, PutsTheLineAfterTheDefaultThatIsCommentedOut) {
  const std::string before = ShippedConfiguration();
  const auto after = WithSetting(before, "token", "module", "/opt/it's \"x\".so");
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(ReadSettings(*after)->module, "/opt/it's \"x\".so");
  EXPECT_EQ(ReadSettings(*after)->uri, "pkcs11:token=claviger");
  const auto was = LinesOf(before), is = LinesOf(*after);
  ASSERT_EQ(is.size(), was.size() + 1);
  std::size_t at = 0;
  for (std::size_t i = 0; i < was.size(); ++i) {
    if (was[i] == "#[token]") {
      EXPECT_EQ(is[at++], "[token]");
      continue;
    }
    EXPECT_EQ(is[at++], was[i]);
    if (was[i].starts_with("#module = ")) {
      EXPECT_TRUE(is[at++].starts_with("module = "));
    }
  }
}

TEST(WithSetting, ReplacesTheLineThatSetsItAndNoOther) {
  const auto edited = WithSetting(
      "# a\n[store]\ndirectory = \"/s\"\n[token]\nuri = \"pkcs11:token=a\" # b\nmodule = \"/m\"\n", "token",
      "uri", "pkcs11:token=c");
  ASSERT_TRUE(edited);
  EXPECT_TRUE(
      *edited == "# a\n[store]\ndirectory = \"/s\"\n[token]\nuri = \"pkcs11:token=c\"\nmodule = \"/m\"\n" ||
      *edited == "# a\n[store]\ndirectory = \"/s\"\n[token]\nuri = 'pkcs11:token=c'\nmodule = \"/m\"\n")
      << *edited;
  EXPECT_EQ(*WithSetting(*edited, "token", "uri", "pkcs11:token=c"), *edited);
}

TEST(WithSetting, MakesTheTableWhereThereIsNone) {
  for (const char* text : {"", "[log]\nlevel = \"info\"\n"}) {
    const auto edited = WithSetting(text, "token", "module", "/m");
    ASSERT_TRUE(edited);
    EXPECT_TRUE(edited->starts_with(text));
    EXPECT_EQ(ReadSettings(*edited)->module, "/m");
  }
}

TEST(WithSetting, LeavesAloneWhatItCannotChangeSafely) {
  for (const char* text :
       {"token = { module = \"/a\" }\n", "token.module = \"/a\"\n",
        "[log]\nlevel = \"\"\"\n[token]\nmodule = '/a'\n\"\"\"\n", "[token]\nmodule = \"\"\"/a\nb\"\"\"\n"}) {
    const auto edited = WithSetting(text, "token", "module", "/m");
    ASSERT_FALSE(edited) << *edited;
    EXPECT_EQ(edited.error().code(), ErrorCode::kUnsupported) << text;
  }
}

}  // namespace
}  // namespace claviger::cli
