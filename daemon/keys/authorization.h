// Whether someone may do something to a key: roles, ceilings, and whose key it is. Free of I/O. The method
// table has decided before that the role may call the method at all; policy is asked besides.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/policy.h"
#include "daemon/keys/principal.h"
#include "daemon/keys/record.h"
#include "daemon/keys/scope.h"

namespace claviger::keys {

// The most that some issuers may grant.
struct Ceiling {
  static constexpr std::string_view kSelf = "self";  // among `owners`: the issuer's own user name
  static constexpr std::string_view kAny = "*";      // among `owners`: everyone

  RoleMembers members;
  std::vector<ScopePattern> scopes;
  std::vector<std::string> owners;
  std::int64_t maximum_lifetime = 0;  // seconds
  bool unscoped = false;
};

// Who asks, with the ceilings that are theirs. An issuer without any may grant nothing. An admin has none and
// needs none.
struct Grantor {
  std::string user;
  RoleSet roles;
  std::vector<Ceiling> ceilings;
};

// The ceilings of `all` whose members include the peer.
std::vector<Ceiling> CeilingsOf(const std::vector<Ceiling>& all, uid_t uid, gid_t gid,
                                std::span<const gid_t> supplementary);

// All errors are kDenied. Their message begins with the field at fault and ": " where a ceiling is passed
// ("scopes: delete:policies:admin is not among ..."), and says what would be allowed; it is empty where the
// key is someone else's.
//
// For those without the role admin:
// - a secret is handed out (issue, rotate) only within one ceiling that covers scopes, owner and lifetime
// together;
//   the owner of a key may rotate it within its scopes as they are, for one ceiling's or its former lifetime;
// - only keys that they created or own are theirs to change;
// - nobody widens a key that they own, or takes over (or gives away) a key beyond their ceiling;
// - only who has paused a key may resume it; nobody purges.
Status MayIssue(const Grantor& grantor, const KeyTerms& terms, UnixSeconds now);
Status MayRotate(const Grantor& grantor, const KeyRecord& record, UnixSeconds expires, UnixSeconds now);
Status MayEdit(const Grantor& grantor, const KeyRecord& before, const KeyRecord& after,
               const Catalogue& catalogue, UnixSeconds now);
// Revoke and pause.
Status MayEnd(const Grantor& grantor, const KeyRecord& record);
Status MayResume(const Grantor& grantor, const KeyRecord& record);
Status MayPurge(const Grantor& grantor);

}  // namespace claviger::keys
