#include <array>
#include <boost/json/array.hpp>
#include <memory>
#include <utility>

#include "daemon/api/handlers.h"
#include "daemon/api/key_json.h"
#include "daemon/api/management.h"
#include "daemon/api/paging.h"
#include "daemon/api/ref_walk.h"
#include "daemon/api/review.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

// An issuer without any may grant nothing; an admin needs none, and has none to show.
boost::json::array CeilingsJson(const CallContext& context) {
  boost::json::array list;
  if (!context.session.roles.Has(keys::Role::kIssuer)) return list;
  const protocol::Peer& peer = context.session.peer;
  for (const keys::Ceiling& ceiling :
       keys::CeilingsOf(context.loop.live->ceilings, peer.uid, peer.gid, peer.groups)) {
    list.push_back(CeilingJson(ceiling));
  }
  return list;
}

// Type Violation.
boost::json::object ViolationJson(const store::KeySummary& key, const keys::Violation& violation) {
  return {{"key_id", key.id.ToString()}, {"name", key.name},
          {"owner", key.owner},          {"expires_at", FormatTime(key.expires)},
          {"field", violation.field},    {"message", violation.message}};
}

// CheckPolicy on the store thread, in steps. A page ends after any violation: the cursor is the key's place
// and how many of its violations have been told.
class PolicyWalk {
 public:
  PolicyWalk(LiveSettingsPtr live, const store::KeyCursor& after, std::size_t limit, UnixSeconds now)
      : live_(std::move(live)), now_(now), after_(after), limit_(limit) {
    filter_.now = now;
    filter_.states = {keys::KeyState::kPending, keys::KeyState::kActive, keys::KeyState::kPaused};
  }

  // As ManagementStep.
  Result<bool> Step(store::Tables& tables, ManagementOutcome& outcome) {
    if (!started_) {
      started_ = true;
      const auto last = tables.keys.LastRef();
      if (!last) return last.error();
      walk_ = RefWalk({after_.ref, *last}, store::KeyRepository::kWalkStep);
    }
    bool full = false;
    if (!walk_.done()) {
      const auto summaries = tables.keys.Summaries(filter_, walk_.Next());
      if (!summaries) return summaries.error();
      for (std::size_t i = 0; i < summaries->size() && !full; ++i) full = !Check((*summaries)[i], outcome);
    }
    if (!full && !walk_.done()) return false;
    outcome.reply["violations"] = std::move(violations_);
    return true;
  }

 private:
  // False once there is more than the page takes.
  bool Check(const store::KeySummary& key, ManagementOutcome& outcome) {
    const std::vector<keys::Violation> violations = ViolationsOf(*live_, key, now_);
    std::size_t told = 0;
    if (key.ref == after_.ref) told = static_cast<std::size_t>(std::get<std::int64_t>(after_.value));
    for (; told < violations.size(); ++told) {
      if (violations_.size() == limit_) {
        outcome.reply["next_after"] = end_.ToString();
        return false;
      }
      violations_.push_back(ViolationJson(key, violations[told]));
      end_ = {key.ref, static_cast<std::int64_t>(told) + 1};
    }
    return true;
  }

  const LiveSettingsPtr live_;
  const UnixSeconds now_;
  const store::KeyCursor after_;
  const std::size_t limit_;
  store::KeyFilter filter_;
  bool started_ = false;
  RefWalk walk_;
  store::KeyCursor end_;  // of what is in violations_
  boost::json::array violations_;
};

}  // namespace

Disposition HandleGetPolicy(CallContext& context) {
  if (const auto fault = protocol::Parameters<0>().Bind(context.call, {}); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const keys::Policy& policy = context.loop.live->policy;
  boost::json::array required;
  if (policy.require_description) required.emplace_back("description");
  if (policy.require_team) required.emplace_back("team");
  boost::json::object reply = {
      {"default_lifetime", policy.default_lifetime},
      {"maximum_lifetime", policy.maximum_lifetime},
      {"default_grace", policy.default_grace},
      {"maximum_grace", policy.maximum_grace},
      {"unscoped", policy.unscoped == keys::UnscopedRule::kForbid ? "forbid" : "allow-with-reason"},
      {"wildcards", policy.wildcards},
      {"excess", policy.excess == keys::ExcessRule::kRefuse ? "refuse" : "clamp"},
      {"required", std::move(required)},
      {"rules", policy.rules.size()}};
  if (!policy.names.text().empty()) reply["name_pattern"] = policy.names.text();
  if (!context.session.roles.Has(keys::Role::kAdmin)) reply["ceilings"] = CeilingsJson(context);
  return context.Reply(reply);
}

Disposition HandleCheckPolicy(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"after", ParameterType::kString, false},
                                             Parameter{"limit", ParameterType::kInt, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  store::KeyCursor after{1, std::int64_t{0}};
  if (const auto text = parameters.OptionalText(0)) {
    const auto cursor = store::KeyCursor::Parse(*text);
    const auto* told = cursor ? std::get_if<std::int64_t>(&cursor->value) : nullptr;
    if (told == nullptr || *told < 0 || !IsPlace(cursor->ref)) return context.InvalidParameter("after");
    after = *cursor;
  }
  const auto limit = PageSize(parameters.OptionalInt(1));
  if (!limit) return context.InvalidParameter("limit");
  auto walk = std::make_shared<PolicyWalk>(context.loop.live, after, static_cast<std::size_t>(*limit),
                                           context.loop.now);
  return RunInSteps(context, store::WorkKind::kRead,
                    [walk = std::move(walk)](store::Tables& tables, ManagementOutcome& outcome) {
                      return walk->Step(tables, outcome);
                    });
}

}  // namespace claviger::api
