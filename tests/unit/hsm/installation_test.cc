#include "hsm/installation.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/hsm/temporary_folder.h"

namespace claviger::hsm {
namespace {

Installation Example() {
  Installation installation;
  installation.id = MakeInstallationId();
  installation.serials = {"0123456789abcdef", "with \"quotes\" \\ and more"};
  installation.check_values.fill("0011223344556677");
  installation.check_values[1] = "ffffffffffffffff";
  return installation;
}

TEST(Installation, ComesBackAsItWasSaved) {
  const TemporaryFolder folder;
  const Installation saved = Example();
  ASSERT_TRUE(SaveInstallation(folder.path(), saved));
  const auto loaded = LoadInstallation(folder.path());
  ASSERT_TRUE(loaded) << loaded.error().message();
  ASSERT_TRUE(*loaded);
  EXPECT_EQ((*loaded)->id, saved.id);
  EXPECT_EQ((*loaded)->serials, saved.serials);
  EXPECT_EQ((*loaded)->check_values, saved.check_values);
}

TEST(Installation, IsNoneWhereNoneWasSaved) {
  const TemporaryFolder folder;
  const auto loaded = LoadInstallation(folder.path());
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(*loaded);
}

TEST(Installation, IsRefusedWhenItsFileIsDamaged) {
  const TemporaryFolder folder;
  ASSERT_TRUE(SaveInstallation(folder.path(), Example()));
  std::ifstream file(InstallationPath(folder.path()));
  const std::string whole((std::istreambuf_iterator<char>(file)), {});
  // Cut anywhere before its last value, the file says less than it must.
  for (std::size_t length = 0; length + 4 < whole.size(); length += 7) {
    std::ofstream(InstallationPath(folder.path())) << whole.substr(0, length);
    const auto loaded = LoadInstallation(folder.path());
    ASSERT_FALSE(loaded) << length;
    EXPECT_EQ(loaded.error().code(), ErrorCode::kCorrupt);
  }
}

TEST(Installation, IdsAreFreshAndOfFixedLength) {
  const std::string first = MakeInstallationId(), second = MakeInstallationId();
  EXPECT_EQ(first.size(), 32u);
  EXPECT_NE(first, second);
}

TEST(Installation, CheckValueIsTheBeginningOfTheMac) {
  Mac mac{};
  mac[0] = 0x0a;
  mac[7] = 0xff;
  mac[8] = 0x55;
  EXPECT_EQ(CheckValue(mac), "0a000000000000ff");
  EXPECT_EQ(CheckMessage("abc"), "claviger/kcv/1abc");
}

}  // namespace
}  // namespace claviger::hsm
