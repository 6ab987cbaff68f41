// The rules for single fields, which new keys, edits and the check of existing keys share. Part of the
// policy; nothing else needs them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/catalogue.h"
#include "daemon/keys/policy.h"

namespace claviger::keys {

// Errors as ApplyPolicy.
Status CheckName(const Policy& policy, const std::string& name);
Status CheckDescription(const Policy& policy, const std::string& description);
Status CheckOwner(const std::string& owner);
Status CheckTeam(const Policy& policy, const std::string& team);
Status CheckTimeRange(std::string_view field, UnixSeconds time);

struct Grants {
  std::vector<std::string> scopes;   // with those of the bundles; sorted, without doubles
  std::vector<std::string> bundles;  // likewise
};
// What a key with these scopes and bundles holds. Grants that stand in `held`, which the key holds already,
// are let through as they are. Errors as ApplyPolicy.
Result<Grants> ResolveGrants(const Policy& policy, const Catalogue& catalogue,
                             std::vector<std::string> scopes, std::vector<std::string> bundles,
                             const std::vector<std::string>& held);

// `time` + `seconds`, at most kLatestTime. Both are at least 0.
UnixSeconds Later(UnixSeconds time, std::int64_t seconds);

}  // namespace claviger::keys
