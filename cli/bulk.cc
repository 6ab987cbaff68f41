#include "cli/bulk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <limits>
#include <utility>

#include "base/text.h"
#include "cli/interrupts.h"
#include "cli/json_view.h"
#include "cli/key_filter.h"
#include "cli/key_view.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMostShownBefore = 10;   // before the question
constexpr std::size_t kMostRefusedShown = 20;  // one line each

constexpr std::array<std::string_view, 3> kNotEnded = {"pending", "active", "paused"};
constexpr std::array<std::string_view, 2> kCanPause = {"pending", "active"};
constexpr std::array<std::string_view, 1> kPaused = {"paused"};
constexpr std::array<std::string_view, 2> kEnded = {"expired", "revoked"};

// "key 02fy..." for one, "12 keys" for more.
std::string NameOfKeys(std::span<const ChosenKey> keys) {
  return keys.size() == 1 ? "key " + keys.front().id : CountOfKeys(keys.size());
}

void AddIds(const boost::json::object& reply, std::string_view name, std::vector<std::string>& ids) {
  for (std::string& id : ShownList(reply, name)) ids.push_back(std::move(id));
}

// What stands before the question: one key in full, of many those that were used last.
std::string Shown(Context& context, std::span<const ChosenKey> keys) {
  Terminal plain = context.terminal();
  plain.color = false;
  if (keys.size() == 1 && !keys.front().record.empty()) {
    return KeyFields(keys.front().record, context.now()).Render(plain, 2);
  }
  Context without_color(context.invocation(), plain, context.output(), context.daemon());
  return ChosenTable(without_color, keys, kMostShownBefore);
}

boost::json::array JsonOf(const std::vector<RefusedKey>& keys) {
  boost::json::array list;
  for (const RefusedKey& key : keys) {
    list.push_back(boost::json::object{{"key_id", key.id}, {"message", key.message}});
  }
  return list;
}

boost::json::object JsonOf(const BulkReport& report) {
  boost::json::object object = {
      {"done", boost::json::array(report.done.begin(), report.done.end())},
      {"unchanged", boost::json::array(report.unchanged.begin(), report.unchanged.end())},
      {"refused", JsonOf(report.refused)}};
  if (!report.waiting.empty()) object["waiting"] = JsonOf(report.waiting);
  return object;
}

std::string TitleOf(std::span<const ChosenKey> keys, const std::string& id) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const ChosenKey& key) { return key.id == id; });
  return found == keys.end() ? id : found->title();
}

void TellRefused(std::span<const ChosenKey> keys, const std::vector<RefusedKey>& refused) {
  const std::size_t shown = std::min(refused.size(), kMostRefusedShown);
  for (const RefusedKey& key : std::span(refused).first(shown)) {
    PrintError(fmt::format("claviger: key {} was left alone: {}", TitleOf(keys, key.id), key.message));
  }
  if (refused.size() > shown) {
    PrintError(fmt::format("claviger: {} more were left alone; --json lists all", refused.size() - shown));
  }
}

void TellDone(Context& context, const BulkAct& act, std::span<const ChosenKey> keys,
              const BulkReport& report) {
  Output& output = context.output();
  if (report.done.size() == 1) {
    output.Note(fmt::format("{} key {}; it is {}", act.done, TitleOf(keys, report.done.front()), act.effect));
  } else if (!report.done.empty()) {
    output.Note(fmt::format("{} {}; they are {}", act.done, CountOfKeys(report.done.size()), act.effect));
  }
  if (report.unchanged.size() == 1) {
    output.Note(fmt::format("key {} was {}", TitleOf(keys, report.unchanged.front()), act.unchanged));
  } else if (!report.unchanged.empty()) {
    output.Note(fmt::format("{} were {}", CountOfKeys(report.unchanged.size()), act.unchanged));
  }
}

}  // namespace

const BulkAct kRevokeAct = {"RevokeKeys",          "revoke",          "revoked", " for good",
                            "refused from now on", "revoked already", kNotEnded};
const BulkAct kPauseAct = {"PauseKeys",      "pause",  "paused", "", "refused until claviger key resume",
                           "paused already", kCanPause};
const BulkAct kResumeAct = {"ResumeKeys", "resume", "resumed", "", "valid again", "not paused", kPaused};
const BulkAct kPurgeAct = {
    "PurgeKeys", "purge",        "purged", " with all that is kept of them but the audit log",
    "gone",      "gone already", kEnded};

Outcome<void> CheckCanConfirm(const Context& context, std::string_view question) {
  if (context.invocation().Has("yes") || context.terminal().input) return {};
  return UsageFailure(fmt::format("there is no terminal on which to ask: {}?", question),
                      "add --yes if that is meant; --dry-run shows the keys");
}

void CarryOut(const Context& context, const BulkAct& act, std::span<const ChosenKey> keys,
              std::size_t piece_size, const BulkStep& step, BulkReport& report) {
  const Interrupts interrupts;
  Progress progress(context, act.done, keys.size());
  for (std::size_t at = 0; at < keys.size(); at += piece_size) {
    if (interrupts.caught()) {
      report.interrupted = true;
      return;
    }
    const auto done = step(keys.subspan(at, std::min(piece_size, keys.size() - at)), report);
    if (!done) {
      report.stopped = done.error();
      return;
    }
    progress.Show(std::min(at + piece_size, keys.size()));
  }
}

