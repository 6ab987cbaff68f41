#include "daemon/vital_parts.h"

#include <chrono>
#include <string>
#include <utility>

#include "daemon/log.h"
#include "daemon/service_status.h"

namespace claviger {
namespace {

using std::chrono::minutes;
using Answer = std::function<void()>;

// Logging in to a token, and making keys in it, has deadlines of its own; several steps can follow.
constexpr minutes kLongestTokenCommand{3};
// Operator tasks wait for the token, and for the database to be opened, searched or brought to a new format.
constexpr minutes kLongestTask{10};

}  // namespace

std::vector<VitalPart> VitalPartsOf(api::Authority& authority, server::Server& server) {
  std::vector<VitalPart> parts;
  parts.push_back({"the loops", [&server](Answer answer) {
                     server.Ask(std::move(answer));
                     return true;
                   }});
  // Opening it is the main thread's task, and has that one's patience.
  parts.push_back({"the store",
                   [&authority](Answer answer) {
                     authority.store().Ask(std::move(answer));
                     return true;
                   },
                   {},
                   [&authority] { return !authority.store().is_open(); }});
  parts.push_back({"the token client",
                   [&authority](Answer answer) {
                     authority.token().Ask(std::move(answer));
                     return true;
                   },
                   kLongestTokenCommand});
  parts.push_back({"the main thread",
                   [&authority](Answer answer) { return authority.tasks().Post(std::move(answer)); },
                   kLongestTask});
  return parts;
}

Result<std::unique_ptr<Watchdog>> StartWatchdog(api::Authority& authority, server::Server& server) {
  const auto interval = Watchdog::IntervalOfService();
  if (!interval) return std::unique_ptr<Watchdog>();
  const auto complain = [](const std::string& parts) {
    LogLine(api::Authority::Severity::kError, "no sign of life from " + parts);
  };
  return Watchdog::Start(*interval, VitalPartsOf(authority, server), {TellAlive, complain});
}

}  // namespace claviger
