// Which units of the service manager get a key when they start, and which: the [[unit]] entries. Free of I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/policy.h"

namespace claviger::keys {

inline constexpr std::size_t kMaxUnitRules = 1024;

// One entry: one credential of one unit, or of all instances of a template.
struct UnitRule {
  std::string name;                      // "app.service", or "worker@*.service" for each instance
  std::string credential = "api-key";    // the ID of LoadCredential=
  std::vector<std::string> scopes;       // grants
  std::vector<std::string> bundles;      // names of the catalogue
  std::string owner;                     // "" = the unit's name without its suffix
  std::string team;                      // may be empty
  std::string description;               // may be empty
  std::optional<std::int64_t> lifetime;  // seconds; absent = the policy's default
  std::int64_t previous = 60;            // seconds that the secret of the start before stays valid
  bool end_with_unit = false;            // the secret ends once the unit has stopped

  bool IsPattern() const { return name.find('*') != std::string::npos; }
};

// What [[unit]] name may be: kInvalidArgument with what to write instead.
Status CheckUnitName(std::string_view text);
Status CheckUnitCredential(std::string_view text);

// Whether the entry is for this unit. A '*' stands for one character or more.
bool Covers(const UnitRule& rule, std::string_view unit);
// The entry for a credential of a unit: one that names the unit goes before patterns, and of these the first
// in the file. nullptr: the unit gets nothing.
const UnitRule* FindUnitRule(std::span<const UnitRule> rules, std::string_view unit,
                             std::string_view credential);

// What `rule` asks for on behalf of `unit`; its key is called "<unit>/<credential>".
KeyRequest UnitKeyRequest(const UnitRule& rule, std::string_view unit, UnixSeconds now);
// Who has issued the keys of `unit`: no user's name, which has no colon.
std::string UnitCreator(std::string_view unit);

// Whether the policy would grant each entry its key now: errors as ApplyPolicy, after "[[unit]] <name>: ".
Status CheckUnitRules(const Policy& policy, const Catalogue& catalogue, std::span<const UnitRule> rules,
                      UnixSeconds now);

// `record` with everything but its secret as `terms` have it; not yet sealed, its version as it was.
KeyRecord FollowTerms(KeyRecord record, const KeyTerms& terms);

}  // namespace claviger::keys
