#include "cli/backup_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <string_view>
#include <vector>

#include "cli/fields.h"
#include "cli/json_view.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

struct Wording {
  std::string_view name;
  std::string_view text;
};

constexpr std::array kCurrents = {
    Wording{"later", "goes on from the backup"},
    Wording{"other", "does not go on from the backup: what became of its keys since is not known"},
    Wording{"unreadable", "cannot be read: what became of the keys since the backup is not known"},
    Wording{"absent", "there is none: what became of the keys since the backup is not known"},
};

constexpr std::array kFates = {
    Wording{"lost", "issued since: lost"},
    Wording{"revoked", "revoked since: stay revoked"},
    Wording{"rotated", "rotated since: come back revoked"},
    Wording{"paused", "paused since: stay paused"},
    Wording{"edited", "edited since: come back paused"},
    Wording{"purged", "purged since: come back revoked"},
    Wording{"unknown", "not in the present database: paused or revived, as you say"},
};

// `name` itself where a newer daemon says what is not known here.
template <std::size_t N>
std::string WordsFor(const std::array<Wording, N>& wordings, const std::string& name) {
  const auto found =
      std::find_if(wordings.begin(), wordings.end(), [&](const Wording& one) { return one.name == name; });
  return found == wordings.end() ? name : std::string(found->text);
}

}  // namespace

std::string ShowSize(std::int64_t bytes) {
  constexpr double kMebi = 1024.0 * 1024.0;
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / kMebi);
}

std::string ShowPlan(const boost::json::object& plan, const Terminal& terminal, UnixSeconds now) {
  const boost::json::object& backup = ObjectOf(plan, "backup");
  Fields fields;
  fields.Add("backup", ShownText(backup, "name"));
  fields.Add("made", ShowTime(ShownText(backup, "made_at"), now));
  fields.Add("holds", fmt::format("{} keys, {} acts on record", IntOf(backup, "keys"),
                                  IntOf(backup, "audit_records")));
  fields.AddList("token", ShownList(backup, "serials"));
  fields.Add("checked",
             BoolOf(plan, "checked")
                 ? "whole, and made with this token"
                 : "not yet: this host is bound to no token; it is bound to the backup's token first");
  fields.Add("database", WordsFor(kCurrents, ShownText(plan, "current")));
  const std::int64_t acts = IntOf(plan, "acts_since");
  if (acts > 0) fields.Add("forgotten", fmt::format("{} acts on record since (claviger audit list)", acts));
  for (const boost::json::object* change : ObjectsOf(ArrayOf(plan, "changes"))) {
    std::vector<std::string> lines = {
        fmt::format("{} {}", IntOf(*change, "keys"), WordsFor(kFates, ShownText(*change, "fate")))};
    for (const boost::json::object* key : ObjectsOf(ArrayOf(*change, "named"))) {
      lines.push_back(fmt::format("  \"{}\" ({})", ShownText(*key, "name"), ShownText(*key, "key_id")));
    }
    const auto more = IntOf(*change, "keys") - std::ssize(ArrayOf(*change, "named"));
    if (more > 0) lines.push_back(fmt::format("  and {} more", more));
    fields.AddList("keys", lines);
  }
  return fields.Render(terminal);
}

}  // namespace claviger::cli
