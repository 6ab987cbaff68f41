#include "daemon/api/key_json.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
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

TEST(KeyJson, LeavesOutWhatIsNotThere) {
  const auto json = KeyJson(SampleRecord(), store::Usage{}, kSampleTime);
  for (const char* field :
       {"description", "team", "replaces", "paused_by", "end_reason", "revoked_at", "last_denied_at",
        "last_denial", "ended_secret_presented_at", "previous_generation_until_used"}) {
    EXPECT_FALSE(json.contains(field)) << field;
  }
  EXPECT_EQ(json.at("bundles"), boost::json::array());
}

TEST(KeyJson, GivesWhatIsThere) {
  keys::KeyRecord record = SampleRecord();
  record.bundles = {"read-only"};
  record.replaces = record.id;
  record.paused_by = "carol";
  record.generations.front().until_used = true;
  record.generations.front().ends = kSampleTime + 60;
  record.generations.push_back(record.generations.front());
  record.generations.back().number = 2;
  store::Usage usage;
  usage.denials = 1;
  usage.last_denied = kSampleTime;
  usage.last_denied_uid = 1001;
  usage.last_denial = keys::VerdictCode::kPaused;
  usage.ended_secret_presented = kSampleTime + 1;
  const auto json = KeyJson(record, usage, kSampleTime);
  EXPECT_EQ(json.at("bundles"), boost::json::array({"read-only"}));
  EXPECT_EQ(json.at("replaces").as_string(), record.id.ToString());
  EXPECT_EQ(json.at("paused_by"), "carol");
  EXPECT_EQ(json.at("previous_generation_until_used"), true);
  EXPECT_EQ(json.at("previous_generation_ends_at").as_string(), FormatTime(kSampleTime + 60));
  EXPECT_EQ(json.at("last_denied_at").as_string(), FormatTime(kSampleTime));
  EXPECT_EQ(json.at("last_denied_by_uid"), 1001);
  EXPECT_EQ(json.at("last_denial"), "paused");
  EXPECT_EQ(json.at("ended_secret_presented_at").as_string(), FormatTime(kSampleTime + 1));
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
