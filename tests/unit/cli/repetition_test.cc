#include "cli/repetition.h"

#include <gtest/gtest.h>

namespace claviger::cli {
namespace {

TEST(Repetition, RepeatsWhatOnlyReads) {
  for (const char* method : {"Verify", "WhoAmI", "ListKeys", "GetKey", "GetStatus", "PreviewKey"}) {
    EXPECT_TRUE(MayBeRepeated(method, {})) << method;
  }
}

TEST(Repetition, RepeatsAChangeOnlyWithARequestId) {
  for (const char* method : {"CreateKey", "RotateKey"}) {
    EXPECT_FALSE(MayBeRepeated(method, {{"name", "n"}})) << method;
    EXPECT_TRUE(MayBeRepeated(method, {{"name", "n"}, {"request_id", "r"}})) << method;
  }
  for (const char* method : {"RevokeKey", "EditKey", "PurgeKeys", "Unlock", "Lock", "InitialiseToken",
                             "AnnounceExpiries", "RestoreBackup", "ReportLeak", "NoSuchMethod", ""}) {
    EXPECT_FALSE(MayBeRepeated(method, {})) << method;
  }
}

}  // namespace
}  // namespace claviger::cli
