#include <array>
#include <memory>
#include <utility>

#include "base/text.h"
#include "daemon/api/change_parameters.h"
#include "daemon/api/handlers.h"
#include "daemon/api/leak_report.h"

namespace claviger::api {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

Disposition HandleReportLeak(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"key", ParameterType::kString, true},
                                             Parameter{"source", ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  std::string source = TextOrNone(parameters.OptionalText(1));
  const Status fine = CheckOptionalText("source", source, kMaxLeakSourceBytes);
  if (!fine) return context.Refuse(fine.error());
  auto key = keys::ParseKeyString(parameters.Text(0));
  if (!key) return context.Reply({{"outcome", "malformed"}});
  auto report = std::make_shared<LeakReport>(KeyActs(context), std::move(*key), std::move(source));
  return RunOnStore(context, store::WorkKind::kWrite,
                    [report](store::Tables& tables, ManagementOutcome& outcome) {
                      return report->Handle(tables, outcome);
                    });
}

}  // namespace claviger::api
