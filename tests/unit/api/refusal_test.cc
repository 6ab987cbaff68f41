#include "daemon/api/refusal.h"

#include <gtest/gtest.h>

namespace claviger::api {
namespace {

Refusal Of(ErrorCode code, const std::string& message) { return RefusalOf(Error(code, message)); }

TEST(Refusal, TakesTheFieldOutOfTheMessage) {
  const Refusal refusal = Of(ErrorCode::kLimitExceeded, "expires_at: is too late; at most: tomorrow");
  EXPECT_EQ(refusal.wire_name, "io.claviger.Admin.Refused");
  EXPECT_EQ(refusal.parameters,
            (boost::json::object{{"field", "expires_at"}, {"message", "is too late; at most: tomorrow"}}));
}

TEST(Refusal, LeavesAMessageWithoutAFieldAsItIs) {
  for (const char* message : {"the key: has ended", "no colon", "Scopes: begins large", "a:b", "v2: digit"}) {
    EXPECT_EQ(Of(ErrorCode::kInvalidArgument, message).parameters,
              (boost::json::object{{"message", message}}));
  }
}

TEST(Refusal, OfACeilingSaysWhatWouldBeAllowedAndOfAnotherOnesKeyNothing) {
  const Refusal ceiling = Of(ErrorCode::kDenied, "scopes: delete:a:b is not among yours");
  EXPECT_EQ(ceiling.wire_name, "io.claviger.Admin.Refused");
  EXPECT_EQ(ceiling.parameters.at("field").as_string(), "scopes");
  const Refusal foreign = Of(ErrorCode::kDenied, "");
  EXPECT_EQ(foreign.wire_name, "org.varlink.service.PermissionDenied");
  EXPECT_TRUE(foreign.parameters.empty());
}

TEST(Refusal, IsWhatBreaksARuleAndNotWhatFails) {
  for (const ErrorCode code : {ErrorCode::kInvalidArgument, ErrorCode::kLimitExceeded, ErrorCode::kDenied}) {
    EXPECT_TRUE(IsRefusal(Error(code, "x")));
  }
  for (const ErrorCode code : {ErrorCode::kConflict, ErrorCode::kNotFound, ErrorCode::kUnavailable,
                               ErrorCode::kCorrupt, ErrorCode::kInternal, ErrorCode::kBusy}) {
    EXPECT_FALSE(IsRefusal(Error(code, "x")));
  }
}

TEST(Refusal, OfAKeyThatIsNotThereNamesIt) {
  const keys::KeyId id;
  EXPECT_EQ(KeyNotFound(id).parameters.at("key_id").as_string(), id.ToString());
}

}  // namespace
}  // namespace claviger::api
