// Random programs of acts by several operators, run through the code that decides in the daemon, and judged
// by a model: nobody ever comes to hold more than a ceiling or an admin gave.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/keys/authorization.h"
#include "daemon/keys/issuer.h"
#include "daemon/keys/policy.h"
#include "tests/unit/keys/operator_model.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

// splitmix64: the same numbers everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t Below(std::size_t limit) { return static_cast<std::size_t>(Next() % limit); }
  bool OneIn(std::size_t n) { return Below(n) == 0; }
  template <class List>
  const auto& Of(const List& list) {
    return list[Below(std::size(list))];
  }

 private:
  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

// MACs that cost nothing: the first bytes of a sum over the input.
class CheapToken final : public TokenMac {
 public:
  Result<std::vector<Mac>> Compute(std::span<const MacRequest> requests) override {
    std::vector<Mac> macs(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      std::uint64_t sum = static_cast<std::uint64_t>(requests[i].purpose);
      for (const std::uint8_t byte : requests[i].input) sum = (sum ^ byte) * 0x100000001B3U;
      for (std::size_t byte = 0; byte < 8; ++byte)
        macs[i][byte] = static_cast<std::uint8_t>(sum >> (8 * byte));
    }
    return macs;
  }
  void ComputeAsync(std::vector<MacRequest> requests, Callback callback) override {
    callback(Compute(requests));
  }
  void MintAsync(const MintOrder& order, MintCallback callback) override {
    Minted minted;
    minted.verifier = Compute(std::vector{MacRequest{TokenPurpose::kVerify, order.mint_head}})->front();
    callback(std::move(minted));
  }
};

const std::shared_ptr<const Catalogue>& TestCatalogue() {
  static const auto catalogue = [] {
    std::string text = "[[bundle]]\nname = 'readers'\nsummary = 'S'\nscopes = ['read:*']\n";
    for (const char* name : {"read:a", "read:b", "read:a:x", "read:b:x", "write:a", "write:a:x", "write:b",
                             "delete:a", "delete:b:x"}) {
      text += fmt::format("[[scope]]\nname = '{}'\nsummary = 'S'\n", name);
    }
    return *Catalogue::Build({{"test.toml", text}});
  }();
  return catalogue;
}

constexpr std::array<const char*, 4> kUsers = {"root", "ann", "bo", "cy"};  // root is the admin
constexpr std::array<const char*, 13> kGrants = {
    "read:a",     "read:b", "read:a:x", "read:b:x",  "write:a", "write:a:x", "delete:a",
    "delete:b:x", "read:*", "read:*:x", "write:a:*", "write:*", "delete:*"};
constexpr std::array<const char*, 9> kPatterns = {"*",         "read:*", "read:*:x", "*:a",     "write:*",
                                                  "write:a:*", "*:*:x",  "read:a",   "delete:*"};
constexpr std::array<std::int64_t, 5> kLifetimes = {3600, kDay, 5 * kDay, 30 * kDay, 365 * kDay};

enum Act { kIssue, kRotate, kEditScopes, kEditOwner, kEditMixed, kEnd, kResume, kTime, kRules, kActs };
constexpr std::array<const char*, kActs> kActNames = {"issue", "rotate", "scopes", "owner", "mixed",
                                                      "end",   "resume", "time",   "rules"};

// How often issuers were let through, and refused.
struct Tally {
  std::array<std::size_t, kActs> passed{}, refused{};
};

struct Actor {
  Grantor grantor;
  ModelActor model;
};

// One program: its world, and the acts upon it.
class Program {
 public:
  Program(std::uint64_t seed, Tally& tally, bool tell) : dice_(seed), tally_(tally), tell_(tell) {
    ChangePolicy();
    for (const char* user : kUsers) ChangeCeilings(user);
  }

