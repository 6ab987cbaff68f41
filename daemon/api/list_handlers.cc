#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "daemon/api/handlers.h"
#include "daemon/api/key_filter_parameters.h"
#include "daemon/api/key_json.h"
#include "daemon/api/key_listing.h"
#include "daemon/api/management.h"
#include "daemon/api/paging.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

constexpr std::size_t kSort = kKeyFilterParameters, kAfter = kSort + 1, kLimit = kAfter + 1;
constexpr std::array kPageParameters = {Parameter{"sort", ParameterType::kString, false},
                                        Parameter{"after", ParameterType::kString, false},
                                        Parameter{"limit", ParameterType::kInt, false}};
using ListParameters = protocol::Parameters<kKeyFilterParameters + kPageParameters.size()>;

struct SortName {
  std::string_view name;
  store::KeySort sort;
};
constexpr std::array kSorts = {
    SortName{"created", store::KeySort::kCreated}, SortName{"name", store::KeySort::kName},
    SortName{"owner", store::KeySort::kOwner},     SortName{"creator", store::KeySort::kCreator},
    SortName{"expires", store::KeySort::kExpires}, SortName{"last_used", store::KeySort::kLastUsed}};

bool ReadSort(std::string_view text, store::KeyQuery& query) {
  query.descending = text.starts_with('-');
  if (query.descending) text.remove_prefix(1);
  const auto* sort =
      std::find_if(kSorts.begin(), kSorts.end(), [text](const SortName& each) { return each.name == text; });
  if (sort == kSorts.end()) return false;
  query.sort = sort->sort;
  return true;
}

// The place of another sort's page is none of this one's.
bool ReadCursor(std::string_view text, store::KeyQuery& query) {
  using store::KeySort;
  query.after = store::KeyCursor::Parse(text);
  if (!query.after || !IsPlace(query.after->ref)) return false;
  const bool by_text =
      query.sort == KeySort::kName || query.sort == KeySort::kOwner || query.sort == KeySort::kCreator;
  return std::holds_alternative<std::string>(query.after->value) == by_text;
}

// The name of the parameter at fault, or "".
std::string_view ReadQuery(const ListParameters& parameters, UnixSeconds now, store::KeyQuery& query) {
  const auto fault = ReadKeyFilter(parameters.values().first<kKeyFilterParameters>(),
                                   parameters.present().first<kKeyFilterParameters>(), now, query.filter);
  if (!fault.empty()) return fault;
  if (parameters.Has(kSort) && !ReadSort(parameters.Text(kSort), query)) return "sort";
  if (parameters.Has(kAfter) && !ReadCursor(parameters.Text(kAfter), query)) return "after";
  const auto limit = PageSize(parameters.OptionalInt(kLimit));
  if (!limit) return "limit";
  query.limit = *limit;
  return {};
}

// All that a page about one key shows.
Status ReadKey(store::Tables& tables, const keys::KeyId& id, UnixSeconds now, ManagementOutcome& outcome) {
  const auto record = tables.keys.Find(id);
  if (!record) return record.error();
  if (!*record) {
    outcome.refusal = KeyNotFound(id);
    return Ok();
  }
  const auto usage = tables.usage.Find(id);
  if (!usage) return usage.error();
  const auto callers = tables.usage.Callers(id);
  if (!callers) return callers.error();
  const auto asked = tables.usage.AskedScopes(id);
  if (!asked) return asked.error();
  const auto successor = tables.keys.FindSuccessor(id);
  if (!successor) return successor.error();
  boost::json::array caller_list, asked_list;
  for (const store::CallerUse& use : *callers) caller_list.push_back(CallerJson(use));
  for (const store::AskedScope& scope : *asked) asked_list.push_back(AskedScopeJson(scope));
  outcome.reply["record"] = KeyJson(**record, *usage, now);
  outcome.reply["callers"] = std::move(caller_list);
  outcome.reply["asked_scopes"] = std::move(asked_list);
  if (*successor) outcome.reply["replaced_by"] = (*successor)->ToString();
  return Ok();
}

}  // namespace

Disposition HandleListKeys(CallContext& context) {
  static const auto kParameters = protocol::Join(KeyFilterParameters(), kPageParameters);
  ListParameters parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  store::KeyQuery query;
  if (const auto fault = ReadQuery(parameters, context.loop.now, query); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto listing = std::make_shared<KeyListing>(std::move(query));
  return RunInSteps(context, store::WorkKind::kRead,
                    [listing = std::move(listing)](store::Tables& tables, ManagementOutcome& outcome) {
                      return listing->Step(tables, outcome);
                    });
}

Disposition HandleCountKeys(CallContext& context) {
  protocol::Parameters<kKeyFilterParameters> parameters;
  if (const auto fault = parameters.Bind(context.call, KeyFilterParameters()); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  store::KeyFilter filter;
  const auto fault = ReadKeyFilter(parameters.values(), parameters.present(), context.loop.now, filter);
  if (!fault.empty()) return context.InvalidParameter(fault);
  auto counting = std::make_shared<KeyCounting>(std::move(filter));
  return RunInSteps(context, store::WorkKind::kRead,
                    [counting = std::move(counting)](store::Tables& tables, ManagementOutcome& outcome) {
                      return counting->Step(tables, outcome);
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
  return RunOnStore(context, store::WorkKind::kRead,
                    [id = *id, now = context.loop.now](store::Tables& tables, ManagementOutcome& outcome) {
                      return ReadKey(tables, id, now, outcome);
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
  return RunInSteps(
      context, store::WorkKind::kRead,
      [&authority = context.authority, subject, before, limit = *limit](
          store::Tables& tables, ManagementOutcome& outcome) -> Result<bool> {
        const auto records = authority.audit().List(tables.database, subject, before, limit);
        if (!records) return records.error();
        boost::json::array list;
        for (const audit::AuditRecord& record : *records) list.push_back(AuditJson(record));
        outcome.reply["records"] = std::move(list);
        if (records->size() == static_cast<std::size_t>(limit) && records->back().sequence > 1) {
          outcome.reply["next_before"] = records->back().sequence;
        }
        return true;
      });
}

}  // namespace claviger::api
