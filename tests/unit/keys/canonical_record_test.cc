#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "daemon/keys/record.h"
#include "tests/unit/keys/sample_records.h"

namespace claviger::keys {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Change = std::function<void(KeyRecord&)>;

std::string Hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    for (const int digit : {byte >> 4, byte & 15}) text += "0123456789abcdef"[digit];
  }
  return text;
}

// One change to every field, and the moves of text from one field to its neighbour that a careless encoding
// would hide.
std::vector<Change> AllChanges() {
  return {
      [](KeyRecord& r) { r.id.bytes[11] ^= 1; },
      [](KeyRecord& r) { ++r.version; },
      [](KeyRecord& r) { r.name += "x"; },
      [](KeyRecord& r) { r.name.clear(); },
      [](KeyRecord& r) { r.description += "x"; },
      [](KeyRecord& r) { r.description.clear(); },
      [](KeyRecord& r) { r.owner = "bob"; },
      [](KeyRecord& r) { r.team = "ops"; },
      [](KeyRecord& r) { r.creator = "alice"; },
      [](KeyRecord& r) { ++r.created; },
      [](KeyRecord& r) { ++r.not_before; },
      [](KeyRecord& r) { ++r.expires; },
      [](KeyRecord& r) { r.expires = -r.expires; },
      [](KeyRecord& r) { r.scopes.pop_back(); },
      [](KeyRecord& r) { r.scopes.clear(); },
      [](KeyRecord& r) { r.scopes.push_back("write:policies:admin"); },
      [](KeyRecord& r) { r.scopes = {r.scopes[0] + r.scopes[1]}; },
      [](KeyRecord& r) { std::swap(r.scopes[0], r.scopes[1]); },
      [](KeyRecord& r) { r.unscoped = true; },
      [](KeyRecord& r) { r.unscoped_reason = "because"; },
      [](KeyRecord& r) { r.state = RecordState::kPaused; },
      [](KeyRecord& r) { r.state = RecordState::kRevoked; },
      [](KeyRecord& r) { r.revoked_at = kTestNow; },
      [](KeyRecord& r) { r.revoked_at = 0; },
      [](KeyRecord& r) { r.end_reason = "leaked"; },
      [](KeyRecord& r) { r.generations.pop_back(); },
      [](KeyRecord& r) { std::swap(r.generations[0], r.generations[1]); },
      [](KeyRecord& r) { ++r.generations[0].number; },
      [](KeyRecord& r) { r.generations[0].verifier[31] ^= 1; },
      [](KeyRecord& r) { r.generations[1].verifier[0] ^= 1; },
      [](KeyRecord& r) { ++r.generations[0].created; },
      [](KeyRecord& r) { ++*r.generations[0].ends; },
      [](KeyRecord& r) { r.generations[0].ends.reset(); },
      [](KeyRecord& r) { r.generations[1].ends = kTestNow; },
      [](KeyRecord& r) { r.generations.push_back(r.generations[0]); },
      // Text that moves between neighbours.
      [](KeyRecord& r) { r.name += r.description, r.description.clear(); },
      [](KeyRecord& r) { r.description = r.name + r.description, r.name.clear(); },
      [](KeyRecord& r) { std::swap(r.owner, r.team); },
      [](KeyRecord& r) { r.owner += r.team.substr(0, 1), r.team.erase(0, 1); },
      [](KeyRecord& r) { r.creator.swap(r.team); },
      [](KeyRecord& r) { r.unscoped_reason.swap(r.creator); },
      [](KeyRecord& r) { r.end_reason.swap(r.name); },
      [](KeyRecord& r) { r.name += std::string("\0\0\0\0", 4); },
  };
}

