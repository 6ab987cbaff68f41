#include "daemon/keys/authorization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Ceiling MakeCeiling(const std::vector<std::string>& scopes, std::vector<std::string> owners,
                    std::int64_t maximum_lifetime, bool unscoped = false) {
  Ceiling ceiling;
  for (const std::string& text : scopes) ceiling.scopes.push_back(*ScopePattern::Parse(text));
  ceiling.owners = std::move(owners);
  ceiling.maximum_lifetime = maximum_lifetime;
  ceiling.unscoped = unscoped;
  return ceiling;
}

Grantor IssuerOf(std::string user, std::vector<Ceiling> ceilings) {
  return Grantor{std::move(user), {Role::kIssuer}, std::move(ceilings)};
}

Grantor Admin() { return Grantor{"root", {Role::kAdmin}, {}}; }

KeyTerms Terms(std::vector<std::string> scopes, std::string owner, std::int64_t lifetime) {
  KeyTerms terms;
  terms.request.scopes = std::move(scopes);
  terms.request.owner = std::move(owner);
  terms.not_before = kTestNow;
  terms.expires = kTestNow + lifetime;
  return terms;
}

// A key of alice's that bob has made for her: ten days, of which nine are left.
KeyRecord AlicesKey() {
  KeyRecord record;
  record.owner = "alice";
  record.creator = "bob";
  record.scopes = {"read:policies:admin"};
  record.not_before = kTestNow - kDay;
  record.expires = kTestNow + 9 * kDay;
  record.generations = {Generation{1, {}, kTestNow - kDay, std::nullopt, false}};
  return record;
}

void ExpectDenied(const Status& status, const std::string& begins, const std::string& contains = "") {
  ASSERT_FALSE(status) << begins;
  EXPECT_EQ(status.error().code(), ErrorCode::kDenied);
  EXPECT_THAT(status.error().message(), AllOf(StartsWith(begins), HasSubstr(contains)));
}

void ExpectNotTheirs(const Status& status) {
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kDenied);
  EXPECT_THAT(status.error().message(), IsEmpty());
}

const Ceiling kReader = MakeCeiling({"read:*"}, {"self", "carol"}, 30 * kDay);

TEST(Ceilings, AreThoseWhoseMembersIncludeThePeer) {
  Ceiling by_user = kReader, by_group = kReader, others = kReader;
  by_user.members.users = {1000};
  by_user.maximum_lifetime = 1;
  by_group.members.groups = {50};
  by_group.maximum_lifetime = 2;
  others.members.users = {1001};
  const std::vector<Ceiling> all = {by_user, by_group, others};
  const std::vector<gid_t> groups = {50};
  ASSERT_EQ(CeilingsOf(all, 1000, 1000, groups).size(), 2U);
  ASSERT_EQ(CeilingsOf(all, 1000, 1000, {}).size(), 1U);
  EXPECT_EQ(CeilingsOf(all, 1000, 1000, {}).front().maximum_lifetime, 1);
  EXPECT_EQ(CeilingsOf(all, 1002, 50, {}).front().maximum_lifetime, 2);
  EXPECT_THAT(CeilingsOf(all, 1002, 1002, {}), IsEmpty());
}

TEST(MayIssue, WithinOneCeilingAndByAnAdmin) {
  const Grantor alice = IssuerOf("alice", {kReader});
  EXPECT_TRUE(MayIssue(alice, Terms({"read:policies:admin"}, "alice", 30 * kDay), kTestNow));
  EXPECT_TRUE(MayIssue(alice, Terms({"read:policies:admin", "read:x"}, "carol", kDay), kTestNow));
  EXPECT_TRUE(MayIssue(Admin(), Terms({"delete:policies:admin"}, "anyone", 365 * kDay), kTestNow));
}

