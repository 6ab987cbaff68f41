#include <array>
#include <chrono>
#include <string>

#include "daemon/api/handlers.h"
#include "daemon/api/statistics.h"

namespace claviger::api {
namespace {

using protocol::Disposition;

void AddWaits(boost::json::object& reply, const std::string& name, const WaitCounter& counter) {
  reply[name] = DurationsJson(counter.durations());
  reply[name + "_waiting"] = static_cast<std::int64_t>(counter.waiting());
}

boost::json::object StatisticsJson(Authority& authority, SteadyTime steady_now, UnixSeconds now) {
  const Statistics& statistics = authority.statistics();
  const VerificationFigures verifications = statistics.Verifications();
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::nanoseconds>(steady_now - statistics.started());
  boost::json::object reply = {{"started_at", FormatTime(authority.started())},
                               {"now", FormatTime(now)},
                               {"elapsed", elapsed.count()},
                               {"serving", authority.serving()},
                               {"token_state", hsm::TokenStateName(authority.token().status().state)},
                               {"verifications", VerdictsJson(verifications.verdicts)},
                               {"from_memory", static_cast<std::int64_t>(verifications.from_memory)},
                               {"missed", static_cast<std::int64_t>(verifications.missed)},
                               {"answered_at_once", DurationsJson(verifications.at_once)},
                               {"answered_later", DurationsJson(verifications.later)},
                               {"verifications_waiting", static_cast<std::int64_t>(verifications.waiting)}};
  AddWaits(reply, "token_calls", authority.token().calls());
  AddWaits(reply, "store_reads", authority.store().reads());
  AddWaits(reply, "store_writes", authority.store().writes());
  reply["cached_keys"] = authority.cache().size();
  reply["cache_capacity"] = authority.cache().capacity();
  reply["memory"] = static_cast<std::int64_t>(ResidentBytes());
  reply["connections"] = authority.ConnectionCount();
  AddBusiest(reply, statistics.busiest().Of(steady_now), [&](const keys::KeyId& id) {
    const keys::KeyEntryPtr entry = authority.cache().Find(id);
    return entry ? std::string(entry->name()) : std::string();
  });
  return reply;
}

}  // namespace

Disposition HandleGetStatistics(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  return context.Reply(StatisticsJson(context.authority, SteadyNow(), context.loop.now));
}

}  // namespace claviger::api
