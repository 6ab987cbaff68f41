#include "daemon/keys/issuer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto.h"

namespace claviger::keys {
namespace {

// 32 bytes that neither the token nor the kernel could foresee alone.
Status MakeNonce(TokenMac& token, SecretArray<32>& nonce) {
  SecretArray<64> sources;
  const auto bytes = sources.ExposeForWriting();
  if (auto filled = token.Random(bytes.first<32>()); !filled) return filled;
  FillRandom(bytes.last<32>());
  Sha256Digest digest = Sha256(bytes);
  std::copy(digest.begin(), digest.end(), nonce.ExposeForWriting().begin());
  Wipe(std::span<std::uint8_t>(digest));
  return Ok();
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
  auto key_string = MakeGeneration(record, 1, now);
  if (!key_string) return key_string.error();
  if (auto sealed = Seal(record); !sealed) return sealed.error();
  return IssuedKey{std::move(record), std::move(*key_string)};
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
  if (auto checked = Check(record); !checked) return checked.error();

  KeyRecord next = record;
  next.version = record.version + 1;
  Generation before = record.current();
  // Written so that no sum can overflow: record.expires is a time, and so is the difference to now.
  before.ends = record.expires - now < *grace ? record.expires : now + *grace;
  before.until_used = rotation.until_used && *before.ends > now;
  next.generations = {before};
  next.expires = *expires;
  auto key_string = MakeGeneration(next, before.number + 1, now);
  if (!key_string) return key_string.error();
  if (auto sealed = Seal(next); !sealed) return sealed.error();
  return IssuedKey{std::move(next), std::move(*key_string)};
}

Result<KeyRecord> Issuer::Revise(KeyRecord record) {
  ++record.version;
  if (auto sealed = Seal(record); !sealed) return sealed.error();
  return record;
}

Status Issuer::Check(const KeyRecord& record) {
  const auto mac = ComputeOne(RecordMacRequest(record));
  if (!mac) return mac.error();
  if (EqualInConstantTime(*mac, record.mac)) return Ok();
  return Error(
      ErrorCode::kCorrupt,
      fmt::format("the record of key {} does not match its MAC: it was changed outside claviger; restore the "
                  "database from a backup or revoke the key",
                  record.id.ToString()));
}

Result<Mac> Issuer::ComputeOne(const MacRequest& request) {
  auto macs = token_.Compute(std::span(&request, 1));
  if (!macs) return macs.error();
  if (macs->size() != 1)
    return Error(ErrorCode::kInternal, "the token's client did not return one MAC for one request");
  Result<Mac> mac(macs->front());
  Wipe(std::span<std::uint8_t>(macs->front()));  // it may be a new secret
  return mac;
}

// Makes a secret and adds its generation; returns the key string.
Result<Secret> Issuer::MakeGeneration(KeyRecord& record, std::uint32_t number, UnixSeconds now) {
  SecretArray<32> nonce;
  if (auto made = MakeNonce(token_, nonce); !made) return made.error();
  auto minted = ComputeOne(MintRequest(record.id, number, nonce.Expose()));
  if (!minted) return minted.error();
  KeySecret secret;
  std::copy(minted->begin(), minted->end(), secret.ExposeForWriting().begin());
  Wipe(std::span<std::uint8_t>(*minted));
  const auto verifier = ComputeOne(VerifierRequest(record.id, number, secret));
  if (!verifier) return verifier.error();
  record.generations.push_back(Generation{number, *verifier, now, std::nullopt, false});
  return FormatKeyString(prefix_, record.id, secret);
}

Status Issuer::Seal(KeyRecord& record) {
  const auto mac = ComputeOne(RecordMacRequest(record));
  if (!mac) return mac.error();
  record.mac = *mac;
  return Ok();
}

}  // namespace claviger::keys