// The same for the fields that are written only if one of them is set.
std::vector<Change> ChangesOfLaterFields() {
  return {
      [](KeyRecord& r) { r.bundles = {"read-only"}; },
      [](KeyRecord& r) {
        r.bundles = {"read-only", "deploy"};
      },
      [](KeyRecord& r) { r.bundles = {"read-onlydeploy"}; },
      [](KeyRecord& r) { r.bundles = {""}; },
      [](KeyRecord& r) { r.replaces = r.id; },
      [](KeyRecord& r) { r.replaces = KeyId{}; },
      [](KeyRecord& r) { r.paused_by = "bob"; },
      [](KeyRecord& r) { r.generations[0].until_used = true; },
      [](KeyRecord& r) { r.generations[1].until_used = true; },
      [](KeyRecord& r) { r.generations[0].until_used = r.generations[1].until_used = true; },
      [](KeyRecord& r) { r.bundles = {"bob"}, r.paused_by = "bob"; },
      [](KeyRecord& r) { r.bundles = {"bob"}, r.replaces = r.id; },
      // An id's twelve bytes as text, before and after where an id would stand.
      [](KeyRecord& r) { r.bundles = {std::string(12, '\0')}; },
      [](KeyRecord& r) { r.paused_by = std::string(12, '\0'); },
      [](KeyRecord& r) { r.replaces = KeyId{}, r.paused_by = "bob"; },
  };
}

TEST(CanonicalRecord, ChangesWithEveryFieldAndEveryShift) {
  std::set<Bytes> seen = {CanonicalRecord(SampleRecord())};
  std::vector<Change> changes = AllChanges();
  for (Change& change : ChangesOfLaterFields()) changes.push_back(std::move(change));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    KeyRecord record = SampleRecord();
    changes[i](record);
    EXPECT_TRUE(seen.insert(CanonicalRecord(record)).second) << "change " << i;
  }
}

TEST(CanonicalRecord, DoesNotHoldTheMacAndNothingElseThanTheRecord) {
  KeyRecord record = SampleRecord();
  const Bytes bytes = CanonicalRecord(record);
  record.mac.fill(7);
  EXPECT_EQ(CanonicalRecord(record), bytes);
}

TEST(CanonicalRecord, KeepsItsFormSoThatStoredMacsStayRight) {
  KeyRecord record;
  record.name = "n";
  record.scopes = {"read:a"};
  record.generations.push_back({1, {}, 5, std::nullopt, false});
  const Bytes bytes = CanonicalRecord(record);
  const auto number = [](std::uint8_t value) { return Bytes{0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, value}; };
  Bytes expected = {0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const auto append = [&expected](const Bytes& more) {
    expected.insert(expected.end(), more.begin(), more.end());
  };
  append(number(1));  // version
  append({0, 0, 0, 1, 'n', 0, 0, 0, 0, 0, 0,
          0, 0, 0, 0, 0,   0, 0, 0, 0, 0});       // name, description, owner, team, creator
  for (int i = 0; i < 3; ++i) append(number(0));  // created, not before, expires
  append(number(1));
  append({0, 0, 0, 6, 'r', 'e', 'a', 'd', ':', 'a'});
  append({0, 0, 0, 1, 0, 0, 0, 0, 0});  // unscoped, its reason
  append(number(1));                    // state
  append({0, 0, 0, 0, 0, 0, 0, 0});     // revoked at, end reason
  append(number(1));                    // one generation
  append(number(1));
  append({0, 0, 0, 32});
  append(Bytes(32, 0));
  append(number(5));
  append({0, 0, 0, 0});
  EXPECT_EQ(bytes, expected);
}

TEST(CanonicalRecord, OfARecordWithoutLaterFieldsIsAsItWasBeforeThereWereAny) {
  // SHA-256 of the record as it was laid out then, made by another program.
  EXPECT_EQ(Hex(Sha256(CanonicalRecord(SampleRecord()))),
            "42b0572b68c728350e3d55cd5b9d4e4161b8eb6cfa559e993a07ed6db857aa2e");
}

TEST(CanonicalRecord, HasTheLaterFieldsAtItsEnd) {
  KeyRecord record = SampleRecord();
  const Bytes before = CanonicalRecord(record);
  record.bundles = {"b"};
  record.replaces = record.id;
  record.paused_by = "p";
  record.generations[0].until_used = true;
  const Bytes bytes = CanonicalRecord(record);
  ASSERT_GT(bytes.size(), before.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), bytes.begin()));
  Bytes expected = {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 'b', 0, 0, 0, 12};
  expected.insert(expected.end(), record.id.bytes.begin(), record.id.bytes.end());
  const Bytes rest = {0, 0, 0, 1, 'p', 0, 0, 0, 1, 1, 0, 0, 0, 1, 0};
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(before.size()), bytes.end()), expected);
}

