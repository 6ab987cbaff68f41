#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <utility>
#include <vector>

#include "cli/chosen_keys.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/old_use.h"
#include "cli/table.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

// A secret that stays valid for a while after the rotation of its key.
struct InGrace {
  KeyView key;
  std::int64_t generation;
  OldUse use;
};

// A key that is still valid beside its successor.
struct Succession {
  KeyView old;
  boost::json::object successor;
  OldUse use;
};

struct Replaced {
  std::vector<InGrace> in_grace;
  std::vector<Succession> successions;
};

bool HasGrace(const boost::json::object& record, UnixSeconds now) {
  const auto ends = ParseTime(ShownText(record, "previous_generation_ends_at"));
  return ends && *ends > now;
}

void AddGrace(const KeyView& key, Replaced& replaced) {
  const std::int64_t generation = IntOf(key.record, "generation") - 1;
  replaced.in_grace.push_back(
      {key, generation, UseSince(key, generation, ShownText(key.record, "generation_created_at"))});
}

Outcome<void> AddSuccession(Context& context, const KeyView& old, Replaced& replaced) {
  if (!old.live() || old.replaced_by.empty()) return {};
  const auto successor = ViewKey(context, old.replaced_by);
  if (!successor) return successor.error();
  if (!successor->live()) return {};
  replaced.successions.push_back(
      {old, successor->record, UseSince(old, std::nullopt, ShownText(successor->record, "created_at"))});
  return {};
}

Outcome<void> AddKey(Context& context, const std::string& id, Replaced& replaced) {
  const auto key = ViewKey(context, id);
  if (!key) return key.error();
  if (key->live() && HasGrace(key->record, context.now())) AddGrace(*key, replaced);
  return AddSuccession(context, *key, replaced);
}

Outcome<Replaced> FindNamed(Context& context, const std::vector<std::string>& ids) {
  Replaced replaced;
  for (const std::string& id : ids) {
    if (const auto added = AddKey(context, id, replaced); !added) return added.error();
  }
  return replaced;
}

Outcome<Replaced> FindAll(Context& context) {
  std::vector<std::string> in_grace;
  std::vector<std::string> old;
  const auto walked = ForEachKey(context, {{"states", {"pending", "active", "paused"}}},
                                 [&](const boost::json::object& record) {
                                   if (HasGrace(record, context.now()))
                                     in_grace.push_back(ShownText(record, "key_id"));
                                   if (record.contains("replaces"))
                                     old.push_back(ShownText(record, "replaces"));
                                 });
  if (!walked) return walked.error();
  Replaced replaced;
  for (const std::string& id : in_grace) {
    const auto key = ViewKey(context, id);
    if (!key) return key.error();
    AddGrace(*key, replaced);
  }
  for (const std::string& id : old) {
    const auto key = ViewKey(context, id);
    if (!key && key.error().exit_status == protocol::kExitNotValid) continue;  // purged
    if (!key) return key.error();
    if (const auto added = AddSuccession(context, *key, replaced); !added) return added.error();
  }
  return replaced;
}

boost::json::object JsonOf(const Replaced& replaced) {
  boost::json::array rotations;
  for (const InGrace& entry : replaced.in_grace) {
    rotations.push_back(boost::json::object{
        {"record", entry.key.record}, {"generation", entry.generation}, {"callers", entry.use.callers}});
  }
  boost::json::array successions;
  for (const Succession& entry : replaced.successions) {
    successions.push_back(boost::json::object{
        {"record", entry.old.record}, {"successor", entry.successor}, {"callers", entry.use.callers}});
  }
  return {{"rotations", std::move(rotations)}, {"successions", std::move(successions)}};
}

std::string Seen(const OldUse& use, UnixSeconds now) {
  return use.last_seen.empty() ? "never" : Distance(use.last_seen, now);
}

void PrintGraces(Context& context, const std::vector<InGrace>& entries) {
  if (entries.empty()) return;
  Table table({{"key id", 0},
               {"name", 0, true},
               {"old secret", 3},
               {"ends", 1},
               {"still used by", 0, true},
               {"last seen", 2}},
              context.terminal());
  for (const InGrace& entry : entries) {
    std::string ends = Distance(ShownText(entry.key.record, "previous_generation_ends_at"), context.now());
    if (BoolOf(entry.key.record, "previous_generation_until_used")) ends += " or at first use";
    table.AddRow({{entry.key.id()},
                  {ShownText(entry.key.record, "name")},
                  {fmt::format("generation {}", entry.generation)},
                  {ends},
                  {UsersOf(entry.use)},
                  {Seen(entry.use, context.now())}});
  }
  context.output().Print(table.Render());
}

void PrintSuccessions(Context& context, const std::vector<Succession>& entries) {
  if (entries.empty()) return;
  Table table({{"old key", 0},
               {"name", 0, true},
               {"successor", 0},
               {"is", 3},
               {"old still used by", 1, true},
               {"last seen", 2}},
              context.terminal());
  for (const Succession& entry : entries) {
    table.AddRow({{entry.old.id()},
                  {ShownText(entry.old.record, "name")},
                  {ShownText(entry.successor, "key_id")},
                  {IntOf(entry.successor, "uses") > 0 ? "used" : "not used yet"},
                  {UsersOf(entry.use)},
                  {Seen(entry.use, context.now())}});
  }
  context.output().Print(table.Render());
}

}  // namespace

Outcome<int> RunRotateStatus(Context& context) {
  const auto ids = KeyIdArguments(context);
  if (!ids) return ids.error();
  const auto replaced = ids->empty() ? FindAll(context) : FindNamed(context, *ids);
  if (!replaced) return replaced.error();
  if (context.json()) {
    context.PrintJson(JsonOf(*replaced));
    return protocol::kExitOk;
  }
  PrintGraces(context, replaced->in_grace);
  if (!replaced->in_grace.empty() && !replaced->successions.empty()) context.output().Print("\n");
  PrintSuccessions(context, replaced->successions);
  if (replaced->in_grace.empty() && replaced->successions.empty()) {
    context.output().Note("no old secret and no replaced key is valid");
  } else if (!replaced->successions.empty()) {
    context.output().Note("to end old keys that are not used any more: claviger rotate finish --all");
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
