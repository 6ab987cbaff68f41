#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <limits>
#include <utility>

#include "base/text.h"
#include "cli/bulk.h"
#include "cli/chosen_keys.h"
#include "cli/json_view.h"
#include "cli/key_words.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr BulkAct kTransferAct = {
    "EditKey", "transfer", "transferred", "", "the new owner's", "transferred already", kLiveStates};
constexpr std::size_t kMostShown = std::numeric_limits<std::size_t>::max();

// What someone leaves behind.
struct Legacy {
  std::vector<ChosenKey> owned;
  std::vector<ChosenKey> issued;  // for other owners
};

Outcome<Legacy> FindLegacy(Context& context, const std::string& user) {
  const bool keep = context.json();
  auto owned = ChooseFiltered(context, {{"owner", user}}, kLiveStates, keep);
  if (!owned) return owned.error();
  Legacy legacy;
  legacy.owned = std::move(owned->keys);
  if (context.invocation().Has("owned")) return legacy;
  auto issued = ChooseFiltered(context, {{"creator", user}}, kLiveStates, keep);
  if (!issued) return issued.error();
  const std::string shown = EscapeForDisplay(user);
  std::erase_if(issued->keys, [&](const ChosenKey& key) { return key.owner == shown; });
  legacy.issued = std::move(issued->keys);
  return legacy;
}

std::string Lists(Context& context, const Legacy& legacy, const std::string& user) {
  std::string text;
  if (!legacy.owned.empty()) {
    text += fmt::format("Keys that {} owns:\n{}", user, ChosenTable(context, legacy.owned, kMostShown));
  }
  if (!legacy.issued.empty()) {
    text +=
        fmt::format("{}Keys that {} issued for others, and whose secrets {} has seen:\n{}",
                    text.empty() ? "" : "\n", user, user, ChosenTable(context, legacy.issued, kMostShown));
  }
  return text;
}

// Which of --transfer-to, --pause and --revoke is given; "" for none.
Outcome<std::string> Choice(const Invocation& invocation) {
  if (invocation.argument().empty()) return UsageFailure("USER is empty", "name the user who leaves");
  if (invocation.Text("transfer-to") == "") {
    return UsageFailure("--transfer-to is empty", "name the new owner");
  }
  std::string choice;
  for (const char* option : {"transfer-to", "pause", "revoke"}) {
    if (!invocation.Has(option)) continue;
    if (!choice.empty()) {
      return UsageFailure(fmt::format("--{} and --{} exclude each other", choice, option),
                          "give one of them");
    }
    choice = option;
  }
  return choice;
}

Outcome<int> Show(Context& context, const Legacy& legacy, const std::string& user) {
  if (context.json()) {
    context.PrintJson(
        {{"owned", ChosenJson(legacy.owned)["keys"]}, {"issued", ChosenJson(legacy.issued)["keys"]}});
  } else {
    context.output().Print(Lists(context, legacy, user));
  }
  const std::size_t count = legacy.owned.size() + legacy.issued.size();
  context.output().Note(count == 0
                            ? fmt::format("{} owns and issued no key that has not ended", user)
                            : "nothing was done; to go on add --transfer-to OWNER, --pause or --revoke");
  return protocol::kExitOk;
}

// One call for each key, so that a key that was changed meanwhile is left alone and said.
BulkStep TransferTo(Context& context, const std::string& owner) {
  return [&context, owner](std::span<const ChosenKey> piece, BulkReport& report) -> Outcome<void> {
    const ChosenKey& key = piece.front();
    const auto reply =
        context.daemon().Admin("EditKey", {{"key_id", key.id}, {"version", key.version}, {"owner", owner}});
    if (reply) {
      report.done.push_back(key.id);
      return {};
    }
    const Failure& failure = reply.error();
    const bool of_this_key = failure.exit_status == protocol::kExitFailure ||
                             failure.exit_status == protocol::kExitNotValid ||
                             failure.exit_status == protocol::kExitDenied;
    if (!of_this_key) return failure;
    report.refused.push_back({key.id, failure.message});
    return {};
  };
}

std::string Question(const Legacy& legacy, const std::string& choice, const std::string& user,
                     const std::string& to) {
  if (choice == "transfer-to") {
    return fmt::format("give {} of {} to {}", CountOfKeys(legacy.owned.size()), user, to);
  }
  std::string question = fmt::format("{} {} of {}", choice, CountOfKeys(legacy.owned.size()), user);
  if (!legacy.issued.empty()) {
    question += fmt::format(" and {} that {} issued for others", CountOfKeys(legacy.issued.size()), user);
  }
  return question + (choice == "revoke" ? " for good" : "");
}

Outcome<int> Act(Context& context, const Legacy& legacy, const std::string& choice, const std::string& user) {
  const std::string to = context.invocation().Text("transfer-to").value_or("");
  std::vector<ChosenKey> keys = legacy.owned;
  if (choice != "transfer-to") keys.insert(keys.end(), legacy.issued.begin(), legacy.issued.end());
  BulkReport report;
  if (keys.empty()) {
    context.output().Note("there are no such keys");
    return Report(context, kRevokeAct, keys, report);
  }
  if (!context.invocation().Has("yes")) context.output().Note(Lists(context, legacy, user));
  const auto confirmed = context.Confirm(Question(legacy, choice, user, EscapeForDisplay(to)));
  if (!confirmed) return confirmed.error();
  if (choice == "transfer-to") {
    CarryOut(context, kTransferAct, keys, 1, TransferTo(context, to), report);
    if (!legacy.issued.empty()) {
      context.output().Note(
          fmt::format("{} that {} issued for others stay: rotate them, since {} has seen their secrets",
                      CountOfKeys(legacy.issued.size()), user, user));
    }
    return Report(context, kTransferAct, keys, report);
  }
  const BulkAct& act = choice == "pause" ? kPauseAct : kRevokeAct;
  const std::string reason =
      context.invocation().Text("reason").value_or(fmt::format("{} leaves", context.invocation().argument()));
  CarryOut(context, act, keys, kKeysPerCall, CallWithIds(context, act, reason), report);
  return Report(context, act, keys, report);
}

}  // namespace

Outcome<int> RunPrincipalLeave(Context& context) {
  const auto choice = Choice(context.invocation());
  if (!choice) return choice.error();
  const bool dry_run = choice->empty() || context.invocation().Has("dry-run");
  const std::string& name = context.invocation().argument();
  const std::string user = EscapeForDisplay(name);
  if (!dry_run) {
    const auto can = CheckCanConfirm(
        context, fmt::format("{} the keys of {}", *choice == "transfer-to" ? "transfer" : *choice, user));
    if (!can) return can.error();
  }
  const auto legacy = FindLegacy(context, name);
  if (!legacy) return legacy.error();
  if (dry_run) return Show(context, *legacy, user);
  return Act(context, *legacy, *choice, user);
}

}  // namespace claviger::cli
