#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "daemon/api/change_parameters.h"
#include "daemon/api/handlers.h"
#include "daemon/api/state_changes.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

enum : std::size_t { kKeyIds, kReason };
constexpr std::array kWithReason = {Parameter{"key_ids", ParameterType::kStringList, true},
                                    Parameter{"reason", ParameterType::kString, false}};
constexpr std::array kWithoutReason = {Parameter{"key_ids", ParameterType::kStringList, true}};

// Each once, in the order in which they were named. kInvalidArgument for no id, for too many, and for what
// is none.
Result<std::vector<keys::KeyId>> ReadKeyIds(simdjson::dom::array list) {
  const std::vector<std::string> texts = TextsOf(list);
  if (texts.empty()) return Error(ErrorCode::kInvalidArgument, "key_ids: is empty; name at least one key");
  if (texts.size() > kMaxKeysPerCall) {
    return Error(ErrorCode::kLimitExceeded, "key_ids: has " + std::to_string(texts.size()) +
                                                " keys; at most " + std::to_string(kMaxKeysPerCall) +
                                                " are accepted at once");
  }
  std::vector<keys::KeyId> ids;
  for (const std::string& text : texts) {
    const auto id = keys::KeyId::Parse(text);
    if (!id)
      return Error(ErrorCode::kInvalidArgument, "key_ids: not all of them are key ids; nothing was done");
    if (std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

Disposition Change(CallContext& context, const StateChange& change, std::vector<keys::KeyId> ids,
                   const std::string& reason) {
  return RunOnStore(context, store::WorkKind::kWrite,
                    [changes = StateChanges(KeyActs(context), reason), &change, ids = std::move(ids)](
                        store::Tables& tables, ManagementOutcome& outcome) {
                      return changes.ChangeAll(tables, change, ids, outcome);
                    });
}

Disposition ChangeWithReason(CallContext& context, const StateChange& change) {
  protocol::Parameters<kWithReason.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kWithReason); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto ids = ReadKeyIds(parameters.List(kKeyIds));
  if (!ids) return context.Refuse(ids.error());
  const std::string reason = TextOrNone(parameters.OptionalText(kReason));
  if (const Status fine = CheckOptionalText("reason", reason); !fine) return context.Refuse(fine.error());
  return Change(context, change, std::move(*ids), reason);
}

}  // namespace

Disposition HandleRevokeKeys(CallContext& context) { return ChangeWithReason(context, kRevokeChange); }

Disposition HandlePauseKeys(CallContext& context) { return ChangeWithReason(context, kPauseChange); }

Disposition HandleResumeKeys(CallContext& context) {
  protocol::Parameters<kWithoutReason.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kWithoutReason); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto ids = ReadKeyIds(parameters.List(kKeyIds));
  if (!ids) return context.Refuse(ids.error());
  return Change(context, kResumeChange, std::move(*ids), "");
}

Disposition HandlePurgeKeys(CallContext& context) {
  protocol::Parameters<kWithoutReason.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kWithoutReason); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto ids = ReadKeyIds(parameters.List(kKeyIds));
  if (!ids) return context.Refuse(ids.error());
  return RunOnStore(context, store::WorkKind::kWrite,
                    [changes = StateChanges(KeyActs(context), ""), ids = std::move(*ids)](
                        store::Tables& tables, ManagementOutcome& outcome) {
                      return changes.PurgeAll(tables, ids, outcome);
                    });
}

}  // namespace claviger::api
