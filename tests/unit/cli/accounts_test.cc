#include "cli/accounts.h"

#include <gtest/gtest.h>

namespace claviger::cli {
namespace {

TEST(Accounts, KnowUsersAndGroupsOfThisHost) {
  EXPECT_EQ(UserName(0), "root");
  EXPECT_TRUE(AccountExists("root"));
  EXPECT_TRUE(AccountExists("tty"));  // a group alone
}

TEST(Accounts, KnowNobodyElse) {
  EXPECT_EQ(UserName(3'999'999'999), "uid 3999999999");
  for (const std::int64_t uid : {std::int64_t{-1}, std::int64_t{1} << 40U}) {
    EXPECT_EQ(UserName(uid), "uid " + std::to_string(uid));
  }
  EXPECT_FALSE(AccountExists("claviger-no-such-user"));
  EXPECT_FALSE(AccountExists(""));
  EXPECT_FALSE(AccountExists("root "));
  EXPECT_FALSE(AccountExists(std::string("root\0x", 6)));
  EXPECT_FALSE(AccountExists(std::string(100'000, 'x')));
}

}  // namespace
}  // namespace claviger::cli
