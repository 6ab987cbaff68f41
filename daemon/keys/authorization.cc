#include "daemon/keys/authorization.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace claviger::keys {
namespace {

// How many patterns or owners a message lists.
constexpr std::size_t kListed = 8;

// What a secret would open, for whom and for how long.
struct Handout {
  const std::vector<std::string>& scopes;
  bool unscoped;
  const std::string& owner;
  std::int64_t lifetime;     // seconds
  std::string_view instead;  // what to do about too long a lifetime
};

Error Denied(std::string message) { return Error(ErrorCode::kDenied, std::move(message)); }

bool IsAdmin(const Grantor& grantor) { return grantor.roles.Has(Role::kAdmin); }

bool IsOwner(const Grantor& grantor, const KeyRecord& record) {
  return !grantor.user.empty() && record.owner == grantor.user;
}

// Whether the key is the grantor's to change at all.
bool IsTheirs(const Grantor& grantor, const KeyRecord& record) {
  return grantor.roles.Has(Role::kIssuer) && !grantor.user.empty() &&
         (record.owner == grantor.user || record.creator == grantor.user);
}

std::string Listed(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kListed);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return names.empty() ? "nothing" : text;
}

const std::string* FirstUncovered(const Ceiling& ceiling, const std::vector<std::string>& scopes) {
  const auto found = std::find_if(scopes.begin(), scopes.end(), [&](const std::string& text) {
    const auto grant = ScopePattern::Parse(text);
    return !grant || std::none_of(ceiling.scopes.begin(), ceiling.scopes.end(),
                                  [&](const ScopePattern& pattern) { return pattern.Covers(*grant); });
  });
  return found == scopes.end() ? nullptr : &*found;
}

// A user called "self" or "*" is meant by neither word.
bool AllowsOwner(const Ceiling& ceiling, const std::string& user, const std::string& owner) {
  return std::any_of(ceiling.owners.begin(), ceiling.owners.end(), [&](const std::string& entry) {
    if (entry == Ceiling::kAny) return true;
    if (entry == Ceiling::kSelf) return !user.empty() && owner == user;
    return owner == entry;
  });
}

// What a ceiling says to a handout: how many of its conditions hold, in their order, and the first that does
// not.
struct Finding {
  int passed = 0;
  std::string message;
};
constexpr int kConditions = 3;

Finding Try(const Ceiling& ceiling, const std::string& user, const Handout& handout) {
  if (handout.unscoped && !ceiling.unscoped) {
    return {0, "unscoped_reason: you may not grant full access; name scopes, or ask an admin for the key"};
  }
  if (!handout.unscoped) {
    if (const std::string* scope = FirstUncovered(ceiling, handout.scopes); scope != nullptr) {
      std::vector<std::string> patterns;
      for (const ScopePattern& pattern : ceiling.scopes) patterns.push_back(pattern.text());
      return {0, fmt::format("scopes: {} is not among what you may grant, which is {}; leave it out, or ask "
                             "an admin for the key",
                             *scope, Listed(patterns))};
    }
  }
  if (!AllowsOwner(ceiling, user, handout.owner)) {
    return {1, fmt::format("owner: {} is not among those for whom you may grant this, which are {}",
                           handout.owner, Listed(ceiling.owners))};
  }
  if (handout.lifetime > ceiling.maximum_lifetime) {
    return {
        2, fmt::format("expires_at: the lifetime of {} is longer than the {} that you may grant for this; {}",
                       FormatDuration(handout.lifetime), FormatDuration(ceiling.maximum_lifetime),
                       handout.instead)};
  }
  return {kConditions, {}};
}

// One ceiling must cover all of it. The error is that of the ceiling which comes nearest.
Status CheckCeilings(const Grantor& grantor, const Handout& handout) {
  if (!grantor.roles.Has(Role::kIssuer) || grantor.ceilings.empty()) {
    return Denied(
        fmt::format("{}: the configuration has no ceiling for you, so you may grant nothing; ask an "
                    "admin for the key or for a [[ceiling]]",
                    handout.unscoped ? "unscoped_reason" : "scopes"));
  }
  Finding nearest{-1, {}};
  for (const Ceiling& ceiling : grantor.ceilings) {
    Finding finding = Try(ceiling, grantor.user, handout);
    if (finding.passed == kConditions) return Ok();
    if (finding.passed > nearest.passed) nearest = std::move(finding);
  }
  return Denied(std::move(nearest.message));
}

