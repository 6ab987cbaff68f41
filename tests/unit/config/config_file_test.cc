#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/config.h"

namespace claviger {
namespace {

using testing::HasSubstr;

// A folder of its own for each test.
class ConfigFile : public testing::Test {
 protected:
  ConfigFile() {
    std::string pattern = testing::TempDir() + "config-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/claviger.toml";
  }
  ~ConfigFile() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& text, mode_t mode = 0644) {
    std::ofstream(path_) << text;
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
  }
  std::string Refusal() {
    const auto config = LoadConfig(path_);
    if (config) return "accepted";
    EXPECT_EQ(config.error().code(), ErrorCode::kConfiguration);
    return config.error().message();
  }

  std::string folder_, path_;
};

TEST_F(ConfigFile, IsRead) {
  Write("[server]\nloops = 2\n[roles]\nadmin = [\"root\"]\n");
  const auto config = LoadConfig(path_);
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->loops, 2u);
  EXPECT_THAT(config->roles.admin.users, testing::ElementsAre(0u));
}

TEST_F(ConfigFile, IsNamedInItsErrors) {
  Write("[server]\nloop = 2\n");
  EXPECT_EQ(Refusal(), path_ + ":2: there is no setting loop in [server]; did you mean loops");
}

TEST_F(ConfigFile, IsRefusedIfAbsent) { EXPECT_THAT(Refusal(), HasSubstr(path_)); }

TEST_F(ConfigFile, IsRefusedIfItIsAFolder) {
  path_ = folder_;
  EXPECT_THAT(Refusal(), HasSubstr("is not a file"));
}

TEST_F(ConfigFile, IsRefusedIfOthersCouldChangeIt) {
  Write("", 0664);
  EXPECT_THAT(Refusal(), HasSubstr("run: chmod go-w " + path_));
  Write("", 0646);
  EXPECT_THAT(Refusal(), HasSubstr("run: chmod go-w " + path_));
}

TEST_F(ConfigFile, IsRefusedIfItIsLargerThanAnyRealOne) {
  Write("#" + std::string(64 * 1024, 'x') + "\n");
  EXPECT_THAT(Refusal(), HasSubstr(path_));
}

TEST_F(ConfigFile, IsRefusedForAUserThatTheHostDoesNotKnow) {
  Write("[roles]\nadmin = [\"no-such-user-here\"]\n");
  EXPECT_THAT(Refusal(), HasSubstr("names the user \"no-such-user-here\""));
  Write("[roles]\nadmin = [\"@no-such-group-here\"]\n");
  EXPECT_THAT(Refusal(), HasSubstr("names the group \"no-such-group-here\""));
}

}  // namespace
}  // namespace claviger