TEST(MayIssue, NothingBeyondACeilingAndSaysWhatWouldBeAllowed) {
  const Grantor alice = IssuerOf("alice", {kReader});
  ExpectDenied(MayIssue(alice, Terms({"delete:policies:admin"}, "alice", kDay), kTestNow),
               "scopes: delete:policies:admin is not among ", "read:*");
  ExpectDenied(MayIssue(alice, Terms({"read:a", "write:a"}, "alice", kDay), kTestNow), "scopes: write:a ");
  ExpectDenied(MayIssue(alice, Terms({"read:a"}, "dave", kDay), kTestNow), "owner: dave ", "self, carol");
  ExpectDenied(MayIssue(alice, Terms({"read:a"}, "alice", 30 * kDay + 1), kTestNow), "expires_at: ", "30d");
}

TEST(MayIssue, NothingWithoutACeilingOrTheRole) {
  ExpectDenied(MayIssue(IssuerOf("alice", {}), Terms({"read:a"}, "alice", kDay), kTestNow),
               "scopes: ", "[[ceiling]]");
  const Grantor auditor{"alice", {Role::kAuditor, Role::kVerifier}, {kReader}};
  EXPECT_FALSE(MayIssue(auditor, Terms({"read:a"}, "alice", kDay), kTestNow));
}

TEST(MayIssue, NotWithTwoCeilingsThatCoverItOnlyTogether) {
  const Grantor alice = IssuerOf(
      "alice", {MakeCeiling({"read:*"}, {"self"}, 30 * kDay), MakeCeiling({"delete:*"}, {"carol"}, kDay)});
  EXPECT_TRUE(MayIssue(alice, Terms({"read:a"}, "alice", 30 * kDay), kTestNow));
  EXPECT_TRUE(MayIssue(alice, Terms({"delete:a"}, "carol", kDay), kTestNow));
  ExpectDenied(MayIssue(alice, Terms({"read:a", "delete:a"}, "alice", kDay), kTestNow), "scopes: ");
  ExpectDenied(MayIssue(alice, Terms({"delete:a"}, "alice", kDay), kTestNow), "owner: alice ", "carol");
  ExpectDenied(MayIssue(alice, Terms({"delete:a"}, "carol", 30 * kDay), kTestNow), "expires_at: ", "1d");
  ExpectDenied(MayIssue(alice, Terms({"read:a"}, "carol", kDay), kTestNow), "owner: ");
}

TEST(MayIssue, APatternOnlyWhereACeilingCoversAllOfIt) {
  const Grantor alice = IssuerOf("alice", {MakeCeiling({"read:*:admin", "read:x:*"}, {"self"}, kDay)});
  EXPECT_TRUE(MayIssue(alice, Terms({"read:*:admin"}, "alice", kDay), kTestNow));
  EXPECT_TRUE(MayIssue(alice, Terms({"read:x:y", "read:x:*"}, "alice", kDay), kTestNow));
  for (const char* grant : {"read:*", "read:*:*", "read:*:other", "read:x", "nonsense"}) {
    ExpectDenied(MayIssue(alice, Terms({grant}, "alice", kDay), kTestNow), "scopes: ");
  }
}

TEST(MayIssue, FullAccessOnlyWhereACeilingSaysSo) {
  KeyTerms terms = Terms({}, "alice", kDay);
  terms.request.unscoped = true;
  ExpectDenied(MayIssue(IssuerOf("alice", {MakeCeiling({"*"}, {"*"}, kDay)}), terms, kTestNow),
               "unscoped_reason: ");
  ExpectDenied(MayIssue(IssuerOf("alice", {}), terms, kTestNow), "unscoped_reason: ");
  EXPECT_TRUE(MayIssue(IssuerOf("alice", {MakeCeiling({}, {"*"}, kDay, true)}), terms, kTestNow));
  EXPECT_FALSE(MayIssue(IssuerOf("alice", {MakeCeiling({}, {"carol"}, kDay, true)}), terms, kTestNow));
}