// How long the present secret lives in all, and so for how long its owner may have the next one.
std::int64_t WholeLifetime(const KeyRecord& record) {
  return record.expires - std::max(record.not_before, record.current().created);
}

}  // namespace

std::vector<Ceiling> CeilingsOf(const std::vector<Ceiling>& all, uid_t uid, gid_t gid,
                                std::span<const gid_t> supplementary) {
  std::vector<Ceiling> theirs;
  std::copy_if(all.begin(), all.end(), std::back_inserter(theirs),
               [&](const Ceiling& ceiling) { return ceiling.members.Include(uid, gid, supplementary); });
  return theirs;
}

Status MayIssue(const Grantor& grantor, const KeyTerms& terms, UnixSeconds now) {
  if (IsAdmin(grantor)) return Ok();
  const KeyRequest& request = terms.request;
  return CheckCeilings(grantor, {request.scopes, request.unscoped, request.owner,
                                 terms.expires - std::max(now, terms.not_before), "give an earlier end"});
}

Status MayRotate(const Grantor& grantor, const KeyRecord& record, UnixSeconds expires, UnixSeconds now) {
  if (IsAdmin(grantor)) return Ok();
  if (!IsTheirs(grantor, record)) return Denied("");
  const std::int64_t lifetime = expires - std::max(now, record.not_before);
  if (IsOwner(grantor, record) && lifetime <= WholeLifetime(record)) return Ok();
  auto covered =
      CheckCeilings(grantor, {record.scopes, record.unscoped, record.owner, lifetime, "give an earlier end"});
  if (covered || !IsOwner(grantor, record)) return covered;
  return Denied(
      fmt::format("expires_at: the lifetime of {} is longer than that of the secret before, {}, and "
                  "no ceiling of yours covers it; give an earlier end",
                  FormatDuration(lifetime), FormatDuration(WholeLifetime(record))));
}

Status MayEdit(const Grantor& grantor, const KeyRecord& before, const KeyRecord& after,
               const Catalogue& catalogue, UnixSeconds now) {
  if (IsAdmin(grantor)) return Ok();
  if (!IsTheirs(grantor, before)) return Denied("");
  const bool widened = Widens(before, after);
  if (widened && (IsOwner(grantor, before) || IsOwner(grantor, after))) {
    const std::vector<std::string> gained = ScopesGained(before, after, catalogue);
    return Denied(
        fmt::format("scopes: you may not widen a key of your own, here by {}; ask an admin, or issue "
                    "another key",
                    gained.empty() ? "patterns" : Listed(gained)));
  }
  const bool handed_on = before.owner != after.owner;
  if (!widened && !handed_on && after.expires <= before.expires && after.not_before >= before.not_before) {
    return Ok();
  }
  // Whoever owns the key afterwards can have further secrets for as long as the present one lives in all.
  const std::int64_t remaining = after.expires - std::max(now, after.not_before);
  return CheckCeilings(grantor,
                       {after.scopes, after.unscoped, after.owner, std::max(remaining, WholeLifetime(after)),
                        "rotate the key for a shorter one first, or ask an admin"});
}

Status MayEnd(const Grantor& grantor, const KeyRecord& record) {
  return IsAdmin(grantor) || IsTheirs(grantor, record) ? Ok() : Status(Denied(""));
}

Status MayResume(const Grantor& grantor, const KeyRecord& record) {
  if (auto may_end = MayEnd(grantor, record); !may_end || IsAdmin(grantor)) return may_end;
  if (record.state != RecordState::kPaused || record.paused_by == grantor.user) return Ok();
  return Denied(fmt::format("key_id: the key was paused by {}; only they or an admin can resume it",
                            record.paused_by.empty() ? "someone else" : record.paused_by));
}

Status MayPurge(const Grantor& grantor) { return IsAdmin(grantor) ? Ok() : Status(Denied("")); }

}  // namespace claviger::keys
