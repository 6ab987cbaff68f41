#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/keys/policy.h"
#include "daemon/keys/request_rules.h"

namespace claviger::keys {
namespace {

// Takes over a text that was given and is another one than before, if `check` lets it through.
template <class Check>
Status EditText(const std::optional<std::string>& text, std::string& field, Check check) {
  if (!text || *text == field) return Ok();
  if (auto checked = check(*text); !checked) return checked;
  field = *text;
  return Ok();
}

Status EditTexts(const Policy& policy, const KeyEdit& edit, KeyRecord& record) {
  if (auto edited =
          EditText(edit.name, record.name, [&](const std::string& text) { return CheckName(policy, text); });
      !edited) {
    return edited;
  }
  if (auto edited = EditText(edit.description, record.description,
                             [&](const std::string& text) { return CheckDescription(policy, text); });
      !edited) {
    return edited;
  }
  if (auto edited = EditText(edit.owner, record.owner, CheckOwner); !edited) return edited;
  return EditText(edit.team, record.team, [&](const std::string& text) { return CheckTeam(policy, text); });
}

Status EditScopes(const Policy& policy, const Catalogue& catalogue, const KeyEdit& edit, KeyRecord& record) {
  if (!edit.scopes && !edit.bundles) return Ok();
  auto grants = ResolveGrants(policy, catalogue, edit.scopes.value_or(std::vector<std::string>()),
                              edit.bundles.value_or(std::vector<std::string>()), record.scopes);
  if (!grants) return grants.error();
  record.scopes = std::move(grants->scopes);
  record.bundles = std::move(grants->bundles);
  record.unscoped = false;
  record.unscoped_reason.clear();
  return Ok();
}

Status EditExpiry(const KeyEdit& edit, KeyRecord& record, UnixSeconds now) {
  if (!edit.expires || *edit.expires == record.expires) return Ok();
  const auto invalid = [&](std::string_view why) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expires_at: {} {}", FormatTime(*edit.expires), why));
  };
  if (auto in_range = CheckTimeRange("expires_at", *edit.expires); !in_range) return in_range;
  if (*edit.expires > record.expires) {
    return invalid(
        fmt::format("is later than the key's end, {}; only a new secret can last longer, so rotate "
                    "the key",
                    FormatTime(record.expires)));
  }
  if (*edit.expires <= now) return invalid("is in the past; revoke the key to end it at once");
  if (*edit.expires <= record.not_before) {
    return invalid(fmt::format("is not after not_before, {}", FormatTime(record.not_before)));
  }
  record.expires = *edit.expires;
  return Ok();
}

// What is granted now must keep the lifetime that the rules have for it now; so must a key that comes under
// stricter rules with its owner. Nothing else asks for a key's lifetime again.
Status FitLifetime(const Policy& policy, const KeyRecord& before, KeyRecord& after, UnixSeconds now) {
  if (now >= after.expires) return Ok();
  const LifetimeLimits limits = LimitsFor(policy, after.scopes, after.owner);
  const LifetimeLimits former = LimitsFor(policy, before.scopes, before.owner);
  if (!Widens(before, after) && limits.maximum_lifetime >= former.maximum_lifetime) return Ok();
  const auto expiry = ApplyLifetime(limits, policy.excess, after.not_before, after.expires, now);
  if (!expiry) return expiry.error();
  after.expires = expiry->expires;
  return Ok();
}

bool GivesScope(const KeyRecord& record, const Catalogue& catalogue, ScopeSet& set) {
  for (const std::string& grant : record.scopes) {
    for (const std::size_t position : catalogue.Expand(grant)) set.Add(position);
  }
  return record.unscoped;
}

}  // namespace

bool Widens(const KeyRecord& before, const KeyRecord& after) {
  if (before.unscoped) return false;
  return after.unscoped ||
         !std::all_of(after.scopes.begin(), after.scopes.end(),
                      [&](const std::string& grant) { return AnyCovers(before.scopes, grant); });
}

Result<KeyRecord> ApplyEdit(const Policy& policy, const Catalogue& catalogue, const KeyRecord& record,
                            const KeyEdit& edit, UnixSeconds now) {
  if (record.state == RecordState::kRevoked) {
    return Error(ErrorCode::kConflict, "the key is revoked and cannot be changed; issue a new key");
  }
  KeyRecord next = record;
  if (auto edited = EditTexts(policy, edit, next); !edited) return edited.error();
  if (auto edited = EditScopes(policy, catalogue, edit, next); !edited) return edited.error();
  if (auto edited = EditExpiry(edit, next, now); !edited) return edited.error();
  if (auto fitted = FitLifetime(policy, record, next, now); !fitted) return fitted.error();
  if (next == record) {
    return Error(ErrorCode::kInvalidArgument,
                 "key_id: nothing would change; give at least one field another value than it has");
  }
  return next;
}

std::vector<std::string> ScopesGained(const KeyRecord& before, const KeyRecord& after,
                                      const Catalogue& catalogue) {
  ScopeSet had(catalogue.scopes().size()), has(catalogue.scopes().size());
  const bool had_all = GivesScope(before, catalogue, had), has_all = GivesScope(after, catalogue, has);
  std::vector<std::string> gained;
  for (std::size_t i = 0; i < catalogue.scopes().size(); ++i) {
    if ((has_all || has.Has(i)) && !had_all && !had.Has(i)) gained.push_back(catalogue.scopes()[i].name);
  }
  return gained;
}

}  // namespace claviger::keys