BulkStep CallWithIds(Context& context, const BulkAct& act, std::optional<std::string> reason) {
  return [&context, &act, reason = std::move(reason)](std::span<const ChosenKey> piece,
                                                      BulkReport& report) -> Outcome<void> {
    boost::json::array ids;
    for (const ChosenKey& key : piece) ids.emplace_back(key.id);
    boost::json::object parameters = {{"key_ids", std::move(ids)}};
    if (reason) parameters["reason"] = *reason;
    const auto reply = context.daemon().Admin(act.method, parameters);
    if (!reply) return reply.error();
    AddIds(reply->parameters, "done", report.done);
    AddIds(reply->parameters, "unchanged", report.unchanged);
    for (const boost::json::object* refused : ObjectsOf(ArrayOf(reply->parameters, "refused"))) {
      report.refused.push_back({ShownText(*refused, "key_id"), ShownText(*refused, "message")});
    }
    return {};
  };
}

Outcome<int> Report(Context& context, const BulkAct& act, std::span<const ChosenKey> keys,
                    const BulkReport& report) {
  if (context.json()) context.PrintJson(JsonOf(report));
  TellDone(context, act, keys, report);
  for (const RefusedKey& key : report.waiting) {
    context.output().Note(fmt::format("key {} stays: {}", key.id, key.message));
  }
  TellRefused(keys, report.refused);
  const std::size_t told = report.done.size() + report.unchanged.size() + report.refused.size();
  const std::size_t rest = keys.size() - std::min(told, keys.size());
  if (report.stopped) {
    Failure failure = *report.stopped;
    failure.message = fmt::format("{}; what is said above was done, and {} not, as far as is known",
                                  failure.message, rest == 1 ? "1 key was" : CountOfKeys(rest) + " were");
    if (failure.hint.empty()) failure.hint = "it is safe to repeat the command";
    if (told == 0) return *report.stopped;
    return failure;
  }
  if (report.interrupted) {
    return Failure{protocol::kExitFailure,
                   fmt::format("interrupted: {} of {} were not looked at; what is said above was done", rest,
                               CountOfKeys(keys.size())),
                   "it is safe to repeat the command"};
  }
  return report.refused.empty() ? protocol::kExitOk : protocol::kExitFailure;
}

Outcome<int> ShowAskAct(Context& context, const BulkAct& act, ChosenKeys chosen) {
  const std::span<const ChosenKey> keys = chosen.keys;
  if (context.invocation().Has("dry-run")) {
    if (context.json()) {
      context.PrintJson(ChosenJson(keys));
    } else if (!keys.empty()) {
      context.output().Print(ChosenTable(context, keys, std::numeric_limits<std::size_t>::max()));
    }
    TellRefused(keys, chosen.absent);
    const auto used = std::count_if(keys.begin(), keys.end(),
                                    [](const ChosenKey& key) { return !key.last_used_at.empty(); });
    context.output().Note(keys.empty() ? "there are no such keys"
                                       : fmt::format("would {} {}, {} of them used; nothing was done",
                                                     act.verb, CountOfKeys(keys.size()), used));
    return chosen.absent.empty() ? protocol::kExitOk : protocol::kExitFailure;
  }
  BulkReport report;
  report.refused = chosen.absent;
  if (keys.empty() && report.refused.empty()) {
    context.output().Note("there are no such keys");
  } else if (!keys.empty()) {
    if (!context.invocation().Has("yes")) context.output().Note(Shown(context, keys));
    const auto confirmed = context.Confirm(fmt::format("{} {}{}", act.verb, NameOfKeys(keys), act.manner));
    if (!confirmed) return confirmed.error();
    CarryOut(context, act, keys, kKeysPerCall, CallWithIds(context, act, context.invocation().Text("reason")),
             report);
  }
  return Report(context, act, keys, report);
}

Outcome<int> RunBulk(Context& context, const BulkAct& act) {
  const Invocation& invocation = context.invocation();
  const bool named = !invocation.arguments().empty();
  const bool filtered = HasKeyFilter(invocation);
  if (named && filtered) {
    return UsageFailure("key ids and options that find keys exclude each other", "give one or the other");
  }
  if (!named && !filtered) {
    return UsageFailure(fmt::format("it is not said which keys to {}", act.verb),
                        fmt::format("name them (claviger key {} KEY_ID...), or say which: --owner, --scope, "
                                    "--unused-for, ...",
                                    act.verb));
  }
  const bool dry_run = invocation.Has("dry-run");
  const std::string which =
      named && invocation.arguments().size() == 1
          ? fmt::format("{} key {}{}", act.verb, EscapeForDisplay(invocation.argument()), act.manner)
          : fmt::format("{} these keys{}", act.verb, act.manner);
  if (!dry_run) {
    if (const auto can = CheckCanConfirm(context, which); !can) return can.error();
  }
  const bool keep = dry_run ? context.json() : named && invocation.arguments().size() == 1;
  if (named) {
    auto chosen = ChooseNamed(context, keep);
    if (!chosen) return chosen.error();
    return ShowAskAct(context, act, std::move(*chosen));
  }
  auto filter = ReadKeyFilter(context);
  if (!filter) return filter.error();
  auto chosen = ChooseFiltered(context, std::move(*filter), act.states, keep);
  if (!chosen) return chosen.error();
  return ShowAskAct(context, act, std::move(*chosen));
}

}  // namespace claviger::cli
