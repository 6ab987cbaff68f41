#include <array>
#include <boost/json/array.hpp>

#include "daemon/api/handlers.h"
#include "daemon/api/key_json.h"
#include "daemon/api/management.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

constexpr std::int64_t kDefaultPageSize = 100;

// nullopt if the number is out of range.
std::optional<int> PageSize(const std::optional<std::int64_t>& limit) {
  const std::int64_t size = limit.value_or(kDefaultPageSize);
  if (size < 1 || size > store::kMaxPageSize) return std::nullopt;
  return static_cast<int>(size);
}

Status ListKeys(store::Tables& tables, const store::KeyFilter& filter,
                const std::optional<keys::KeyId>& after, int limit, ManagementOutcome& outcome) {
  const auto records = tables.keys.List(filter, after, limit);
  if (!records) return records.error();
  boost::json::array keys;
  keys.reserve(records->size());
  for (const keys::KeyRecord& record : *records) {
    const auto usage = tables.usage.Find(record.id);
    if (!usage) return usage.error();
    keys.push_back(KeyJson(record, *usage, filter.now));
  }
  outcome.reply["keys"] = std::move(keys);
  if (records->size() == static_cast<std::size_t>(limit)) {
    const auto next = tables.keys.List(filter, records->back().id, 1);
    if (!next) return next.error();
    if (!next->empty()) outcome.reply["next_after"] = records->back().id.ToString();
  }
  return Ok();
}

}  // namespace

Disposition HandleListKeys(CallContext& context) {
  static constexpr std::array kParameters = {
      Parameter{"state", ParameterType::kString, false}, Parameter{"owner", ParameterType::kString, false},
      Parameter{"after", ParameterType::kString, false}, Parameter{"limit", ParameterType::kInt, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  store::KeyFilter filter;
  filter.now = context.loop.now;
  if (const auto state = parameters.OptionalText(0)) {
    filter.state = keys::ParseKeyState(*state);
    if (!filter.state) return context.InvalidParameter("state");
  }
  filter.owner = std::string(parameters.OptionalText(1).value_or(""));
  std::optional<keys::KeyId> after;
  if (const auto text = parameters.OptionalText(2)) {
    after = keys::KeyId::Parse(*text);
    if (!after) return context.InvalidParameter("after");
  }
  const auto limit = PageSize(parameters.OptionalInt(3));
  if (!limit) return context.InvalidParameter("limit");
  return RunOnStore(context, store::WorkKind::kRead,
                    [filter, after, limit = *limit](store::Tables& tables, ManagementOutcome& outcome) {
                      return ListKeys(tables, filter, after, limit, outcome);
                    });
}

Disposition HandleGetKey(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"key_id", ParameterType::kString, true}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const auto id = keys::KeyId::Parse(parameters.Text(0));
  if (!id) return context.InvalidParameter("key_id");
  return RunOnStore(
      context, store::WorkKind::kRead,
      [id = *id, now = context.loop.now](store::Tables& tables, ManagementOutcome& outcome) -> Status {
        const auto record = tables.keys.Find(id);
        if (!record) return record.error();
        if (!*record) {
          outcome.refusal = Refusal{"io.claviger.Admin.KeyNotFound", {{"key_id", id.ToString()}}};
          return Ok();
        }
        const auto usage = tables.usage.Find(id);
        if (!usage) return usage.error();
        outcome.reply["record"] = KeyJson(**record, *usage, now);
        return Ok();
      });
}

Disposition HandleListAudit(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"subject", ParameterType::kString, false},
                                             Parameter{"before", ParameterType::kInt, false},
                                             Parameter{"limit", ParameterType::kInt, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const std::string subject(parameters.OptionalText(0).value_or(""));
  const auto before = parameters.OptionalInt(1);
  if (before && *before < 1) return context.InvalidParameter("before");
  const auto limit = PageSize(parameters.OptionalInt(2));
  if (!limit) return context.InvalidParameter("limit");
  return RunOnStore(
      context, store::WorkKind::kRead,
      [&authority = context.authority, subject, before, limit = *limit](
          store::Tables& tables, ManagementOutcome& outcome) -> Status {
        const auto records = authority.audit().List(tables.database, subject, before, limit);
        if (!records) return records.error();
        boost::json::array list;
        for (const audit::AuditRecord& record : *records) list.push_back(AuditJson(record));
        outcome.reply["records"] = std::move(list);
        if (records->size() == static_cast<std::size_t>(limit) && records->back().sequence > 1) {
          outcome.reply["next_before"] = records->back().sequence;
        }
        return Ok();
      });
}

}  // namespace claviger::api
