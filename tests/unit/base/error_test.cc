#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "base/result.h"
#include "base/token_purpose.h"

namespace claviger {
namespace {

TEST(Error, EveryCodeHasItsOwnName) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    names.insert(ErrorCodeName(static_cast<ErrorCode>(code)));
  }
  EXPECT_EQ(names.size(), 11U);
  EXPECT_EQ(ErrorCodeName(ErrorCode::kInvalidArgument), "invalid_argument");
}

TEST(Error, ContextStandsBeforeTheSentenceAndKeepsTheCode) {
  const Error error = Error(ErrorCode::kNotFound, "no such key").WithContext("rotate");
  EXPECT_EQ(error.message(), "rotate: no such key");
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
}

TEST(Error, SpeaksOfErrnoInWords) {
  EXPECT_EQ(ErrnoError(ErrorCode::kUnavailable, "open /x", EACCES).message(), "open /x: Permission denied");
}

TEST(Result, IsAValueOrAnError) {
  const Result<int> value(7);
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, 7);
  const Result<int> error(Error(ErrorCode::kBusy, "full"));
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().message(), "full");
  EXPECT_TRUE(Ok());
  EXPECT_FALSE(Status(Error(ErrorCode::kBusy, "full")));
}

TEST(TokenPurpose, EveryPurposeHasItsName) {
  std::set<std::string_view> names;
  for (const TokenPurpose purpose : kTokenPurposes) names.insert(TokenPurposeName(purpose));
  EXPECT_EQ(names, (std::set<std::string_view>{"mint", "verify", "record", "store", "audit"}));
}

}  // namespace
}  // namespace claviger
