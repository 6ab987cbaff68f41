#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "hsm/frame.h"
#include "hsm/pin_sources.h"
#include "hsm/refused_pins.h"
#include "tests/unit/hsm/temporary_folder.h"

namespace claviger::hsm {
namespace {

Secret Text(std::string_view text) { return Secret::FromText(text); }

TEST(RefusedPins, RememberAPinForTheTokenThatRefusedIt) {
  const TemporaryFolder folder;
  RefusedPins refused(folder.path());
  ASSERT_TRUE(refused.Load());
  EXPECT_FALSE(*refused.Contains(Text("1234"), "A"));
  ASSERT_TRUE(refused.Add(Text("1234"), "A"));
  EXPECT_TRUE(*refused.Contains(Text("1234"), "A"));
  EXPECT_FALSE(*refused.Contains(Text("1235"), "A"));
  EXPECT_FALSE(*refused.Contains(Text("1234"), "B"));
}

TEST(RefusedPins, OutliveTheProcess) {
  const TemporaryFolder folder;
  {
    RefusedPins refused(folder.path());
    ASSERT_TRUE(refused.Add(Text("1234"), "A"));
    ASSERT_TRUE(refused.Add(Text("5678"), "A"));
  }
  RefusedPins refused(folder.path());
  ASSERT_TRUE(refused.Load());
  EXPECT_TRUE(*refused.Contains(Text("1234"), "A"));
  EXPECT_TRUE(*refused.Contains(Text("5678"), "A"));
}

TEST(RefusedPins, AreForgottenWhenAnOperatorRemovesTheFile) {
  const TemporaryFolder folder;
  RefusedPins refused(folder.path());
  ASSERT_TRUE(refused.Add(Text("1234"), "A"));
  std::filesystem::remove(refused.path());
  ASSERT_TRUE(refused.Load());
  EXPECT_FALSE(*refused.Contains(Text("1234"), "A"));
}

TEST(RefusedPins, AreRememberedInMemoryWhenTheyCannotBeWritten) {
  RefusedPins refused("/nonexistent/folder");
  ASSERT_TRUE(refused.Load());
  EXPECT_FALSE(refused.Add(Text("1234"), "A"));
  ASSERT_TRUE(refused.Load());
  EXPECT_TRUE(*refused.Contains(Text("1234"), "A"));
}

TEST(RefusedPins, AreUnknownWhenTheFileIsDamaged) {
  const TemporaryFolder folder;
  for (const char* content : {"salt", "salt = \"00\"\nrefused = []\n", "refused = []\n",
                              "salt = \"00112233445566778899aabbccddeeff\"\nrefused = [\"12\"]\n",
                              "salt = \"00112233445566778899aabbccddeeff\"\nrefused = [5]\n"}) {
    RefusedPins refused(folder.path());
    std::ofstream(refused.path()) << content;
    const Status loaded = refused.Load();
    ASSERT_FALSE(loaded) << content;
    EXPECT_EQ(loaded.error().code(), ErrorCode::kCorrupt);
  }
}

class PinSourcesTest : public testing::Test {
 protected:
  PinSourcesTest() { unsetenv("CREDENTIALS_DIRECTORY"); }
  ~PinSourcesTest() override { unsetenv("CREDENTIALS_DIRECTORY"); }

  void Write(const std::string& name, const std::string& content, unsigned mode = 0400) const {
    const std::string path = folder_.path() + '/' + name;
    std::filesystem::remove(path);
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
  }
  PinSources Sources() const { return PinSources(folder_.path() + "/pin"); }

  TemporaryFolder folder_;
};

TEST_F(PinSourcesTest, FindNothingWhereThereIsNothing) {
  const auto none = PinSources("").Read();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
  const auto absent = Sources().Read();
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code(), ErrorCode::kNotFound);
}

TEST_F(PinSourcesTest, PreferWhatWasGivenThenTheCredentialThenTheFile) {
  Write("pin", "from-file\n");
  EXPECT_EQ(Sources().Read()->value.ExposeText(), "from-file");
  Write("hsm-pin", "from-credential", 0440);
  setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  PinSources sources = Sources();
  EXPECT_EQ(sources.Read()->value.ExposeText(), "from-credential");
  EXPECT_TRUE(sources.Remember(Text("given")).empty());
  EXPECT_EQ(sources.Read()->value.ExposeText(), "given");
  EXPECT_EQ(sources.Remember(Secret()).ExposeText(), "given");
  EXPECT_EQ(sources.Read()->value.ExposeText(), "from-credential");
}

TEST_F(PinSourcesTest, RefuseAFileThatOthersCanReadOrThatHoldsNoUsablePin) {
  Write("pin", "1234", 0644);
  const auto open = Sources().Read();
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code(), ErrorCode::kDenied);
  Write("pin", "\n");
  EXPECT_FALSE(Sources().Read());
  Write("pin", std::string(kMaxPinBytes + 1, '1'));
  EXPECT_FALSE(Sources().Read());
  Write("pin", std::string(kMaxPinBytes, '1'));
  EXPECT_TRUE(Sources().Read());
}

TEST_F(PinSourcesTest, ShowThatAFileAppearedChangedOrWent) {
  const PinSources sources = Sources();
  const std::string absent = sources.Fingerprint();
  Write("pin", "1234", 0644);
  const std::string present = sources.Fingerprint();
  EXPECT_NE(present, absent);
  EXPECT_EQ(sources.Fingerprint(), present);
  chmod((folder_.path() + "/pin").c_str(), 0400);
  const std::string closed = sources.Fingerprint();
  EXPECT_NE(closed, present);
  Write("pin", "5678");
  EXPECT_NE(sources.Fingerprint(), closed);
  std::filesystem::remove(folder_.path() + "/pin");
  EXPECT_EQ(sources.Fingerprint(), absent);
}

}  // namespace
}  // namespace claviger::hsm