TEST(TokenInputs, BeginWithTheirDomainAndHoldTheirFields) {
  const KeyId id = SampleRecord().id;
  std::array<std::uint8_t, 32> ours;
  ours.fill(9);
  const MintOrder order = OrderOfMint(id, 3, ours);
  const auto head = [&id](std::string_view domain, std::uint8_t content) {
    Bytes bytes = {0, 0, 0, static_cast<std::uint8_t>(domain.size())};
    for (const char c : domain) bytes.push_back(static_cast<std::uint8_t>(c));
    bytes.insert(bytes.end(), {0, 0, 0, 12});
    bytes.insert(bytes.end(), id.bytes.begin(), id.bytes.end());
    bytes.insert(bytes.end(), {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, content});
    return bytes;
  };
  Bytes mint = head("claviger/mint/1", 64);
  mint.insert(mint.end(), 32, 9);
  EXPECT_EQ(order.mint_head, mint);
  EXPECT_EQ(order.verify_head, head("claviger/verify/1", 32));
}

TEST(TokenInputs, TheVerifierOfANewSecretIsTheOneThatAPresentedSecretGives) {
  const KeyRecord record = SampleRecord();
  KeySecret secret;
  secret.ExposeForWriting()[0] = 7;
  Bytes appended = OrderOfMint(record.id, 1, std::array<std::uint8_t, 32>{}).verify_head;
  appended.insert(appended.end(), secret.Expose().begin(), secret.Expose().end());
  EXPECT_EQ(appended, VerifierRequest(record.id, 1, secret).input);
}

TEST(TokenInputs, NeverCoincideAndFitOneTokenCall) {
  const KeyRecord record = SampleRecord();
  KeySecret secret;
  std::array<std::uint8_t, 32> ours{};
  KeyId other = record.id;
  other.bytes[0] ^= 1;
  std::set<Bytes> inputs;
  for (const auto& [id, number] : {std::pair{record.id, 1U}, {record.id, 2U}, {other, 1U}}) {
    const MintOrder order = OrderOfMint(id, number, ours);
    EXPECT_LE(order.mint_head.size() + kMintRandomBytes, kMaxMacInput);
    EXPECT_LT(order.mint_head.size() + order.verify_head.size(), kMaxMacInput);
    const MacRequest request = VerifierRequest(id, number, secret);
    EXPECT_EQ(request.purpose, TokenPurpose::kVerify);
    EXPECT_LE(request.input.size(), kMaxMacInput);
    inputs.insert(order.mint_head);
    inputs.insert(request.input);
  }
  const MacRequest request = RecordMacRequest(record);
  EXPECT_EQ(request.purpose, TokenPurpose::kRecord);
  EXPECT_LE(request.input.size(), kMaxMacInput);
  inputs.insert(request.input);
  EXPECT_EQ(inputs.size(), 7U);
}

TEST(TokenInputs, TheLargestRecordStillFitsOneTokenCall) {
  KeyRecord record = SampleRecord();
  record.scopes.assign(256, "read:" + std::string(100, 'a'));
  record.description.assign(kMaxDescriptionBytes, 'd');
  EXPECT_LE(RecordMacRequest(record).input.size(), kMaxMacInput);
}

}  // namespace
}  // namespace claviger::keys
