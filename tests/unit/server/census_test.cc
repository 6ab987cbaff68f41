#include "daemon/server/census.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

namespace claviger::server {
namespace {

using protocol::Face;

TEST(Census, CountsWhatIsOpenAndTheMost) {
  Census census({10, 0, 10});
  std::optional<Admission> first(census.Admit(1, Face::kVerify));
  std::optional<Admission> second(census.Admit(1, Face::kAdmin));
  EXPECT_TRUE(*first);
  EXPECT_EQ(census.open(), 2U);
  Admission moved(std::move(*first));
  first.reset();
  EXPECT_EQ(census.open(), 2U);
  second.reset();
  EXPECT_EQ(census.open(), 1U);
  EXPECT_EQ(census.most_open(), 2U);
}

TEST(Census, LimitsEachUserOnEachFace) {
  Census census({10, 0, 2});
  std::vector<Admission> admitted;
  for (int i = 0; i < 2; ++i) admitted.push_back(census.Admit(1, Face::kVerify));
  EXPECT_FALSE(census.Admit(1, Face::kVerify));
  EXPECT_TRUE(census.Admit(1, Face::kAdmin));
  EXPECT_TRUE(census.Admit(2, Face::kVerify));
  admitted.pop_back();
  EXPECT_TRUE(census.Admit(1, Face::kVerify));
}

TEST(Census, LimitsTheTotalWithAReserveForOperators) {
  Census census({4, 1, 10});
  std::vector<Admission> admitted;
  for (uid_t uid = 0; uid < 3; ++uid) admitted.push_back(census.Admit(uid, Face::kVerify));
  EXPECT_FALSE(census.Admit(7, Face::kVerify));
  const Admission operator_admission = census.Admit(7, Face::kAdmin);
  EXPECT_TRUE(operator_admission);
  EXPECT_FALSE(census.Admit(8, Face::kAdmin));
  EXPECT_EQ(census.open(), 4U);
}

}  // namespace
}  // namespace claviger::server