  // "" or what went wrong.
  std::string Run() {
    const std::size_t acts = 10 + dice_.Below(21);
    for (std::size_t i = 0; i < acts; ++i) {
      std::string wrong = Step();
      for (std::size_t key = 0; wrong.empty() && key < records_.size(); ++key) {
        wrong = model_.Holds(key, records_[key]);
        if (wrong.empty()) wrong = GivesNoMore(records_[key]);
      }
      if (!wrong.empty()) return wrong;
    }
    return "";
  }
  const std::string& story() const { return story_; }

 private:
  void Tell(const std::string& text) {
    if (tell_) story_ += fmt::format("  at {}: {}\n", FormatTime(now_), text);
  }
  static std::string Text(const KeyRecord& record) {
    return fmt::format("owner {}, creator {}, {} until {}", record.owner, record.creator,
                       record.unscoped ? "unscoped" : fmt::format("[{}]", fmt::join(record.scopes, " ")),
                       FormatTime(record.expires));
  }

  std::vector<ScopePattern> SomePatterns() {
    std::vector<ScopePattern> patterns;
    for (std::size_t i = dice_.Below(3) + 1; i > 0; --i)
      patterns.push_back(*ScopePattern::Parse(dice_.Of(kPatterns)));
    return patterns;
  }
  static ScopeBits BitsOfAll(const std::vector<ScopePattern>& patterns) {
    ScopeBits bits = 0;
    for (const ScopePattern& pattern : patterns) bits |= BitsOfPattern(pattern.text());
    return bits;
  }
  std::vector<std::string> SomeGrants() {
    std::vector<std::string> grants;
    for (std::size_t i = dice_.Below(3) + 1; i > 0; --i) grants.emplace_back(dice_.Of(kGrants));
    return grants;
  }

  void ChangePolicy() {
    policy_ = Policy();
    policy_.maximum_lifetime = dice_.Of(kLifetimes);
    policy_.wildcards = !dice_.OneIn(4);
    policy_.unscoped = dice_.OneIn(2) ? UnscopedRule::kAllowWithReason : UnscopedRule::kForbid;
    policy_.excess = dice_.OneIn(2) ? ExcessRule::kClamp : ExcessRule::kRefuse;
    model_.policy = {
        policy_.maximum_lifetime, policy_.unscoped == UnscopedRule::kAllowWithReason, policy_.wildcards, {}};
    while (dice_.OneIn(3)) {
      PolicyRule rule;
      rule.scopes = SomePatterns();
      if (dice_.OneIn(2)) rule.owners = {dice_.Of(kUsers)};
      rule.maximum_lifetime = dice_.Of(kLifetimes);
      policy_.rules.push_back(rule);
      // An unscoped key holds all, so every rule for scopes is one for it too: all patterns name some.
      model_.policy.rules.push_back({BitsOfAll(rule.scopes), rule.owners, *rule.maximum_lifetime});
    }
    Tell(fmt::format("policy: at most {}", FormatDuration(policy_.maximum_lifetime)));
  }

  void ChangeCeilings(const std::string& user) {
    const bool admin = user == kUsers[0];
    Actor& actor = actors_[user];
    actor.grantor = {user, admin ? RoleSet{Role::kAdmin} : RoleSet{Role::kIssuer}, {}};
    actor.model = {user, admin, {}};
    for (std::size_t i = admin ? 0 : dice_.Below(3); i > 0; --i) {
      Ceiling ceiling;
      ceiling.scopes = SomePatterns();
      ceiling.owners = {dice_.OneIn(2) ? "self" : dice_.OneIn(3) ? "*" : dice_.Of(kUsers)};
      if (dice_.OneIn(2)) ceiling.owners.emplace_back(dice_.Of(kUsers));
      ceiling.maximum_lifetime = dice_.Of(kLifetimes);
      ceiling.unscoped = dice_.OneIn(4);
      actor.grantor.ceilings.push_back(ceiling);
      const ScopeBits bits = ceiling.unscoped ? kFullAccess | kEveryScope : BitsOfAll(ceiling.scopes);
      actor.model.ceilings.push_back({bits, ceiling.owners, ceiling.maximum_lifetime});
      std::vector<std::string> patterns;
      for (const ScopePattern& pattern : ceiling.scopes) patterns.push_back(pattern.text());
      Tell(fmt::format("ceiling of {}: [{}]{} for [{}] up to {}", user, fmt::join(patterns, " "),
                       ceiling.unscoped ? " and unscoped" : "", fmt::join(ceiling.owners, " "),
                       FormatDuration(ceiling.maximum_lifetime)));
    }
  }

