#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "cli/daemon.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

Failure Refused(std::string name, boost::json::object parameters) {
  const Error error(protocol::CodeOfWireName(name), "a sentence");
  return FailureOfCall("CreateKey", error, client::Refusal{std::move(name), std::move(parameters)});
}

TEST(FailureOfCall, HasAnExitStatusAndASentenceForEveryErrorOfTheInterfaces) {
  for (const protocol::ErrorName& row : protocol::ErrorNames()) {
    const Failure failure =
        Refused(std::string(row.wire_name), {{"message", "a sentence"}, {"parameter", "x"}});
    EXPECT_NE(failure.exit_status, protocol::kExitOk) << row.wire_name;
    EXPECT_NE(failure.message, "") << row.wire_name;
  }
  const Failure unknown = Refused("org.example.New", {});
  EXPECT_EQ(unknown.exit_status, protocol::kExitFailure);
  EXPECT_EQ(unknown.message, "the daemon answered org.example.New");
}

TEST(FailureOfCall, CallsParametersByTheirOptions) {
  EXPECT_EQ(Refused("io.claviger.Admin.Refused", {{"message", "expires_at: is in the past"}}).message,
            "--expires: is in the past");
  EXPECT_EQ(Refused("io.claviger.Admin.Refused", {{"message", "something: else"}}).message,
            "something: else");
  const Failure bad_id = Refused("org.varlink.service.InvalidParameter", {{"parameter", "key_id"}});
  EXPECT_EQ(bad_id.exit_status, protocol::kExitUsage);
  EXPECT_EQ(bad_id.message, "KEY_ID: that is not a key id");
}

TEST(FailureOfCall, SaysWhatToDoNext) {
  EXPECT_EQ(Refused("io.claviger.Admin.ScopeNotFound", {{"name", "a"}, {"nearest", "b"}}).hint,
            "did you mean: b");
  const Failure absent = Refused("io.claviger.Admin.KeyNotFound", {{"key_id", "k\x1b"}});
  EXPECT_EQ(absent.exit_status, protocol::kExitNotValid);
  EXPECT_EQ(absent.message, "there is no key k\\u{1B}");
  const Failure denied = Refused("org.varlink.service.PermissionDenied", {});
  EXPECT_EQ(denied.exit_status, protocol::kExitDenied);
  EXPECT_NE(denied.hint.find("[roles]"), std::string::npos);
  const Failure done = Refused("io.claviger.Admin.RequestAlreadyDone", {{"key_id", "k"}});
  EXPECT_NE(done.hint.find("claviger key rotate k"), std::string::npos);
  const Failure unknown =
      Refused("io.claviger.Admin.Unavailable", {{"message", "m"}, {"unknown_outcome", true}});
  EXPECT_EQ(unknown.exit_status, protocol::kExitTryLater);
  EXPECT_NE(unknown.hint.find("--request-id"), std::string::npos);
  EXPECT_EQ(Refused("io.claviger.Admin.Unavailable", {{"message", "m"}, {"unknown_outcome", false}}).hint,
            "");
}

TEST(FailureOfCall, WithoutARefusalTellsALostReplyFromABadCommandLine) {
  const Failure lost = FailureOfCall("CreateKey", Error(ErrorCode::kUnavailable, "no answer"), std::nullopt);
  EXPECT_EQ(lost.exit_status, protocol::kExitTryLater);
  EXPECT_NE(lost.hint.find("--request-id"), std::string::npos);
  const Failure bad =
      FailureOfCall("CreateKey", Error(ErrorCode::kInvalidArgument, "name: is not UTF-8 text"), std::nullopt);
  EXPECT_EQ(bad.exit_status, protocol::kExitUsage);
  EXPECT_EQ(bad.message, "--name: is not UTF-8 text");
  EXPECT_EQ(FailureOfCall("CreateKey", Error(ErrorCode::kCorrupt, "rubbish"), std::nullopt).exit_status,
            protocol::kExitFailure);
}

TEST(FailureOfConnect, TellsAbsentFromForbidden) {
  EXPECT_EQ(FailureOfConnect(Error(ErrorCode::kUnavailable, "m"), "/nowhere").exit_status,
            protocol::kExitUnreachable);
  const Failure denied = FailureOfConnect(Error(ErrorCode::kDenied, "m"), "/nowhere");
  EXPECT_EQ(denied.exit_status, protocol::kExitDenied);
  EXPECT_NE(denied.hint, "");
  EXPECT_EQ(FailureOfConnect(Error(ErrorCode::kInvalidArgument, "m"), "").exit_status, protocol::kExitUsage);
  EXPECT_EQ(FailureOfConnect(Error(ErrorCode::kBusy, "m"), "/x").exit_status, protocol::kExitTryLater);
}

}  // namespace
}  // namespace claviger::cli
