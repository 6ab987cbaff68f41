// Makes keys and their next generations. The secret exists only in what these functions return.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "daemon/keys/policy.h"
#include "daemon/keys/record.h"
#include "daemon/keys/token_mac.h"

namespace claviger::keys {

// A new or changed record with its MAC made, and the key string to hand over once.
struct IssuedKey {
  KeyRecord record;
  Secret key_string;
};

struct Rotation {
  std::optional<std::int64_t> grace;   // seconds; absent = policy's default; never past the old expiry
  std::optional<UnixSeconds> expires;  // absent = now + policy's default lifetime, never the old expiry
  // The grace ends earlier when the new secret is first used; without `grace` it is then the policy's
  // maximum.
  bool until_used = false;
};

// When the next secret of `record` would end, by the policy and `rotation`. Errors as ApplyPolicy; kDenied of
// the field "key_id" for a key with full access or patterns where the policy forbids these.
Result<UnixSeconds> RotatedExpiry(const KeyRecord& record, const Policy& policy, const Rotation& rotation,
                                  UnixSeconds now);

// What a call found out or made; comes exactly once, on any thread, and must not block.
using IssueCallback = std::function<void(Result<IssuedKey>)>;

// Thread-compatible; blocks on the token, but for IssueAsync.
class Issuer {
 public:
  // `token` must outlive this. `prefix` must pass CheckPrefix.
  Issuer(TokenMac& token, std::string prefix) : token_(token), prefix_(std::move(prefix)) {}

  Result<IssuedKey> Issue(const KeyTerms& terms, const std::string& creator, UnixSeconds now);
  // The same without waiting; this object may go meanwhile.
  void IssueAsync(const KeyTerms& terms, const std::string& creator, UnixSeconds now, IssueCallback callback);
  // The next generation of `record`, which is as it was stored: kCorrupt if its MAC is wrong. The one before
  // stays valid for the grace, which ends at the latest with the old expiry; one before that ends at once.
  // kConflict if the key has been revoked; an expired one comes back to life, without grace. Errors of the
  // policy as ApplyPolicy, also of the field "grace".
  Result<IssuedKey> Rotate(const KeyRecord& record, const Policy& policy, const Rotation& rotation,
                           UnixSeconds now);
  // `record`, changed by the caller, as the next version: version + 1 and its MAC made anew. Check() it
  // before it is changed: a new MAC would cover up what was wrong with it.
  Result<KeyRecord> Revise(KeyRecord record);
  // The same for several at once. After an error none of them is to be used.
  Status Revise(std::span<KeyRecord> records);
  // kCorrupt if the record's MAC is not the one that the token makes of it: it was changed outside Claviger.
  Status Check(const KeyRecord& record);
  // The same of each of several; an error if none could be checked.
  Result<std::vector<Status>> Check(std::span<const KeyRecord> records);

 private:
  Result<std::vector<Mac>> MacsOf(std::span<const KeyRecord> records);
  Status Seal(KeyRecord& record);

  TokenMac& token_;
  std::string prefix_;
};

}  // namespace claviger::keys
