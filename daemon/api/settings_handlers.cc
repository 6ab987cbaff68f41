#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>

#include "daemon/api/handlers.h"
#include "daemon/api/management.h"
#include "protocol/reply.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

// A level is needed most when the database is closed: it is changed even if that cannot go on record.
void RecordLevel(Authority& authority, const audit::Actor& actor, std::string_view before,
                 std::string_view after) {
  audit::Act act;
  act.actor = actor;
  act.name = "log.level";
  act.before = boost::json::serialize(boost::json::object{{"level", before}});
  act.after = boost::json::serialize(boost::json::object{{"level", after}});
  const Status recorded = authority.RecordAct(act);
  if (recorded) return;
  authority.LogLine(Authority::Severity::kWarning, "log level " + std::string(after) + ", set by " +
                                                       actor.user +
                                                       ", but not on record: " + recorded.error().message());
}

void ChangeLevel(Authority& authority, const audit::Actor& actor, const std::string& level, Answer answer) {
  const ServiceControls& controls = authority.controls();
  const std::string before(controls.log_levels().now);
  if (!level.empty()) {
    if (const Status set = controls.set_log_level(level); !set) {
      return std::move(answer).SendError(set.error());
    }
    if (level != before) RecordLevel(authority, actor, before, level);
  }
  const LogLevels levels = controls.log_levels();
  std::move(answer).SendReply({{"level", levels.now}, {"configured", levels.configured}});
}

}  // namespace

Disposition HandleReload(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  return RunAsOperatorTask(context, [&authority = context.authority,
                                     actor = ActorOf(context.session)](Answer answer) {
    const auto waiting = authority.controls().reload(actor);
    if (!waiting) return std::move(answer).SendError(waiting.error());
    std::move(answer).SendReply({{"restart_needed", boost::json::array(waiting->begin(), waiting->end())}});
  });
}

Disposition HandleSetLogLevel(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"level", ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const auto given = parameters.OptionalText(0);
  if (given && given->empty()) return context.InvalidParameter("level");
  return RunAsOperatorTask(context, [&authority = context.authority, level = std::string(given.value_or("")),
                                     actor = ActorOf(context.session)](Answer answer) {
    ChangeLevel(authority, actor, level, std::move(answer));
  });
}

}  // namespace claviger::api
