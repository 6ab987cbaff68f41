#include "protocol/unit_address.h"

#include <gtest/gtest.h>

#include <string>

namespace claviger::protocol {
namespace {

std::string From(std::string_view rest) { return std::string(1, '\0') + std::string(rest); }

TEST(UnitAddress, NamesUnitAndCredential) {
  const auto address = ParseUnitAddress(From("d90792563c1d0ff5/unit/app.service/api-key"));
  ASSERT_TRUE(address) << address.error().message();
  EXPECT_EQ(address->unit, "app.service");
  EXPECT_EQ(address->credential, "api-key");
}

TEST(UnitAddress, MayHaveFewerDigitsBecauseSystemdLeavesOutLeadingZeros) {
  EXPECT_TRUE(ParseUnitAddress(From("f/unit/app.service/api-key")));
  EXPECT_TRUE(ParseUnitAddress(From("790792563c1d0ff/unit/app.service/api-key")));
}

TEST(UnitAddress, TakesWhatSystemdEscapes) {
  const auto address = ParseUnitAddress(From("1/unit/worker@a\\x2db:c_d.service/key.1"));
  ASSERT_TRUE(address) << address.error().message();
  EXPECT_EQ(address->unit, "worker@a\\x2db:c_d.service");
}

TEST(UnitAddress, TakesNamesUpToTheirLimitsAndNoLonger) {
  const std::string unit = std::string(kMaxUnitNameBytes - 8, 'u') + ".service";
  const std::string credential(kMaxCredentialIdBytes, 'c');
  EXPECT_TRUE(ParseUnitAddress(From("1/unit/" + unit + "/" + credential)));
  EXPECT_FALSE(ParseUnitAddress(From("1/unit/u" + unit + "/" + credential)));
  EXPECT_FALSE(ParseUnitAddress(From("1/unit/" + unit + "/" + credential + "c")));
}

TEST(UnitAddress, RefusesEveryOtherShape) {
  const std::string wrong[] = {
      "",
      "1/unit/app.service/api-key",  // a path, not an abstract name
      From(""),
      From("/unit/app.service/api-key"),
      From("11111111111111111/unit/app.service/api-key"),
      From("1A/unit/app.service/api-key"),
      From("0x1/unit/app.service/api-key"),
      From("1/user/app.service/api-key"),
      From("1/unit/"),
      From("1/unit/app.service"),
      From("1/unit/app.service/"),
      From("1/unit//api-key"),
      From("1/unit/app/api-key"),
      From("1/unit/.service/api-key"),
      From("1/unit/app./api-key"),
      From("1/unit/app.service/a/b"),
      From("1/unit/app.service/.."),
      From("1/unit/app.service/a:b"),
      From("1/unit/app.service/a b"),
      From("1/unit/app*.service/api-key"),
      From("1/unit/app.service\n/api-key"),
      From("1/unit/\xC3\xA4pp.service/api-key"),
      From("1/unit/app.service/api-key") + std::string(1, '\0'),
  };
  for (const std::string& address : wrong) EXPECT_FALSE(ParseUnitAddress(address)) << address;
}

TEST(UnitAddress, IsNotRepeatedInTheError) {
  const auto refused = ParseUnitAddress(From("1/unit/evil\n.service/api-key"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message().find("evil"), std::string::npos);
}

}  // namespace
}  // namespace claviger::protocol