  std::string Step() {
    const Act act = records_.empty() ? kIssue : static_cast<Act>(dice_.Below(kActs));
    const Actor& actor = actors_[dice_.Of(kUsers)];
    switch (act) {
      case kTime:
        now_ += dice_.Of(std::array<std::int64_t, 5>{60, 3600, 12 * 3600, 2 * kDay, 40 * kDay});
        return "";
      case kRules:
        if (dice_.OneIn(2)) ChangePolicy();
        ChangeCeilings(dice_.Of(kUsers));
        return "";
      case kIssue:
        return Issue(actor);
      case kRotate:
        return Rotate(actor, dice_.Below(records_.size()));
      case kEnd:
        return End(actor, dice_.Below(records_.size()));
      case kResume:
        return Resume(actor, dice_.Below(records_.size()));
      default:
        return Edit(actor, dice_.Below(records_.size()), act);
    }
  }

  // Counts what became of an issuer's act, and tells of it.
  template <class Outcome>
  bool Passed(const Actor& actor, Act act, const Outcome& outcome, std::size_t key) {
    const bool passed = outcome.has_value();
    if (!actor.model.admin) ++(passed ? tally_.passed : tally_.refused)[act];
    if (tell_) {
      Tell(fmt::format("{}: {} key {}: {}", actor.model.user, kActNames[act], key,
                       passed ? "let through" : "refused, " + outcome.error().message()));
    }
    return passed;
  }

  std::optional<UnixSeconds> SomeEnd() {
    if (dice_.OneIn(4)) return std::nullopt;
    return now_ + dice_.Of(kLifetimes);
  }

  std::string Issue(const Actor& actor) {
    KeyRequest request;
    request.name = "key";
    if (!dice_.OneIn(3)) request.owner = dice_.Of(kUsers);
    request.unscoped = dice_.OneIn(8);
    if (request.unscoped) {
      request.unscoped_reason = "reason";
    } else {
      request.scopes = SomeGrants();
      if (dice_.OneIn(6)) request.bundles = {"readers"};
    }
    if (dice_.OneIn(6)) request.not_before = now_ + (dice_.OneIn(3) ? -1 : 1) * dice_.Of(kLifetimes);
    request.expires = SomeEnd();
    auto issued = [&]() -> Result<IssuedKey> {
      const auto terms = ApplyPolicy(policy_, *TestCatalogue(), request, actor.model.user, now_);
      if (!terms) return terms.error();
      if (auto may = MayIssue(actor.grantor, *terms, now_); !may) return may.error();
      return issuer_.Issue(*terms, actor.model.user, now_);
    }();
    if (!Passed(actor, kIssue, issued, records_.size())) return "";
    records_.push_back(issued->record);
    Tell(Text(issued->record));
    return model_.Issued(actor.model, records_.size() - 1, issued->record, now_);
  }

  std::string Rotate(const Actor& actor, std::size_t key) {
    const Rotation rotation{dice_.OneIn(2) ? std::optional<std::int64_t>(dice_.Of(kLifetimes)) : std::nullopt,
                            SomeEnd(), dice_.OneIn(3)};
    auto rotated = [&]() -> Result<IssuedKey> {
      const auto expires = RotatedExpiry(records_[key], policy_, rotation, now_);
      if (!expires) return expires.error();
      if (auto may = MayRotate(actor.grantor, records_[key], *expires, now_); !may) return may.error();
      return issuer_.Rotate(records_[key], policy_, rotation, now_);
    }();
    if (!Passed(actor, kRotate, rotated, key)) return "";
    records_[key] = rotated->record;
    Tell(Text(records_[key]));
    return model_.Rotated(actor.model, key, records_[key], now_);
  }

