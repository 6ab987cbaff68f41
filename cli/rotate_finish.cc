#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <map>
#include <utility>

#include "cli/bulk.h"
#include "cli/chosen_keys.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/old_use.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::string_view kUnusedFor = "1d";  // unless --unused-for says otherwise

// Old keys, sorted by what is to become of them.
struct Finishable {
  std::vector<ChosenKey> keys;                    // to be revoked
  std::map<std::string, std::string> successors;  // of those, by old id
  BulkReport report;                              // of the rest
};

// Why the old key must stay for now; "" if it need not.
std::string WhyItStays(const Context& context, const KeyView& old, const KeyView& successor,
                       const std::string& unused_since) {
  if (!successor.live()) return fmt::format("its successor {} has ended", successor.id());
  if (IntOf(successor.record, "uses") == 0) {
    return fmt::format("its successor {} was not used yet", successor.id());
  }
  const std::string last_used = ShownText(old.record, "last_used_at");
  if (last_used < unused_since) return "";
  return fmt::format("still used by {}, last seen {}", UsersOf(UseSince(old, std::nullopt, unused_since)),
                     Distance(last_used, context.now()));
}

Outcome<void> Sort(Context& context, const std::string& id, const std::string& unused_since,
                   Finishable& found) {
  const auto old = ViewKey(context, id);
  if (!old && old.error().exit_status == protocol::kExitNotValid) {
    found.report.refused.push_back({id, "there is no such key"});
    return {};
  }
  if (!old) return old.error();
  if (!old->live()) {
    found.report.unchanged.push_back(id);
    return {};
  }
  if (old->replaced_by.empty()) {
    found.report.refused.push_back({id, "it has no successor; claviger rotate apply issues one"});
    return {};
  }
  const auto successor = ViewKey(context, old->replaced_by);
  if (!successor) return successor.error();
  const std::string why = WhyItStays(context, *old, *successor, unused_since);
  if (!why.empty()) {
    found.report.waiting.push_back({id, why});
    return {};
  }
  found.keys.push_back(ChosenOf(old->record, context.json()));
  found.successors[id] = successor->id();
  return {};
}

// The ids of the command's arguments, or of all keys that have a living successor.
Outcome<std::vector<std::string>> OldKeys(Context& context) {
  const bool named = !context.invocation().arguments().empty();
  if (named == context.invocation().Has("all")) {
    return UsageFailure("it is not said which old keys to end",
                        "name them (claviger rotate finish KEY_ID...), or say --all");
  }
  if (named) return KeyIdArguments(context);
  std::vector<std::string> ids;
  const auto walked = ForEachKey(context, {{"states", {"pending", "active", "paused"}}},
                                 [&](const boost::json::object& record) {
                                   if (record.contains("replaces"))
                                     ids.push_back(ShownText(record, "replaces"));
                                 });
  if (!walked) return walked.error();
  return ids;
}

Outcome<Finishable> Find(Context& context) {
  const std::string unused_for = context.invocation().Text("unused-for").value_or(std::string(kUnusedFor));
  const auto since = ReadWhen("unused-for", unused_for, DateMeans::kBegin, context.now(), TimeCounts::kBack);
  if (!since) return since.error();
  const auto ids = OldKeys(context);
  if (!ids) return ids.error();
  Finishable found;
  for (const std::string& id : *ids) {
    if (const auto sorted = Sort(context, id, FormatTime(*since), found); !sorted) return sorted.error();
  }
  if (context.invocation().Has("all")) {
    // Of what is not named, what has ended or is gone needs no word.
    found.report.unchanged.clear();
    found.report.refused.clear();
  }
  SortLastUsedFirst(found.keys);
  return found;
}

}  // namespace

Outcome<int> RunRotateFinish(Context& context) {
  if (!context.invocation().Has("dry-run")) {
    if (const auto can = CheckCanConfirm(context, "revoke old keys for good"); !can) return can.error();
  }
  auto found = Find(context);
  if (!found) return found.error();
  Finishable& old = *found;
  if (context.invocation().Has("dry-run")) {
    ChosenKeys chosen{old.keys, {}};
    for (const RefusedKey& key : old.report.waiting) {
      context.output().Note(fmt::format("key {} stays: {}", key.id, key.message));
    }
    return ShowAskAct(context, kRevokeAct, std::move(chosen));
  }
  if (!old.keys.empty()) {
    if (!context.invocation().Has("yes")) {
      context.output().Note(ChosenTable(context, old.keys, old.keys.size()));
    }
    const auto confirmed =
        context.Confirm(fmt::format("revoke {} that {} replaced for good", CountOfKeys(old.keys.size()),
                                    old.keys.size() == 1 ? "is" : "are"));
    if (!confirmed) return confirmed.error();
  }
  // One by one, since each is revoked for a reason of its own.
  const BulkStep step = [&](std::span<const ChosenKey> piece, BulkReport& report) {
    const std::string reason = "replaced by " + old.successors[piece.front().id];
    return CallWithIds(context, kRevokeAct, reason)(piece, report);
  };
  CarryOut(context, kRevokeAct, old.keys, 1, step, old.report);
  if (old.keys.empty() && old.report.waiting.empty() && old.report.refused.empty()) {
    context.output().Note("there is no replaced key to end");
  }
  return Report(context, kRevokeAct, old.keys, old.report);
}

}  // namespace claviger::cli
