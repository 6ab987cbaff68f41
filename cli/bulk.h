// Acts on many keys: chosen, shown, confirmed, carried out in pieces, and reported exactly.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/chosen_keys.h"
#include "cli/context.h"

namespace claviger::cli {

// What RevokeKeys and its like take at once.
inline constexpr std::size_t kKeysPerCall = 100;

struct BulkAct {
  std::string_view method;                   // of io.claviger.Admin; "" if it has none of its own
  std::string_view verb;                     // "revoke"
  std::string_view done;                     // "revoked"
  std::string_view manner;                   // follows the keys in the question: " for good"
  std::string_view effect;                   // what holds afterwards: "refused from now on"
  std::string_view unchanged;                // of one that was so already: "revoked already"
  std::span<const std::string_view> states;  // what a filter collects if it names no states
};
extern const BulkAct kRevokeAct;
extern const BulkAct kPauseAct;
extern const BulkAct kResumeAct;
extern const BulkAct kPurgeAct;

// What has become of the keys so far: their ids.
struct BulkReport {
  std::vector<std::string> done;
  std::vector<std::string> unchanged;
  std::vector<RefusedKey> refused;
  std::vector<RefusedKey> waiting;  // not to be touched yet: no fault
  bool interrupted = false;         // by a signal, between two pieces
  std::optional<Failure> stopped;   // what ended it early otherwise
};

// Whether someone can confirm the act or has; a usage failure if not. To be asked before anything is read.
Outcome<void> CheckCanConfirm(const Context& context, std::string_view question);

// Does something to a few keys and puts what came of it into the report. A failure ends the work.
using BulkStep = std::function<Outcome<void>(std::span<const ChosenKey> piece, BulkReport& report)>;
// The keys in pieces of at most `piece_size`; a signal ends it after the piece that is under way.
void CarryOut(const Context& context, const BulkAct& act, std::span<const ChosenKey> keys,
              std::size_t piece_size, const BulkStep& step, BulkReport& report);
// The step that calls `act.method` with the ids and, if given, a reason.
BulkStep CallWithIds(Context& context, const BulkAct& act, std::optional<std::string> reason);

// Tells what was done and what was not, with --json as {"done", "unchanged", "refused"} and "waiting" if any.
// The exit status: 0 only if no key was left alone. The failure that stopped the work, if one did.
Outcome<int> Report(Context& context, const BulkAct& act, std::span<const ChosenKey> keys,
                    const BulkReport& report);

// The whole of `key revoke`, `key pause` and `key resume`.
Outcome<int> RunBulk(Context& context, const BulkAct& act);
// From the chosen keys on: shows them; ends there with --dry-run; asks; carries out; reports.
Outcome<int> ShowAskAct(Context& context, const BulkAct& act, ChosenKeys chosen);

}  // namespace claviger::cli