  std::string Edit(const Actor& actor, std::size_t key, Act act) {
    KeyEdit edit;
    if (act != kEditOwner) edit.scopes = SomeGrants();
    if (act != kEditOwner && dice_.OneIn(3)) {
      edit.scopes->insert(edit.scopes->end(), records_[key].scopes.begin(), records_[key].scopes.end());
    }
    if (act != kEditScopes) edit.owner = dice_.Of(kUsers);
    if (act == kEditMixed && dice_.OneIn(2)) edit.expires = now_ + dice_.Of(kLifetimes);
    if (act == kEditMixed && dice_.OneIn(3)) edit.bundles = {"readers"};
    auto edited = [&]() -> Result<KeyRecord> {
      auto after = ApplyEdit(policy_, *TestCatalogue(), records_[key], edit, now_);
      if (!after) return after;
      if (auto may = MayEdit(actor.grantor, records_[key], *after, *TestCatalogue(), now_); !may)
        return may.error();
      return issuer_.Revise(std::move(*after));
    }();
    if (!Passed(actor, act, edited, key)) return "";
    const KeyRecord before = records_[key];
    records_[key] = *edited;
    Tell(Text(records_[key]));
    return model_.Edited(actor.model, key, before, records_[key], now_);
  }

  std::string End(const Actor& actor, std::size_t key) {
    KeyRecord& record = records_[key];
    if (record.state != RecordState::kActive || !Passed(actor, kEnd, MayEnd(actor.grantor, record), key))
      return "";
    record.state = dice_.OneIn(4) ? RecordState::kRevoked : RecordState::kPaused;
    if (record.state == RecordState::kPaused) record.paused_by = actor.model.user;
    record = *issuer_.Revise(record);
    return model_.Ended(actor.model, key, record);
  }

  std::string Resume(const Actor& actor, std::size_t key) {
    KeyRecord& record = records_[key];
    if (record.state != RecordState::kPaused ||
        !Passed(actor, kResume, MayResume(actor.grantor, record), key)) {
      return "";
    }
    record.state = RecordState::kActive;
    record.paused_by.clear();
    record = *issuer_.Revise(record);
    return model_.Resumed(actor.model, key);
  }

  // What a verification would grant is no more than the record says.
  static std::string GivesNoMore(const KeyRecord& record) {
    for (const std::string& grant : record.scopes) {
      for (const std::size_t position : TestCatalogue()->Expand(grant)) {
        const ScopeBits bit = BitsOfPattern(TestCatalogue()->scopes()[position].name);
        if ((bit & ~BitsOfPattern(grant)) != 0) return "a grant that gives more than it says";
      }
    }
    return "";
  }

  Dice dice_;
  Tally& tally_;
  const bool tell_;
  std::string story_;
  UnixSeconds now_ = kTestNow;
  Policy policy_;
  std::map<std::string, Actor> actors_;
  std::vector<KeyRecord> records_;
  OperatorModel model_;
  CheapToken token_;
  keys::Issuer issuer_{token_, "clv"};
};

TEST(RandomOperators, NobodyEverHoldsMoreThanWasGranted) {
#ifdef CLAVIGER_PROGRAMS
  constexpr std::uint64_t kPrograms = CLAVIGER_PROGRAMS;
#else
  constexpr std::uint64_t kPrograms = 100000;
#endif
  Tally tally;
  for (std::uint64_t seed = 0; seed < kPrograms; ++seed) {
    const std::string wrong = Program(seed, tally, false).Run();
    if (wrong.empty()) continue;
    Program told(seed, tally, true);
    const std::string again = told.Run();
    FAIL() << "program " << seed << ": " << wrong << "\n" << told.story() << "  " << again;
  }
  // Both answers were given often enough to mean something.
  for (std::size_t act = 0; act < kTime; ++act) {
    EXPECT_GT(tally.passed[act], kPrograms / 100) << kActNames[act];
    EXPECT_GT(tally.refused[act], kPrograms / 100) << kActNames[act];
  }
}

}  // namespace
}  // namespace claviger::keys
