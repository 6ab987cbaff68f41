#include "daemon/api/verify_reply.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/keys/catalogue.h"
#include "tests/unit/api/sample_record.h"

namespace claviger::api {
namespace {

using keys::VerdictCode;

std::shared_ptr<const keys::Catalogue> EmptyCatalogue() {
  auto built = keys::Catalogue::Build({});
  return built ? *built : nullptr;
}

// The parameters of the one reply in `out`, which must end with its NUL.
boost::json::object ParametersOf(const WipingBuffer& out) {
  EXPECT_FALSE(out.empty());
  EXPECT_EQ(out.back(), '\0');
  const boost::json::value reply = boost::json::parse(std::string_view(out.data(), out.size() - 1));
  EXPECT_EQ(reply.as_object().size(), 1U);
  return reply.at("parameters").as_object();
}

boost::json::object VerdictFor(const keys::KeyRecord& record, VerdictCode code, std::uint32_t generation,
                               const std::vector<std::string_view>& missing = {}) {
  const keys::KeyEntryPtr entry = keys::KeyEntry::Make(
      record, keys::KeyProfilePtr(new keys::KeyProfile(record, EmptyCatalogue(), ProfileText(record))));
  WipingBuffer out;
  AppendVerdict(out, code, missing, *entry, record.id.ToString(), generation);
  return ParametersOf(out);
}

TEST(VerifyReply, TellsWhoseKeyItIs) {
  const auto reply = VerdictFor(SampleRecord(), VerdictCode::kValid, 1);
  EXPECT_EQ(reply.at("valid"), true);
  EXPECT_EQ(reply.at("code"), "valid");
  EXPECT_EQ(reply.at("key_id"), boost::json::value(SampleRecord().id.ToString()));
  EXPECT_EQ(reply.at("generation"), 1);
  EXPECT_EQ(reply.at("name"), "nightly \"export\"");
  EXPECT_EQ(reply.at("owner"), "backup");
  EXPECT_EQ(reply.at("scopes"), (boost::json::array{"read:groups:admin", "read:policies:admin"}));
  EXPECT_EQ(reply.at("expires_at"), boost::json::value(FormatTime(kSampleTime + 7 * 86400)));
  EXPECT_FALSE(reply.contains("missing_scopes"));
}

TEST(VerifyReply, NamesTheMissingScopes) {
  const auto reply = VerdictFor(SampleRecord(), VerdictCode::kInsufficientScope, 1, {"write:policies:admin"});
  EXPECT_EQ(reply.at("valid"), false);
  EXPECT_EQ(reply.at("code"), "insufficient_scope");
  EXPECT_EQ(reply.at("missing_scopes"), (boost::json::array{"write:policies:admin"}));
}

TEST(VerifyReply, LeavesScopesOutForAnUnscopedKey) {
  keys::KeyRecord record = SampleRecord();
  record.scopes.clear();
  record.unscoped = true;
  record.unscoped_reason = "bootstrap";
  EXPECT_FALSE(VerdictFor(record, VerdictCode::kValid, 1).contains("scopes"));
}

TEST(VerifyReply, GivesAnOldGenerationTheEndOfItsGrace) {
  keys::KeyRecord record = SampleRecord();
  record.generations.front().ends = kSampleTime + 60;
  keys::Generation next;
  next.number = 2;
  record.generations.push_back(next);
  EXPECT_EQ(VerdictFor(record, VerdictCode::kValid, 1).at("expires_at"),
            boost::json::value(FormatTime(kSampleTime + 60)));
  EXPECT_EQ(VerdictFor(record, VerdictCode::kValid, 2).at("expires_at"),
            boost::json::value(FormatTime(kSampleTime + 7 * 86400)));
}

TEST(VerifyReply, SaysNothingOfTheKeyInABareVerdict) {
  for (const auto code : {VerdictCode::kMalformed, VerdictCode::kUnknown, VerdictCode::kRateLimited,
                          VerdictCode::kUnavailable}) {
    WipingBuffer out;
    AppendBareVerdict(out, code);
    EXPECT_EQ(ParametersOf(out),
              (boost::json::object{{"valid", false}, {"code", keys::VerdictCodeName(code)}}));
  }
}

}  // namespace
}  // namespace claviger::api
