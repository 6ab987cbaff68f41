#include "daemon/api/denials.h"

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include "daemon/api/authority.h"
#include "daemon/keys/verdict.h"

namespace claviger::api {
namespace {

auto KindOf(const Denial& denial) { return std::tuple(denial.id.bytes, denial.code, denial.caller.get()); }

// Those of the same kind become one: each loop, and each generation, has counted for itself.
void Merge(std::vector<Denial>& denials) {
  std::sort(denials.begin(), denials.end(),
            [](const Denial& a, const Denial& b) { return KindOf(a) < KindOf(b); });
  std::size_t merged = 0;
  for (std::size_t i = 1; i < denials.size(); ++i) {
    if (KindOf(denials[i]) == KindOf(denials[merged])) {
      denials[merged].count += denials[i].count;
    } else {
      denials[++merged] = std::move(denials[i]);
    }
  }
  if (!denials.empty()) denials.resize(merged + 1);
}

std::string Times(std::int64_t count) {
  return count == 1 ? "1 verification" : std::to_string(count) + " verifications";
}

Event EventOf(Authority& authority, const Denial& denial) {
  const std::string id = denial.id.ToString();
  const std::string verdict(keys::VerdictCodeName(denial.code));
  // What is no longer in memory has no name here; the id says enough.
  const keys::KeyEntryPtr entry = authority.cache().Find(denial.id);
  std::string whose = id;
  if (entry) whose += " (" + std::string(entry->name()) + ")";
  std::string message =
      "key " + whose + ": " + Times(denial.count) + " for uid " + std::to_string(denial.caller->uid);
  if (!denial.caller->unit.empty()) message += " (" + denial.caller->unit + ")";
  Event event(kEventDenied, message + ": " + verdict);
  event.With("KEY_ID", id).With("VERDICT", verdict).With("COUNT", std::to_string(denial.count));
  if (entry) event.With("KEY_NAME", std::string(entry->name())).With("OWNER", entry->profile().owner());
  event.With("PEER_UID", std::to_string(denial.caller->uid)).With("PEER_UNIT", denial.caller->unit);
  return event;
}

}  // namespace

void TellDenials(Authority& authority, std::vector<Denial> denials) {
  Merge(denials);
  const std::size_t told = std::min(denials.size(), kMostDenialsTold);
  for (std::size_t i = 0; i < told; ++i) authority.Tell(EventOf(authority, denials[i]));
  if (told == denials.size()) return;
  std::int64_t rest = 0;
  for (std::size_t i = told; i < denials.size(); ++i) rest += denials[i].count;
  authority.Tell(Event(kEventDenied, Times(rest) + " of other keys were denied as well")
                     .With("COUNT", std::to_string(rest)));
}

void TellRateLimited(Authority& authority) {
  for (const auto& [uid, count] : authority.failure_budgets().TakeRefusals()) {
    authority.Tell(Event(kEventRateLimited, "uid " + std::to_string(uid) + ": " +
                                                Times(static_cast<std::int64_t>(count)) +
                                                " refused: it has presented too many bad keys")
                       .With("VERDICT", "rate_limited")
                       .With("PEER_UID", std::to_string(uid))
                       .With("COUNT", std::to_string(count)));
  }
}

}  // namespace claviger::api