TEST(MayIssue, SelfIsTheIssuerAndNoOneOfThatName) {
  const Grantor alice = IssuerOf("alice", {MakeCeiling({"*"}, {"self"}, kDay)});
  EXPECT_TRUE(MayIssue(alice, Terms({"read:a"}, "alice", kDay), kTestNow));
  ExpectDenied(MayIssue(alice, Terms({"read:a"}, "self", kDay), kTestNow), "owner: self ");
  ExpectDenied(MayIssue(alice, Terms({"read:a"}, "*", kDay), kTestNow), "owner: * ");
  EXPECT_FALSE(
      MayIssue(IssuerOf("", {MakeCeiling({"*"}, {"self"}, kDay)}), Terms({"read:a"}, "", kDay), kTestNow));
  const Grantor any = IssuerOf("alice", {MakeCeiling({"*"}, {"*"}, kDay)});
  EXPECT_TRUE(MayIssue(any, Terms({"read:a"}, "whoever", kDay), kTestNow));
}

TEST(MayIssue, MeasuresTheLifetimeFromTheBeginningOfAKeyThatBeginsLater) {
  const Grantor alice = IssuerOf("alice", {MakeCeiling({"*"}, {"self"}, kDay)});
  KeyTerms terms = Terms({"read:a"}, "alice", 101 * kDay);
  terms.not_before = kTestNow + 100 * kDay;
  EXPECT_TRUE(MayIssue(alice, terms, kTestNow));
  ++terms.expires;
  ExpectDenied(MayIssue(alice, terms, kTestNow), "expires_at: ");
  terms = Terms({"read:a"}, "alice", kDay);
  terms.not_before = kTestNow - 100 * kDay;
  EXPECT_TRUE(MayIssue(alice, terms, kTestNow));
  ++terms.expires;
  ExpectDenied(MayIssue(alice, terms, kTestNow), "expires_at: ");
}

TEST(MayIssue, AMessageListsAFewPatternsOnly) {
  std::vector<std::string> patterns;
  for (int i = 0; i < 20; ++i) patterns.push_back("read:r" + std::to_string(i));
  const Status denied = MayIssue(IssuerOf("alice", {MakeCeiling(patterns, {"self"}, kDay)}),
                                 Terms({"read:a"}, "alice", kDay), kTestNow);
  ExpectDenied(denied, "scopes: read:a ", "read:r7 and 12 more");
  EXPECT_THAT(denied.error().message(), ::testing::Not(HasSubstr("read:r8")));
}

TEST(MayRotate, TheOwnerForTheLifetimeThatTheSecretHasWithoutAnyCeiling) {
  const KeyRecord record = AlicesKey();
  const Grantor alice = IssuerOf("alice", {});
  EXPECT_TRUE(MayRotate(alice, record, kTestNow + 10 * kDay, kTestNow));
  ExpectDenied(MayRotate(alice, record, kTestNow + 10 * kDay + 1, kTestNow), "expires_at: ", "10d");
  const UnixSeconds later = record.expires + 100 * kDay;
  EXPECT_TRUE(MayRotate(alice, record, later + 10 * kDay, later));
  EXPECT_FALSE(MayRotate(alice, record, later + 11 * kDay, later));
}

TEST(MayRotate, TheOwnerForLongerOnlyWhereACeilingCoversAllOfIt) {
  KeyRecord record = AlicesKey();
  const Grantor alice = IssuerOf("alice", {kReader});
  EXPECT_TRUE(MayRotate(alice, record, kTestNow + 30 * kDay, kTestNow));
  EXPECT_FALSE(MayRotate(alice, record, kTestNow + 31 * kDay, kTestNow));
  // An admin has given more than the ceiling holds: that much, and for as long as it was given.
  record.scopes = {"delete:policies:admin"};
  EXPECT_TRUE(MayRotate(alice, record, kTestNow + 10 * kDay, kTestNow));
  ExpectDenied(MayRotate(alice, record, kTestNow + 30 * kDay, kTestNow), "expires_at: ");
}

