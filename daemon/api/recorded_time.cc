#include "daemon/api/recorded_time.h"

#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <string>

#include "base/clock.h"

namespace claviger::api {
namespace {

std::string TimeJson(UnixSeconds time) {
  return boost::json::serialize(boost::json::object{{"time", FormatTime(time)}});
}

}  // namespace

Status TakeRecordedTime(Authority& authority, store::Tables& tables) {
  const auto recorded = tables.meta.HighWater();
  if (!recorded) return recorded.error();
  const std::string order = authority.state_directory() + "/" + std::string(kAcceptClockFile);
  if (::unlink(order.c_str()) != 0) {
    if (errno != ENOENT) return ErrnoError(ErrorCode::kUnavailable, "remove " + order, errno);
    authority.clock().Restore(*recorded);
    return Ok();
  }
  const UnixSeconds now = authority.clock().Now();
  if (Status set = tables.meta.SetHighWater(now); !set) return set;
  audit::Act act;
  act.actor = Authority::Self();
  act.name = "clock.accept";
  act.before = TimeJson(*recorded);
  act.after = TimeJson(now);
  const auto sequence = authority.audit().Append(tables.database, act, now);
  if (!sequence) return sequence.error();
  return Ok();
}

}  // namespace claviger::api
