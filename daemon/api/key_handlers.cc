#include <array>
#include <utility>

#include "base/text.h"
#include "daemon/api/change_parameters.h"
#include "daemon/api/handlers.h"
#include "daemon/api/key_changes.h"
#include "daemon/api/state_changes.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

namespace edit {
enum : std::size_t {
  kKeyId,
  kVersion,
  kName,
  kDescription,
  kOwner,
  kTeam,
  kScopes,
  kBundles,
  kExpiresAt,
  kDryRun
};
constexpr std::array kParameters = {
    Parameter{"key_id", ParameterType::kString, true},
    Parameter{"version", ParameterType::kInt, false},
    Parameter{"name", ParameterType::kString, false},
    Parameter{"description", ParameterType::kString, false},
    Parameter{"owner", ParameterType::kString, false},
    Parameter{"team", ParameterType::kString, false},
    Parameter{"scopes", ParameterType::kStringList, false},
    Parameter{"bundles", ParameterType::kStringList, false},
    Parameter{"expires_at", ParameterType::kString, false},
    Parameter{"dry_run", ParameterType::kBool, false},
};
}  // namespace edit

namespace rotate {
enum : std::size_t { kKeyId, kGrace, kUntilUsed, kLeaked, kExpiresAt, kLifetime, kRequestId };
constexpr std::array kParameters = {
    Parameter{"key_id", ParameterType::kString, true},      Parameter{"grace", ParameterType::kInt, false},
    Parameter{"until_used", ParameterType::kBool, false},   Parameter{"leaked", ParameterType::kBool, false},
    Parameter{"expires_at", ParameterType::kString, false}, Parameter{"lifetime", ParameterType::kInt, false},
    Parameter{"request_id", ParameterType::kString, false},
};
}  // namespace rotate

template <std::size_t N>
std::optional<std::string> TextOf(const protocol::Parameters<N>& parameters, std::size_t i) {
  return parameters.Has(i) ? std::optional(std::string(parameters.Text(i))) : std::nullopt;
}

template <std::size_t N>
std::optional<std::vector<std::string>> ListOf(const protocol::Parameters<N>& parameters, std::size_t i) {
  return parameters.Has(i) ? std::optional(TextsOf(parameters.List(i))) : std::nullopt;
}

template <std::size_t N>
Result<keys::KeyEdit> ReadEdit(const protocol::Parameters<N>& parameters) {
  keys::KeyEdit change;
  change.name = TextOf(parameters, edit::kName);
  change.description = TextOf(parameters, edit::kDescription);
  change.owner = TextOf(parameters, edit::kOwner);
  change.team = TextOf(parameters, edit::kTeam);
  change.scopes = ListOf(parameters, edit::kScopes);
  change.bundles = ListOf(parameters, edit::kBundles);
  const auto expires = ReadExpiry(parameters.OptionalText(edit::kExpiresAt), std::nullopt, 0);
  if (!expires) return expires.error();
  change.expires = *expires;
  return change;
}

template <std::size_t N>
Result<RotateOrder> ReadRotation(const protocol::Parameters<N>& parameters, UnixSeconds now) {
  RotateOrder order;
  order.leaked = parameters.Has(rotate::kLeaked) && parameters.Flag(rotate::kLeaked);
  order.rotation.until_used = parameters.Has(rotate::kUntilUsed) && parameters.Flag(rotate::kUntilUsed);
  order.rotation.grace = parameters.OptionalInt(rotate::kGrace);
  if (order.leaked && (order.rotation.grace || order.rotation.until_used)) {
    return Error(ErrorCode::kInvalidArgument,
                 "leaked: ends the present secret at once; leave out grace and until_used");
  }
  if (order.leaked) order.rotation.grace = 0;
  const auto expires =
      ReadExpiry(parameters.OptionalText(rotate::kExpiresAt), parameters.OptionalInt(rotate::kLifetime), now);
  if (!expires) return expires.error();
  order.rotation.expires = *expires;
  order.request_id = TextOrNone(parameters.OptionalText(rotate::kRequestId));
  if (const Status fine = CheckRequestId(order.request_id); !fine) return fine.error();
  return order;
}

}  // namespace

Disposition HandleEditKey(CallContext& context) {
  protocol::Parameters<edit::kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, edit::kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const auto id = keys::KeyId::Parse(parameters.Text(edit::kKeyId));
  if (!id) return context.InvalidParameter("key_id");
  EditOrder order;
  order.id = *id;
  if (const auto version = parameters.OptionalInt(edit::kVersion)) {
    if (*version < 1) return context.InvalidParameter("version");
    order.version = static_cast<std::uint64_t>(*version);
  }
  auto change = ReadEdit(parameters);
  if (!change) return context.Refuse(change.error());
  order.edit = std::move(*change);
  order.dry_run = parameters.Has(edit::kDryRun) && parameters.Flag(edit::kDryRun);
  return RunOnStore(
      context, order.dry_run ? store::WorkKind::kRead : store::WorkKind::kWrite,
      [changes = KeyChanges(KeyActs(context)), order](store::Tables& tables, ManagementOutcome& outcome) {
        return changes.Edit(tables, order, outcome);
      });
}

Disposition HandleRotateKey(CallContext& context) {
  protocol::Parameters<rotate::kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, rotate::kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const auto id = keys::KeyId::Parse(parameters.Text(rotate::kKeyId));
  if (!id) return context.InvalidParameter("key_id");
  if (parameters.OptionalInt(rotate::kGrace).value_or(0) < 0) return context.InvalidParameter("grace");
  auto order = ReadRotation(parameters, context.loop.now);
  if (!order) return context.Refuse(order.error());
  order->id = *id;
  return RunOnStore(context, store::WorkKind::kWrite,
                    [changes = KeyChanges(KeyActs(context)), order = std::move(*order)](
                        store::Tables& tables, ManagementOutcome& outcome) {
                      return changes.Rotate(tables, order, outcome);
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
  const std::string reason = TextOrNone(parameters.OptionalText(1));
  if (const Status fine = CheckOptionalText("reason", reason); !fine) return context.Refuse(fine.error());
  return RunOnStore(context, store::WorkKind::kWrite,
                    [changes = StateChanges(KeyActs(context), reason), id = *id](store::Tables& tables,
                                                                                 ManagementOutcome& outcome) {
                      return changes.RevokeOne(tables, id, outcome);
                    });
}

}  // namespace claviger::api
