#include <array>
#include <boost/json/array.hpp>
#include <memory>
#include <utility>

#include "daemon/api/expiry_sweep.h"
#include "daemon/api/handlers.h"
#include "daemon/api/management.h"

namespace claviger::api {
namespace {

using protocol::Disposition;

constexpr std::size_t kMaxAnnouncementsTold = 1000;

// Type Announcement.
boost::json::object AnnouncementJson(const Announcement& announcement) {
  boost::json::object object;
  object["key_id"] = announcement.id.ToString();
  object["name"] = announcement.name;
  object["owner"] = announcement.owner;
  if (!announcement.team.empty()) object["team"] = announcement.team;
  object["expires_at"] = FormatTime(announcement.expires);
  object["step"] = announcement.step;
  return object;
}

struct Announcing {
  explicit Announcing(ExpirySweep begun) : sweep(std::move(begun)) {}

  // As ManagementStep.
  Result<bool> Step(store::Tables& tables, ManagementOutcome& outcome) {
    const auto last = sweep.Step(tables);
    if (!last) return last.error();
    const std::vector<Announcement> announced = sweep.Take();
    for (std::size_t i = 0; i < announced.size() && told.size() < kMaxAnnouncementsTold; ++i)
      told.push_back(AnnouncementJson(announced[i]));
    for (std::string& line : log.Add(announced, sweep.now()))
      outcome.log.push_back({Authority::Severity::kWarning, std::move(line)});
    if (!*last) return false;
    if (std::string rest = log.Rest(); !rest.empty())
      outcome.log.push_back({Authority::Severity::kWarning, std::move(rest)});
    outcome.reply["announced"] = std::move(told);
    return true;
  }

  ExpirySweep sweep;
  AnnouncementLog log;
  boost::json::array told;
};

}  // namespace

Disposition HandleAnnounceExpiries(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto announcing = std::make_shared<Announcing>(
      ExpirySweep(context.authority, context.loop.live, ActorOf(context.session)));
  return RunInSteps(context, store::WorkKind::kWrite,
                    [announcing](store::Tables& tables, ManagementOutcome& outcome) {
                      return announcing->Step(tables, outcome);
                    });
}

}  // namespace claviger::api