TEST(MayRotate, TheCreatorWhereACeilingCoversItNow) {
  KeyRecord record = AlicesKey();
  const auto bob = [](Ceiling ceiling) { return IssuerOf("bob", {std::move(ceiling)}); };
  const UnixSeconds expires = kTestNow + 5 * kDay;
  EXPECT_TRUE(MayRotate(bob(MakeCeiling({"read:*"}, {"alice"}, 5 * kDay)), record, expires, kTestNow));
  ExpectDenied(MayRotate(bob(MakeCeiling({"read:*"}, {"self"}, 5 * kDay)), record, expires, kTestNow),
               "owner: alice ");
  ExpectDenied(MayRotate(bob(MakeCeiling({"read:*"}, {"alice"}, 4 * kDay)), record, expires, kTestNow),
               "expires_at: ");
  ExpectDenied(MayRotate(IssuerOf("bob", {}), record, expires, kTestNow), "scopes: ");
  // Widened by an admin meanwhile.
  record.scopes.push_back("write:policies:admin");
  ExpectDenied(MayRotate(bob(MakeCeiling({"read:*"}, {"alice"}, 5 * kDay)), record, expires, kTestNow),
               "scopes: write:policies:admin ");
  record.scopes.clear();
  record.unscoped = true;
  ExpectDenied(MayRotate(bob(MakeCeiling({"*"}, {"alice"}, 5 * kDay)), record, expires, kTestNow),
               "unscoped_reason: ");
}

TEST(MayRotate, NobodyElseButAnAdmin) {
  const KeyRecord record = AlicesKey();
  ExpectNotTheirs(MayRotate(IssuerOf("carol", {MakeCeiling({"*"}, {"*"}, 365 * kDay, true)}), record,
                            kTestNow + kDay, kTestNow));
  ExpectNotTheirs(MayRotate(Grantor{"alice", {Role::kAuditor}, {}}, record, kTestNow + kDay, kTestNow));
  EXPECT_TRUE(MayRotate(Admin(), record, kTestNow + 365 * kDay, kTestNow));
}

TEST(MayRotate, MeasuresTheLifetimeOfAKeyThatHasNotBegunFromItsBeginning) {
  KeyRecord record = AlicesKey();
  record.not_before = kTestNow + 50 * kDay;
  record.expires = kTestNow + 60 * kDay;
  const Grantor alice = IssuerOf("alice", {});
  EXPECT_TRUE(MayRotate(alice, record, kTestNow + 60 * kDay, kTestNow));
  EXPECT_FALSE(MayRotate(alice, record, kTestNow + 60 * kDay + 1, kTestNow));
}

class MayEditTest : public ::testing::Test {
 protected:
  Status Edit(const Grantor& grantor, const std::function<void(KeyRecord&)>& change) const {
    KeyRecord after = before_;
    change(after);
    return MayEdit(grantor, before_, after, *catalogue_, kTestNow);
  }

  KeyRecord before_ = AlicesKey();
  const std::shared_ptr<const Catalogue> catalogue_ = SampleCatalogue();
  const Ceiling everything_ = MakeCeiling({"*"}, {"*"}, 365 * kDay, true);
};

TEST_F(MayEditTest, OwnerAndCreatorMayNameNarrowAndShorten) {
  before_.scopes = {"read:domains:admin", "read:policies:admin"};
  for (const char* user : {"alice", "bob"}) {
    EXPECT_TRUE(Edit(IssuerOf(user, {}), [](KeyRecord& r) { r.name = "other"; }));
    EXPECT_TRUE(Edit(IssuerOf(user, {}), [](KeyRecord& r) { r.team = "web"; }));
    EXPECT_TRUE(Edit(IssuerOf(user, {}), [](KeyRecord& r) { r.scopes.pop_back(); }));
    EXPECT_TRUE(Edit(IssuerOf(user, {}), [](KeyRecord& r) { r.expires -= kDay; }));
  }
}

TEST_F(MayEditTest, NobodyElseMayChangeAnything) {
  const auto rename = [](KeyRecord& r) { r.name = "other"; };
  ExpectNotTheirs(Edit(IssuerOf("carol", {everything_}), rename));
  ExpectNotTheirs(Edit(IssuerOf("carol", {everything_}), [](KeyRecord& r) { r.owner = "carol"; }));
  ExpectNotTheirs(Edit(IssuerOf("", {everything_}), rename));
  ExpectNotTheirs(Edit(Grantor{"alice", {Role::kAuditor}, {}}, rename));
  EXPECT_TRUE(Edit(Admin(), rename));
}

