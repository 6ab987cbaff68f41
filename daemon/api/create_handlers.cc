#include <array>
#include <memory>
#include <utility>

#include "daemon/api/change_parameters.h"
#include "daemon/api/handlers.h"
#include "daemon/api/key_changes.h"
#include "daemon/api/key_preview.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

enum : std::size_t {
  kName,
  kScopes,
  kBundles,
  kUnscopedReason,
  kOwner,
  kTeam,
  kDescription,
  kNotBefore,
  kExpiresAt,
  kLifetime,
  kReplaces,
  kRequestId  // not of PreviewKey
};
constexpr std::array kCreateParameters = {
    Parameter{"name", ParameterType::kString, true},
    Parameter{"scopes", ParameterType::kStringList, false},
    Parameter{"bundles", ParameterType::kStringList, false},
    Parameter{"unscoped_reason", ParameterType::kString, false},
    Parameter{"owner", ParameterType::kString, false},
    Parameter{"team", ParameterType::kString, false},
    Parameter{"description", ParameterType::kString, false},
    Parameter{"not_before", ParameterType::kString, false},
    Parameter{"expires_at", ParameterType::kString, false},
    Parameter{"lifetime", ParameterType::kInt, false},
    Parameter{"replaces", ParameterType::kString, false},
    Parameter{"request_id", ParameterType::kString, false},
};
constexpr auto kPreviewParameters = [] {
  std::array<Parameter, kRequestId> list{};
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = kCreateParameters[i];
  return list;
}();

template <std::size_t N>
Status ReadTimes(const protocol::Parameters<N>& parameters, UnixSeconds now, keys::KeyRequest& request) {
  if (const auto text = parameters.OptionalText(kNotBefore)) {
    const auto time = ParseTime(*text);
    if (!time) return time.error().WithContext("not_before");
    request.not_before = *time;
  }
  const UnixSeconds from = std::max(now, request.not_before.value_or(now));
  const auto expires =
      ReadExpiry(parameters.OptionalText(kExpiresAt), parameters.OptionalInt(kLifetime), from);
  if (!expires) return expires.error();
  request.expires = *expires;
  return Ok();
}

template <std::size_t N>
Result<keys::KeyRequest> ReadKeyRequest(const protocol::Parameters<N>& parameters, UnixSeconds now) {
  keys::KeyRequest request;
  request.name = parameters.Text(kName);
  request.description = TextOrNone(parameters.OptionalText(kDescription));
  request.owner = TextOrNone(parameters.OptionalText(kOwner));
  request.team = TextOrNone(parameters.OptionalText(kTeam));
  request.unscoped_reason = TextOrNone(parameters.OptionalText(kUnscopedReason));
  if (parameters.Has(kScopes)) request.scopes = TextsOf(parameters.List(kScopes));
  if (parameters.Has(kBundles)) request.bundles = TextsOf(parameters.List(kBundles));
  request.unscoped = parameters.Has(kUnscopedReason) && request.scopes.empty() && request.bundles.empty();
  if (const auto text = parameters.OptionalText(kReplaces)) {
    request.replaces = keys::KeyId::Parse(*text);
    if (!request.replaces) return Error(ErrorCode::kInvalidArgument, "replaces: is no key id");
  }
  if (const Status times = ReadTimes(parameters, now, request); !times) return times.error();
  return request;
}

// The terms that the policy makes of a request, if the caller may grant them.
Result<keys::KeyTerms> AgreeOnTerms(const CallContext& context, const KeyActs& acts,
                                    keys::KeyRequest request) {
  const LiveSettings& live = acts.live();
  const UnixSeconds now = context.loop.now;
  auto terms = keys::ApplyPolicy(live.policy, *live.catalogue, std::move(request), acts.grantor().user, now);
  if (!terms) return terms;
  if (const Status granted = keys::MayIssue(acts.grantor(), *terms, now); !granted) return granted.error();
  return terms;
}

}  // namespace

Disposition HandleCreateKey(CallContext& context) {
  protocol::Parameters<kCreateParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kCreateParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto request = ReadKeyRequest(parameters, context.loop.now);
  if (!request) return context.Refuse(request.error());
  const std::string request_id = TextOrNone(parameters.OptionalText(kRequestId));
  if (const Status fine = CheckRequestId(request_id); !fine) return context.Refuse(fine.error());
  const KeyActs acts(context);
  auto terms = AgreeOnTerms(context, acts, std::move(*request));
  if (!terms) return context.Refuse(terms.error());
  // The token makes the key before the store is asked, so that no one waits there for the token.
  auto issued = std::make_shared<keys::IssuedKey>();
  const auto issue = [&acts, &terms, issued](GoOn go_on) {
    acts.MakeIssuer().IssueAsync(*terms, acts.grantor().user, acts.authority().clock().Now(),
                                 [issued, go_on = std::move(go_on)](Result<keys::IssuedKey> made) {
                                   if (!made) return go_on(made.error());
                                   *issued = std::move(*made);
                                   go_on(Ok());
                                 });
  };
  return RunOnStoreAfter(
      context, issue,
      [changes = KeyChanges(acts), issued, request_id](store::Tables& tables, ManagementOutcome& outcome) {
        return changes.Create(tables, *issued, request_id, outcome);
      });
}

Disposition HandlePreviewKey(CallContext& context) {
  protocol::Parameters<kPreviewParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kPreviewParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto request = ReadKeyRequest(parameters, context.loop.now);
  if (!request) return context.Refuse(request.error());
  const KeyActs acts(context);
  auto terms = AgreeOnTerms(context, acts, std::move(*request));
  if (!terms) return context.Refuse(terms.error());
  auto preview = std::make_shared<KeyPreview>(acts, std::move(*terms), context.loop.now);
  return RunInSteps(context, store::WorkKind::kRead,
                    [preview](store::Tables& tables, ManagementOutcome& outcome) {
                      return preview->Step(tables, outcome);
                    });
}

}  // namespace claviger::api
