#include <array>
#include <memory>
#include <utility>

#include "daemon/api/catalogue_impact.h"
#include "daemon/api/handlers.h"
#include "daemon/api/management.h"
#include "daemon/api/uncatalogued.h"
#include "protocol/reply.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

struct CatalogueReload {
  bool dry_run = false;
  bool accept_losses = false;
  audit::Actor actor;
};

Result<boost::json::object> Reload(Authority& authority, const CatalogueReload& reload) {
  if (!authority.store().is_open()) {
    return Error(
        ErrorCode::kUnavailable,
        "the database is closed, so it cannot be seen which keys a catalogue would take scopes from; "
        "unlock the token first");
  }
  const auto catalogue = authority.controls().read_catalogue();
  if (!catalogue) return catalogue.error();
  const LiveSettingsPtr live = authority.settings().Get();
  CatalogueImpact impact(*live->catalogue, **catalogue);
  if (const Status measured = MeasureImpact(authority, impact); !measured) return measured.error();
  if (reload.dry_run) return ImpactJson(impact, false);
  if (impact.losing_keys() > 0 && !reload.accept_losses) {
    return Error(ErrorCode::kConflict,
                 "the new catalogue takes scopes from keys: " + impact.DescribeLosses() +
                     "; give those keys other scopes first, or accept the losses");
  }
  const Status recorded = authority.RecordAct(CatalogueReloadAct(reload.actor, impact));
  if (!recorded) return recorded.error();
  auto changed = std::make_shared<LiveSettings>(*live);
  changed->catalogue = *catalogue;
  authority.settings().Replace(std::move(changed));
  // Also finds a key that was issued while the others were looked at.
  if (!impact.lost().empty()) TellUncatalogued(authority);
  return ImpactJson(impact, true);
}

}  // namespace

Disposition HandleReloadCatalogue(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"dry_run", ParameterType::kBool, false},
                                             Parameter{"accept_losses", ParameterType::kBool, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  CatalogueReload reload{parameters.OptionalFlag(0).value_or(false),
                         parameters.OptionalFlag(1).value_or(false), ActorOf(context.session)};
  return RunAsOperatorTask(context,
                           [&authority = context.authority, reload = std::move(reload)](Answer answer) {
                             const auto reply = Reload(authority, reload);
                             if (!reply) return std::move(answer).SendError(reply.error());
                             WipingBuffer frame;
                             protocol::AppendReply(frame, *reply);
                             std::move(answer).Send(std::move(frame));
                           });
}

}  // namespace claviger::api
