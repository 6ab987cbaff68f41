#include <array>
#include <boost/json/array.hpp>
#include <limits>
#include <memory>
#include <utility>

#include "base/text.h"
#include "daemon/api/handlers.h"
#include "daemon/api/key_changes.h"
#include "daemon/store/meta_repository.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

constexpr std::int64_t kLongestLifetime = std::int64_t{100} * 366 * 86400;  // a sum with it cannot overflow

Disposition Refuse(CallContext& context, std::string_view field, const std::string& message) {
  boost::json::object parameters;
  if (!field.empty()) parameters["field"] = field;
  parameters["message"] = message;
  return context.Fail("io.claviger.Admin.Refused", parameters);
}

std::string TextOr(const std::optional<std::string_view>& text, std::string_view otherwise) {
  return std::string(text.value_or(otherwise));
}

Status CheckRequestId(const std::string& request_id) {
  if (request_id.empty()) return Ok();
  if (request_id.size() > store::kMaxRequestIdBytes) {
    return Error(ErrorCode::kInvalidArgument,
                 "the request id has more than " + std::to_string(store::kMaxRequestIdBytes) + " bytes");
  }
  return CheckText("request id", request_id);
}

// When the key shall end, from the parameters `expires_at` and `lifetime`, of which at most one may be there.
Result<std::optional<UnixSeconds>> ReadExpiry(const std::optional<std::string_view>& expires_at,
                                              const std::optional<std::int64_t>& lifetime, UnixSeconds from) {
  if (expires_at && lifetime) {
    return Error(ErrorCode::kInvalidArgument, "expires_at and lifetime exclude each other; give one of them");
  }
  if (expires_at) {
    const auto time = ParseTime(*expires_at);
    if (!time) return time.error().WithContext("expires_at");
    return std::optional(*time);
  }
  if (!lifetime) return std::optional<UnixSeconds>();
  if (*lifetime < 1 || *lifetime > kLongestLifetime) {
    return Error(ErrorCode::kInvalidArgument, "a lifetime is 1 second to 100 years, in seconds");
  }
  return std::optional(from + *lifetime);
}

Requester RequesterOf(CallContext& context) {
  return Requester{ActorOf(context.session), context.session.roles};
}

enum : std::size_t {
  kName,
  kScopes,
  kUnscopedReason,
  kOwner,
  kTeam,
  kDescription,
  kNotBefore,
  kExpiresAt,
  kLifetime,
  kRequestId
};
constexpr std::array kCreateParameters = {
    Parameter{"name", ParameterType::kString, true},
    Parameter{"scopes", ParameterType::kStringList, false},
    Parameter{"unscoped_reason", ParameterType::kString, false},
    Parameter{"owner", ParameterType::kString, false},
    Parameter{"team", ParameterType::kString, false},
    Parameter{"description", ParameterType::kString, false},
    Parameter{"not_before", ParameterType::kString, false},
    Parameter{"expires_at", ParameterType::kString, false},
    Parameter{"lifetime", ParameterType::kInt, false},
    Parameter{"request_id", ParameterType::kString, false},
};
using CreateParameters = protocol::Parameters<kCreateParameters.size()>;

Result<keys::KeyRequest> ReadKeyRequest(const CreateParameters& parameters, UnixSeconds now) {
  keys::KeyRequest request;
  request.name = parameters.Text(kName);
  request.description = TextOr(parameters.OptionalText(kDescription), "");
  request.owner = TextOr(parameters.OptionalText(kOwner), "");
  request.team = TextOr(parameters.OptionalText(kTeam), "");
  request.unscoped_reason = TextOr(parameters.OptionalText(kUnscopedReason), "");
  if (parameters.Has(kScopes)) {
    for (const simdjson::dom::element scope : parameters.List(kScopes)) {
      request.scopes.emplace_back(scope.get_string().value_unsafe());
    }
  }
  request.unscoped = parameters.Has(kUnscopedReason) && request.scopes.empty();
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
  return request;
}

}  // namespace

Disposition HandleCreateKey(CallContext& context) {
  CreateParameters parameters;
  if (const auto fault = parameters.Bind(context.call, kCreateParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto request = ReadKeyRequest(parameters, context.loop.now);
  if (!request) return Refuse(context, "", request.error().message());
  if (parameters.Has(kUnscopedReason) && !request->scopes.empty()) {
    return Refuse(context, "unscoped_reason",
                  "a key with scopes has no reason for having none; leave one of them out");
  }
  const std::string request_id = TextOr(parameters.OptionalText(kRequestId), "");
  if (const Status fine = CheckRequestId(request_id); !fine)
    return Refuse(context, "request_id", fine.error().message());

  const LiveSettings& live = *context.loop.live;
  const auto terms = keys::ApplyPolicy(live.policy, *live.catalogue, std::move(*request),
                                       UserOf(context.session), context.loop.now);
  if (!terms) return Refuse(context, "", terms.error().message());
  const KeyChanges changes(context.authority, context.loop.live, RequesterOf(context));
  return RunOnStore(context, store::WorkKind::kWrite,
                    [changes, terms = *terms, request_id](store::Tables& tables, ManagementOutcome& outcome) {
                      return changes.Create(tables, terms, request_id, outcome);
                    });
}

Disposition HandleRotateKey(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"key_id", ParameterType::kString, true},
                                             Parameter{"grace", ParameterType::kInt, false},
                                             Parameter{"expires_at", ParameterType::kString, false},
                                             Parameter{"lifetime", ParameterType::kInt, false},
                                             Parameter{"request_id", ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const auto id = keys::KeyId::Parse(parameters.Text(0));
  if (!id) return context.InvalidParameter("key_id");
  keys::Rotation rotation;
  rotation.grace = parameters.OptionalInt(1);
  if (rotation.grace && *rotation.grace < 0) return context.InvalidParameter("grace");
  const auto expires = ReadExpiry(parameters.OptionalText(2), parameters.OptionalInt(3), context.loop.now);
  if (!expires) return Refuse(context, "", expires.error().message());
  rotation.expires = *expires;
  const std::string request_id = TextOr(parameters.OptionalText(4), "");
  if (const Status fine = CheckRequestId(request_id); !fine)
    return Refuse(context, "request_id", fine.error().message());

  const KeyChanges changes(context.authority, context.loop.live, RequesterOf(context));
  return RunOnStore(
      context, store::WorkKind::kWrite,
      [changes, id = *id, rotation, request_id](store::Tables& tables, ManagementOutcome& outcome) {
        return changes.Rotate(tables, id, rotation, request_id, outcome);
      });
}

Disposition HandleRevokeKey(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"key_id", ParameterType::kString, true},
                                             Parameter{"reason", ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const auto id = keys::KeyId::Parse(parameters.Text(0));
  if (!id) return context.InvalidParameter("key_id");
  const std::string reason = TextOr(parameters.OptionalText(1), "");
  if (const Status fine = CheckOptionalText("reason", reason); !fine) {
    return Refuse(context, "reason", fine.error().message());
  }
  const KeyChanges changes(context.authority, context.loop.live, RequesterOf(context));
  return RunOnStore(context, store::WorkKind::kWrite,
                    [changes, id = *id, reason](store::Tables& tables, ManagementOutcome& outcome) {
                      return changes.Revoke(tables, id, reason, outcome);
                    });
}

}  // namespace claviger::api