TEST_F(MayEditTest, NobodyWidensAKeyOfTheirOwn) {
  const auto widen = [](KeyRecord& r) { r.scopes.push_back("write:policies:admin"); };
  ExpectDenied(Edit(IssuerOf("alice", {everything_}), widen), "scopes: ", "write:policies:admin");
  // Neither while they give it away, nor while they take it over.
  ExpectDenied(Edit(IssuerOf("alice", {everything_}),
                    [&](KeyRecord& r) {
                      widen(r);
                      r.owner = "bob";
                    }),
               "scopes: ", "your own");
  ExpectDenied(Edit(IssuerOf("bob", {everything_}),
                    [&](KeyRecord& r) {
                      widen(r);
                      r.owner = "bob";
                    }),
               "scopes: ", "your own");
  ExpectDenied(Edit(IssuerOf("alice", {everything_}),
                    [](KeyRecord& r) {
                      r.scopes.clear();
                      r.unscoped = true;
                    }),
               "scopes: ");
  EXPECT_TRUE(Edit(Admin(), widen));
}

TEST_F(MayEditTest, APatternThatGivesNoMoreTodayIsWiderAllTheSame) {
  before_.scopes = {"read:domains:admin", "read:policies:admin"};
  const auto as_pattern = [](KeyRecord& r) { r.scopes = {"read:*:admin"}; };
  ExpectDenied(Edit(IssuerOf("alice", {everything_}), as_pattern), "scopes: ", "patterns");
  ExpectDenied(
      Edit(IssuerOf("bob", {MakeCeiling({"read:domains:admin", "read:policies:admin"}, {"*"}, 365 * kDay)}),
           as_pattern),
      "scopes: read:*:admin ");
  before_.scopes = {"read:*:admin"};
  EXPECT_TRUE(Edit(IssuerOf("alice", {}), [](KeyRecord& r) { r.scopes = {"read:policies:admin"}; }));
}

TEST_F(MayEditTest, TheCreatorWidensWhereOneCeilingCoversTheWholeKey) {
  const auto widen = [](KeyRecord& r) { r.scopes.push_back("write:policies:admin"); };
  EXPECT_TRUE(Edit(IssuerOf("bob", {everything_}), widen));
  ExpectDenied(Edit(IssuerOf("bob", {MakeCeiling({"read:*"}, {"*"}, 365 * kDay)}), widen),
               "scopes: write:policies:admin ");
  ExpectDenied(Edit(IssuerOf("bob", {MakeCeiling({"write:*"}, {"*"}, 365 * kDay)}), widen),
               "scopes: read:policies:admin ");
  ExpectDenied(Edit(IssuerOf("bob", {MakeCeiling({"*"}, {"self"}, 365 * kDay)}), widen), "owner: alice ");
  EXPECT_FALSE(Edit(IssuerOf("bob", {MakeCeiling({"read:*"}, {"*"}, 365 * kDay),
                                     MakeCeiling({"write:*"}, {"*"}, 365 * kDay)}),
                    widen));
}

TEST_F(MayEditTest, WideningCountsTheWholeLifeSinceTheOwnerMayRotateForThat) {
  const auto widen = [](KeyRecord& r) { r.scopes.push_back("write:policies:admin"); };
  EXPECT_TRUE(Edit(IssuerOf("bob", {MakeCeiling({"*"}, {"*"}, 10 * kDay)}), widen));
  ExpectDenied(Edit(IssuerOf("bob", {MakeCeiling({"*"}, {"*"}, 10 * kDay - 1)}), widen),
               "expires_at: ", "rotate");
}

