#include "daemon/keys/issuer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <utility>

#include "base/crypto.h"

namespace claviger::keys {
namespace {

Error WrongCount() {
  return Error(ErrorCode::kInternal, "the token's client did not return one MAC for each request");
}

Error Changed(const KeyId& id) {
  return Error(
      ErrorCode::kCorrupt,
      fmt::format("the record of key {} does not match its MAC: it was changed outside claviger; restore the "
                  "database from a backup or revoke the key",
                  id.ToString()));
}

KeyRecord RecordOf(const KeyTerms& terms, const std::string& creator, UnixSeconds now) {
  const KeyRequest& request = terms.request;
  KeyRecord record;
  record.id = KeyId::Make(now);
  record.name = request.name;
  record.description = request.description;
  record.owner = request.owner;
  record.team = request.team;
  record.creator = creator;
  record.created = now;
  record.not_before = terms.not_before;
  record.expires = terms.expires;
  record.scopes = request.scopes;
  record.bundles = request.bundles;
  record.replaces = request.replaces;
  record.unscoped = request.unscoped;
  record.unscoped_reason = request.unscoped_reason;
  return record;
}

MintOrder MakeOrder(const KeyId& id, std::uint32_t number) {
  SecretArray<32> ours;
  FillRandom(ours.ExposeForWriting());
  return OrderOfMint(id, number, ours.Expose());
}

void AddGeneration(KeyRecord& record, std::uint32_t number, const Minted& minted, UnixSeconds now) {
  record.generations.push_back(Generation{number, minted.verifier, now, std::nullopt, false});
}

Result<std::int64_t> ApplyGrace(const Policy& policy, const Rotation& rotation) {
  const std::int64_t usual = rotation.until_used ? policy.maximum_grace : policy.default_grace;
  const std::int64_t grace = rotation.grace.value_or(std::min(usual, policy.maximum_grace));
  if (grace < 0)
    return Error(ErrorCode::kInvalidArgument, "grace: is less than 0 seconds; 0 ends the old secret at once");
  if (grace > policy.maximum_grace) {
    if (policy.excess == ExcessRule::kClamp) return policy.maximum_grace;
    return Error(ErrorCode::kLimitExceeded,
                 fmt::format("grace: {} is longer than the policy's maximum of {}", FormatDuration(grace),
                             FormatDuration(policy.maximum_grace)));
  }
  return grace;
}

// A new secret is not made for access that no new key would be given.
Status CheckAccess(const Policy& policy, const LifetimeLimits& limits, const KeyRecord& record) {
  if (record.unscoped && limits.unscoped == UnscopedRule::kForbid) {
    return Error(
        ErrorCode::kDenied,
        "key_id: the policy forbids keys with full access; give this one scopes with claviger key edit, "
        "or issue a key with scopes in its place");
  }
  const auto is_pattern = [](const std::string& grant) { return grant.find('*') != std::string::npos; };
  const auto pattern = std::find_if(record.scopes.begin(), record.scopes.end(), is_pattern);
  if (policy.wildcards || pattern == record.scopes.end()) return Ok();
  return Error(ErrorCode::kDenied,
               fmt::format("key_id: the policy forbids patterns such as {}, which this key holds; name its "
                           "scopes with claviger key edit first",
                           *pattern));
}

}  // namespace

Result<UnixSeconds> RotatedExpiry(const KeyRecord& record, const Policy& policy, const Rotation& rotation,
                                  UnixSeconds now) {
  const LifetimeLimits limits = LimitsFor(policy, record.scopes, record.owner);
  if (auto checked = CheckAccess(policy, limits, record); !checked) return checked.error();
  const auto expiry = ApplyLifetime(limits, policy.excess, record.not_before, rotation.expires, now);
  if (!expiry) return expiry.error();
  return expiry->expires;
}

Result<IssuedKey> Issuer::Issue(const KeyTerms& terms, const std::string& creator, UnixSeconds now) {
  KeyRecord record = RecordOf(terms, creator, now);
  const auto minted = token_.Mint(MakeOrder(record.id, 1)).get();
  if (!minted) return minted.error();
  AddGeneration(record, 1, *minted, now);
  if (auto sealed = Seal(record); !sealed) return sealed.error();
  Secret key_string = FormatKeyString(prefix_, record.id, minted->secret);
  return IssuedKey{std::move(record), std::move(key_string)};
}

void Issuer::IssueAsync(const KeyTerms& terms, const std::string& creator, UnixSeconds now,
                        IssueCallback callback) {
  // Functions are copied on their way to the token, so what they need is shared.
  struct Issuing {
    IssuedKey key;
    std::string prefix;
    IssueCallback callback;
  };
  const auto issuing = std::make_shared<Issuing>(
      Issuing{{RecordOf(terms, creator, now), Secret()}, prefix_, std::move(callback)});
  const auto seal = [&token = token_, issuing] {
    token.ComputeAsync({RecordMacRequest(issuing->key.record)},
                       [issuing](const Result<std::vector<Mac>>& macs) {
                         if (!macs) return issuing->callback(macs.error());
                         if (macs->size() != 1) return issuing->callback(WrongCount());
                         issuing->key.record.mac = macs->front();
                         issuing->callback(std::move(issuing->key));
                       });
  };
  const MintOrder order = MakeOrder(issuing->key.record.id, 1);
  token_.MintAsync(order, [issuing, seal](const Result<Minted>& minted) {
    if (!minted) return issuing->callback(minted.error());
    KeyRecord& record = issuing->key.record;
    AddGeneration(record, 1, *minted, record.created);
    issuing->key.key_string = FormatKeyString(issuing->prefix, record.id, minted->secret);
    seal();
  });
}

Result<IssuedKey> Issuer::Rotate(const KeyRecord& record, const Policy& policy, const Rotation& rotation,
                                 UnixSeconds now) {
  if (record.state == RecordState::kRevoked) {
    return Error(ErrorCode::kConflict, "the key is revoked and has no next secret; issue a new key");
  }
  const auto grace = ApplyGrace(policy, rotation);
  if (!grace) return grace.error();
  const auto expires = RotatedExpiry(record, policy, rotation, now);
  if (!expires) return expires.error();
  // The token makes the secret while it checks the record.
  const std::uint32_t number = record.current().number + 1;
  std::future<Result<Minted>> minting = token_.Mint(MakeOrder(record.id, number));
  if (auto checked = Check(record); !checked) return checked.error();
  const auto minted = minting.get();
  if (!minted) return minted.error();

  KeyRecord next = record;
  next.version = record.version + 1;
  Generation before = record.current();
  // Written so that no sum can overflow: record.expires is a time, and so is the difference to now.
  before.ends = record.expires - now < *grace ? record.expires : now + *grace;
  before.until_used = rotation.until_used && *before.ends > now;
  next.generations = {before};
  next.expires = *expires;
  AddGeneration(next, number, *minted, now);
  if (auto sealed = Seal(next); !sealed) return sealed.error();
  return IssuedKey{std::move(next), FormatKeyString(prefix_, record.id, minted->secret)};
}

Result<KeyRecord> Issuer::Revise(KeyRecord record) {
  ++record.version;
  if (auto sealed = Seal(record); !sealed) return sealed.error();
  return record;
}

Status Issuer::Revise(std::span<KeyRecord> records) {
  for (KeyRecord& record : records) ++record.version;
  const auto macs = MacsOf(records);
  if (!macs) return macs.error();
  for (std::size_t i = 0; i < records.size(); ++i) records[i].mac = (*macs)[i];
  return Ok();
}

Status Issuer::Check(const KeyRecord& record) {
  const auto checked = Check(std::span(&record, 1));
  return checked ? checked->front() : Status(checked.error());
}

Result<std::vector<Status>> Issuer::Check(std::span<const KeyRecord> records) {
  const auto macs = MacsOf(records);
  if (!macs) return macs.error();
  std::vector<Status> checked;
  checked.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    checked.push_back(EqualInConstantTime((*macs)[i], records[i].mac) ? Ok()
                                                                      : Status(Changed(records[i].id)));
  }
  return checked;
}

Result<std::vector<Mac>> Issuer::MacsOf(std::span<const KeyRecord> records) {
  std::vector<MacRequest> requests;
  requests.reserve(records.size());
  for (const KeyRecord& record : records) requests.push_back(RecordMacRequest(record));
  auto macs = token_.Compute(requests);
  if (macs && macs->size() != records.size()) return WrongCount();
  return macs;
}

Status Issuer::Seal(KeyRecord& record) {
  const auto macs = MacsOf(std::span(&record, 1));
  if (!macs) return macs.error();
  record.mac = macs->front();
  return Ok();
}

}  // namespace claviger::keys
