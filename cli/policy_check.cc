#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/clock.h"
#include "cli/context.h"
#include "cli/figure_text.h"
#include "cli/json_view.h"
#include "cli/table.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::int64_t kCheckedAtOnce = 500;  // the most that CheckPolicy gives

Outcome<boost::json::array> Violations(Context& context) {
  boost::json::array all;
  boost::json::object page = {{"limit", kCheckedAtOnce}};
  std::string next;
  do {
    const auto reply = context.daemon().Admin("CheckPolicy", page);
    if (!reply) return reply.error();
    for (const auto& violation : ArrayOf(reply->parameters, "violations")) all.push_back(violation);
    next = TextOf(reply->parameters, "next_after");
    page["after"] = next;
  } while (!next.empty());
  return all;
}

void PrintViolations(Context& context, const boost::json::array& violations) {
  Table table(
      {{"key id", 0}, {"name", 2, true}, {"owner", 3}, {"expires", 4}, {"what", 1}, {"rule", 0, true}},
      context.terminal());
  for (const boost::json::object* violation : ObjectsOf(violations)) {
    table.AddRow({{ShownText(*violation, "key_id")},
                  {ShownText(*violation, "name")},
                  {ShownText(*violation, "owner")},
                  {Distance(ShownText(*violation, "expires_at"), context.now())},
                  {ShownText(*violation, "field")},
                  {ShownText(*violation, "message")}});
  }
  context.output().Print(table.Render());
  context.output().Flush();
}

// Keys that break a rule and would live longer than until `deadline`, each once, in their order.
std::vector<std::string> KeysBeyond(const boost::json::array& violations, UnixSeconds deadline) {
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (const boost::json::object* violation : ObjectsOf(violations)) {
    const auto expires = ParseTime(TextOf(*violation, "expires_at"));
    const std::string id = TextOf(*violation, "key_id");
    if (expires && *expires > deadline && seen.insert(id).second) ids.push_back(id);
  }
  return ids;
}

// What became of the keys that were given the deadline.
struct Moved {
  boost::json::array done;
  boost::json::array refused;  // of KeyRefusal
};

Outcome<Moved> MoveExpiries(Context& context, const std::vector<std::string>& ids, UnixSeconds deadline) {
  Moved moved;
  for (const std::string& id : ids) {
    const auto reply =
        context.daemon().Admin("EditKey", {{"key_id", id}, {"expires_at", FormatTime(deadline)}});
    if (reply) {
      moved.done.emplace_back(id);
      continue;
    }
    const Failure& failure = reply.error();
    const bool of_this_key =
        failure.exit_status == protocol::kExitFailure || failure.exit_status == protocol::kExitNotValid;
    if (!of_this_key) {
      Failure broken_off = failure;
      broken_off.message +=
          fmt::format("; {} of {} keys had been given the deadline", moved.done.size(), ids.size());
      return broken_off;
    }
    moved.refused.push_back(boost::json::object{{"key_id", id}, {"message", failure.message}});
  }
  return moved;
}

void TellMoved(Context& context, const Moved& moved, UnixSeconds deadline) {
  if (!moved.done.empty()) {
    context.output().Note(
        fmt::format("{} {} {} now", CountedKeys(static_cast<std::int64_t>(moved.done.size())),
                    moved.done.size() == 1 ? "ends" : "end", ShowTime(FormatTime(deadline), context.now())));
  }
  for (const boost::json::object* refused : ObjectsOf(moved.refused)) {
    context.output().Note(
        fmt::format("{} keeps its end: {}", ShownText(*refused, "key_id"), ShownText(*refused, "message")));
  }
}

Outcome<std::optional<UnixSeconds>> Deadline(const Context& context) {
  const auto text = context.invocation().Text("deadline");
  if (!text) return std::optional<UnixSeconds>();
  const auto when = ReadWhen("deadline", *text, DateMeans::kEnd, context.now());
  if (!when) return when.error();
  if (*when <= context.now()) {
    return UsageFailure("--deadline: that is in the past", "claviger key revoke ends keys at once");
  }
  return std::optional(*when);
}

}  // namespace

Outcome<int> RunPolicyCheck(Context& context) {
  const auto deadline = Deadline(context);
  if (!deadline) return deadline.error();
  auto violations = Violations(context);
  if (!violations) return violations.error();
  if (!context.json() && !violations->empty()) PrintViolations(context, *violations);
  boost::json::object reply;
  const auto ids = *deadline ? KeysBeyond(*violations, **deadline) : std::vector<std::string>();
  if (!ids.empty()) {
    const auto confirmed =
        context.Confirm(fmt::format("let {} end {}", CountedKeys(static_cast<std::int64_t>(ids.size())),
                                    ShowTime(FormatTime(**deadline), context.now())));
    if (!confirmed) return confirmed.error();
    auto moved = MoveExpiries(context, ids, **deadline);
    if (!moved) return moved.error();
    TellMoved(context, *moved, **deadline);
    reply = {{"done", std::move(moved->done)}, {"refused", std::move(moved->refused)}};
    violations = Violations(context);
    if (!violations) return violations.error();
  }
  const bool none = violations->empty();
  if (context.json()) {
    reply["violations"] = std::move(*violations);
    context.PrintJson(reply);
  }
  if (none) context.output().Note("every key complies with the policy");
  return none ? protocol::kExitOk : protocol::kExitFailure;
}

}  // namespace claviger::cli