TEST_F(MayEditTest, AKeyIsHandedOnOnlyWithinACeiling) {
  const auto to = [](const char* owner) { return [=](KeyRecord& r) { r.owner = owner; }; };
  const Ceiling for_carol = MakeCeiling({"read:*"}, {"carol"}, 10 * kDay);
  EXPECT_TRUE(Edit(IssuerOf("alice", {for_carol}), to("carol")));
  EXPECT_TRUE(Edit(IssuerOf("bob", {for_carol}), to("carol")));
  ExpectDenied(Edit(IssuerOf("alice", {}), to("carol")), "scopes: ", "[[ceiling]]");
  ExpectDenied(Edit(IssuerOf("alice", {for_carol}), to("dave")), "owner: dave ");
  ExpectDenied(Edit(IssuerOf("bob", {for_carol}), to("bob")), "owner: bob ");
  EXPECT_TRUE(Edit(IssuerOf("bob", {MakeCeiling({"read:*"}, {"self"}, 10 * kDay)}), to("bob")));
  // Nine days are left, but the next owner could have the next secret for ten.
  ExpectDenied(Edit(IssuerOf("bob", {MakeCeiling({"read:*"}, {"*"}, 9 * kDay)}), to("carol")),
               "expires_at: ");
  before_.scopes.push_back("delete:policies:admin");
  ExpectDenied(Edit(IssuerOf("bob", {for_carol}), to("carol")), "scopes: delete:policies:admin ");
  EXPECT_TRUE(Edit(IssuerOf("bob", {for_carol}), [](KeyRecord& r) {
    r.scopes.pop_back();
    r.owner = "carol";
  }));
}

TEST_F(MayEditTest, AnUnscopedKeyMayGetScopesButIsNotHandedOnWithoutTheRight) {
  before_.scopes.clear();
  before_.unscoped = true;
  EXPECT_TRUE(Edit(IssuerOf("alice", {}), [](KeyRecord& r) {
    r.unscoped = false;
    r.scopes = {"delete:policies:admin"};
  }));
  ExpectDenied(
      Edit(IssuerOf("alice", {MakeCeiling({"*"}, {"*"}, 365 * kDay)}), [](KeyRecord& r) { r.owner = "bob"; }),
      "unscoped_reason: ");
}

TEST_F(MayEditTest, ALaterEndAsksForACeilingWhoeverMadeIt) {
  const auto later = [](KeyRecord& r) { r.expires += kDay; };
  EXPECT_FALSE(Edit(IssuerOf("alice", {}), later));
  EXPECT_FALSE(Edit(IssuerOf("bob", {MakeCeiling({"*"}, {"*"}, 10 * kDay)}), later));
  EXPECT_TRUE(Edit(IssuerOf("bob", {everything_}), later));
}

TEST(MayEnd, OwnerCreatorAndAdmin) {
  const KeyRecord record = AlicesKey();
  EXPECT_TRUE(MayEnd(IssuerOf("alice", {}), record));
  EXPECT_TRUE(MayEnd(IssuerOf("bob", {}), record));
  EXPECT_TRUE(MayEnd(Admin(), record));
  ExpectNotTheirs(MayEnd(IssuerOf("carol", {kReader}), record));
  ExpectNotTheirs(MayEnd(Grantor{"alice", {Role::kVerifier}, {}}, record));
}

TEST(MayResume, WhoHasPausedItAndAdmins) {
  KeyRecord record = AlicesKey();
  record.state = RecordState::kPaused;
  record.paused_by = "bob";
  EXPECT_TRUE(MayResume(IssuerOf("bob", {}), record));
  EXPECT_TRUE(MayResume(Admin(), record));
  ExpectDenied(MayResume(IssuerOf("alice", {}), record), "key_id: ", "paused by bob");
  ExpectNotTheirs(MayResume(IssuerOf("carol", {}), record));
  record.paused_by = "carol";
  ExpectNotTheirs(MayResume(IssuerOf("carol", {}), record));
  record.paused_by = "";
  EXPECT_FALSE(MayResume(IssuerOf("alice", {}), record));
  record.state = RecordState::kActive;
  EXPECT_TRUE(MayResume(IssuerOf("alice", {}), record)) << "it is not paused: nothing becomes of it";
}

TEST(MayPurge, AdminsOnly) {
  EXPECT_TRUE(MayPurge(Admin()));
  ExpectNotTheirs(MayPurge(IssuerOf("alice", {kReader})));
}

}  // namespace
}  // namespace claviger::keys
