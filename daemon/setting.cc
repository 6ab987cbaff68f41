#include "daemon/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "daemon/keys/key_string.h"
#include "daemon/setting_check.h"

namespace claviger {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kYear = 365 * 86400;
constexpr std::int64_t kPatterns = kMaxPatterns;
constexpr std::int64_t kOwners = kMaxOwners;

constexpr std::array<std::string_view, 4> kLogLevelWords = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kUnscopedRuleWords = {"forbid", "allow-with-reason"};
constexpr std::array<std::string_view, 2> kExcessRuleWords = {"refuse", "clamp"};
constexpr std::array<std::string_view, 2> kDefaultAdmins = {"root", "@claviger-admin"};
constexpr std::array<std::string_view, 2> kDefaultVerifiers = {"root", "@claviger-verify"};

// The member of Config that a path of members leads to: config.*first.*second, as a fold.
template <auto... kPath>
SettingField At(Config& config) {
  return &(config.*....*kPath);
}

// The same in the last entry of the list that the path leads to.
template <auto kMember, auto... kPath>
SettingField AtLast(Config& config) {
  return &((config.*....*kPath).back().*kMember);
}

using C = Config;
using T = hsm::TokenSettings;
using P = keys::Policy;
using R = keys::Roles;
using N = keys::NoticeSettings;
using enum SettingEffect;

SettingField Wildcards(Config& config) { return Permission{&config.policy.wildcards}; }
SettingField Required(Config& config) {
  return RequiredFields{&config.policy.require_description, &config.policy.require_team};
}

const Setting kSettings[] = {
    {"server", "socket_directory", At<&C::socket_directory>, kOnRestart, {}, CheckSocketDirectory},
    {"server", "loops", At<&C::loops>, kOnRestart, {0, 64}},
    {"server", "busy_poll", At<&C::busy_poll>, kOnRestart, {0, 1000}},

    {"store", "directory", At<&C::state_directory>, kOnRestart, {}, CheckPath},
    {"store", "cached_keys", At<&C::cached_keys>, kOnRestart, {1, 10'000'000}},
    {"store", "proof_lifetime", At<&C::proof_lifetime>, kOnReload, {1, kHour}},

    {"token", "module", At<&C::token, &T::module_path>, kOnRestart, {}, CheckPath},
    {"token", "uri", At<&C::token, &T::uri>, kOnRestart, {}, CheckTokenUri},
    {"token", "pin_file", At<&C::token, &T::pin_file>, kOnRestart, {}, CheckOptionalPath},
    {"token", "worker", At<&C::token, &T::worker_path>, kOnRestart, {}, CheckPath},
    {"token", "call_deadline", At<&C::token, &T::deadline>, kOnRestart, {10, 10'000}},
    {"token", "loss_grace", At<&C::token_loss_grace>, kOnRestart, {0, kHour}},

    {"keys", "prefix", At<&C::key_prefix>, kOnReload, {}, keys::CheckPrefix},
    {"keys", "scopes_directory", At<&C::scopes_directory>, kOnReload, {}, CheckPath},

    {"policy", "default_lifetime", At<&C::policy, &P::default_lifetime>, kOnReload, {1, kYear}},
    {"policy", "maximum_lifetime", At<&C::policy, &P::maximum_lifetime>, kOnReload, {1, kYear}},
    {"policy", "default_grace", At<&C::policy, &P::default_grace>, kOnReload, {0, kYear}},
    {"policy", "maximum_grace", At<&C::policy, &P::maximum_grace>, kOnReload, {0, kYear}},
    {"policy", "excess", At<&C::policy, &P::excess>, kOnReload},
    {"policy", "unscoped", At<&C::policy, &P::unscoped>, kOnReload},
    {"policy", "wildcards", Wildcards, kOnReload},
    {"policy", "name_pattern", At<&C::policy, &P::names>, kOnReload},
    {"policy", "required", Required, kOnReload},

    {"roles", "admin", At<&C::roles, &R::admin>, kOnReload, {}, nullptr, kDefaultAdmins},
    {"roles", "auditor", At<&C::roles, &R::auditor>, kOnReload},
    {"roles", "issuer", At<&C::roles, &R::issuer>, kOnReload},
    {"roles", "verifier", At<&C::roles, &R::verifier>, kOnReload, {}, nullptr, kDefaultVerifiers},

    {"limits", "failures_per_minute", At<&C::failures_per_minute>, kOnReload, {1, 1'000'000}},
    {"limits", "failure_burst", At<&C::failure_burst>, kOnReload, {1, 1'000'000}},

    {"notices", "steps", At<&C::notices, &N::steps>, kOnReload, {kHour, kYear}},

    {"backup", "keep", At<&C::backups_kept>, kOnReload, {1, 500}},

    {"log", "level", At<&C::log_level>, kOnReload},
};

template <auto kMember>
constexpr auto kInRule = AtLast<kMember, &C::policy, &P::rules>;
template <auto kMember>
constexpr auto kInCeiling = AtLast<kMember, &C::ceilings>;
template <auto kMember>
constexpr auto kInCommand = AtLast<kMember, &C::notices, &N::commands>;

template <auto kMember>
constexpr auto kInUnit = AtLast<kMember, &C::units>;

using Rule = keys::PolicyRule;
using keys::Ceiling;
using Command = keys::NoticeCommand;
using Unit = keys::UnitRule;

const Setting kRuleSettings[] = {
    {"rule", "scopes", kInRule<&Rule::scopes>, kOnReload, {1, kPatterns}},
    {"rule", "owners", kInRule<&Rule::owners>, kOnReload, {1, kOwners}, CheckRuleOwner},
    {"rule", "default_lifetime", kInRule<&Rule::default_lifetime>, kOnReload, {1, kYear}},
    {"rule", "maximum_lifetime", kInRule<&Rule::maximum_lifetime>, kOnReload, {1, kYear}},
    {"rule", "unscoped", kInRule<&Rule::unscoped>, kOnReload},
};

const Setting kCeilingSettings[] = {
    {"ceiling", "members", kInCeiling<&Ceiling::members>, kOnReload, {}, nullptr, {}, true},
    {"ceiling", "scopes", kInCeiling<&Ceiling::scopes>, kOnReload, {0, kPatterns}, nullptr, {}, true},
    {"ceiling", "owners", kInCeiling<&Ceiling::owners>, kOnReload, {1, kOwners}, CheckCeilingOwner},
    {"ceiling",
     "maximum_lifetime",
     kInCeiling<&Ceiling::maximum_lifetime>,
     kOnReload,
     {1, kYear},
     nullptr,
     {},
     true},
    {"ceiling", "unscoped", kInCeiling<&Ceiling::unscoped>, kOnReload},
};

const Setting kUnitSettings[] = {
    {"unit", "name", kInUnit<&Unit::name>, kOnReload, {}, keys::CheckUnitName, {}, true},
    {"unit", "credential", kInUnit<&Unit::credential>, kOnReload, {}, keys::CheckUnitCredential},
    {"unit", "scopes", kInUnit<&Unit::scopes>, kOnReload, {1, kPatterns}, CheckUnitGrant},
    {"unit", "bundles", kInUnit<&Unit::bundles>, kOnReload, {1, kPatterns}, CheckUnitBundle},
    {"unit", "owner", kInUnit<&Unit::owner>, kOnReload, {}, CheckUnitText},
    {"unit", "team", kInUnit<&Unit::team>, kOnReload, {}, CheckUnitText},
    {"unit", "description", kInUnit<&Unit::description>, kOnReload, {}, CheckUnitDescription},
    {"unit", "lifetime", kInUnit<&Unit::lifetime>, kOnReload, {1, kYear}},
    {"unit", "previous", kInUnit<&Unit::previous>, kOnReload, {0, kYear}},
    {"unit", "end_with_unit", kInUnit<&Unit::end_with_unit>, kOnReload},
};

const Setting kCommandSettings[] = {
    {"command",
     "run",
     kInCommand<&Command::arguments>,
     kOnReload,
     {1, kMaxArguments},
     CheckArgument,
     {},
     true},
    {"command", "events", kInCommand<&Command::events>, kOnReload, {1, keys::kEvents}, nullptr, {}, true},
    {"command", "time_limit", kInCommand<&Command::time_limit>, kOnReload, {1, 300}},
};

void AppendRule(Config& config) { config.policy.rules.emplace_back(); }
void AppendCeiling(Config& config) { config.ceilings.emplace_back().owners = {std::string(Ceiling::kSelf)}; }
void AppendUnit(Config& config) { config.units.emplace_back(); }
void AppendCommand(Config& config) { config.notices.commands.emplace_back(); }

std::optional<EntryFault> CheckRule(Config& config) {
  const Rule& rule = config.policy.rules.back();
  if (!rule.default_lifetime && !rule.maximum_lifetime && !rule.unscoped) {
    return EntryFault{"", "limits nothing; write default_lifetime, maximum_lifetime or unscoped below it"};
  }
  if (rule.default_lifetime && rule.maximum_lifetime && *rule.default_lifetime > *rule.maximum_lifetime) {
    return EntryFault{
        "default_lifetime",
        fmt::format("(\"{}\") is greater than maximum_lifetime (\"{}\"); lower the first or "
                    "raise the second",
                    FormatDuration(*rule.default_lifetime), FormatDuration(*rule.maximum_lifetime))};
  }
  return std::nullopt;
}

std::optional<EntryFault> CheckCeiling(Config& config) {
  const Ceiling& ceiling = config.ceilings.back();
  if (!ceiling.scopes.empty() || ceiling.unscoped) return std::nullopt;
  return EntryFault{"scopes",
                    "is empty, so that nothing can be granted; write scopes, or remove this [[ceiling]]"};
}

std::optional<EntryFault> CheckUnit(Config& config) {
  const Unit& unit = config.units.back();
  if (unit.scopes.empty() && unit.bundles.empty()) {
    return EntryFault{"", "grants nothing; write scopes or bundles below it"};
  }
  const auto same = std::find_if(config.units.begin(), config.units.end() - 1, [&](const Unit& other) {
    return other.name == unit.name && other.credential == unit.credential;
  });
  if (same == config.units.end() - 1) return std::nullopt;
  return EntryFault{"name",
                    fmt::format("{} has an entry for the credential {} already; join the two, or name "
                                "another credential",
                                unit.name, unit.credential)};
}

std::optional<EntryFault> CheckCommand(Config& config) {
  const Status path = CheckPath(config.notices.commands.back().arguments.front());
  if (path) return std::nullopt;
  return EntryFault{"run", "the program " + path.error().message()};
}

const SettingList kSettingLists[] = {
    {"rule", kMaxPolicyRules, AppendRule, kRuleSettings, CheckRule},
    {"ceiling", kMaxCeilings, AppendCeiling, kCeilingSettings, CheckCeiling},
    {"unit", keys::kMaxUnitRules, AppendUnit, kUnitSettings, CheckUnit},
    {"command", keys::kMaxNoticeCommands, AppendCommand, kCommandSettings, CheckCommand},
};

}  // namespace

std::span<const Setting> Settings() { return kSettings; }
std::span<const SettingList> SettingLists() { return kSettingLists; }
std::span<const std::string_view> WordsFor(const LogLevel*) { return kLogLevelWords; }
std::span<const std::string_view> WordsFor(const keys::UnscopedRule*) { return kUnscopedRuleWords; }
std::span<const std::string_view> WordsFor(const keys::ExcessRule*) { return kExcessRuleWords; }

}  // namespace claviger
