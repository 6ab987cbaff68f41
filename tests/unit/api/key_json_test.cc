#include "daemon/api/key_json.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/unit/api/sample_record.h"

namespace claviger::api {
namespace {

TEST(KeyJson, HoldsNeitherVerifierNorMac) {
  const std::string text = boost::json::serialize(KeyJson(SampleRecord(), std::nullopt, kSampleTime)) +
                           KeyAuditText(SampleRecord(), kSampleTime);
  EXPECT_EQ(text.find("verifier"), std::string::npos);
  EXPECT_EQ(text.find("mac"), std::string::npos);
  EXPECT_EQ(text.find("abab"), std::string::npos);
  EXPECT_EQ(text.find("cdcd"), std::string::npos);
}

TEST(KeyJson, SaysNeverUsedByLeavingTheTimesOut) {
  const auto json = KeyJson(SampleRecord(), std::nullopt, kSampleTime);
  EXPECT_EQ(json.at("uses"), 0);
  EXPECT_FALSE(json.contains("last_used_at"));
}

TEST(KeyJson, DoesNotCallAKeyUsedThatWasOnlyDenied) {
  store::Usage usage;
  usage.denials = 3;
  const auto json = KeyJson(SampleRecord(), usage, kSampleTime);
  EXPECT_EQ(json.at("denials"), 3);
  EXPECT_FALSE(json.contains("first_used_at"));
}

TEST(KeyJson, ShowsTheStateAtTheGivenTime) {
  const keys::KeyRecord record = SampleRecord();
  EXPECT_EQ(KeyJson(record, std::nullopt, kSampleTime).at("state"), "active");
  EXPECT_EQ(KeyJson(record, std::nullopt, record.expires).at("state"), "expired");
}

TEST(AuditJson, GivesBeforeAndAfterAsObjects) {
  audit::AuditRecord record;
  record.sequence = 7;
  record.act.name = "key.revoke";
  record.act.subject = SampleRecord().id.ToString();
  record.act.before = KeyAuditText(SampleRecord(), kSampleTime);
  const auto json = AuditJson(record);
  EXPECT_EQ(json.at("before").at("name"), "nightly \"export\"");
  EXPECT_FALSE(json.contains("after"));
  EXPECT_FALSE(json.contains("unit"));
}

}  // namespace
}  // namespace claviger::api
