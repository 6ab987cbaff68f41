#include "cli/setup.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "cli/check_rows.h"
#include "cli/doctor.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

struct SetupStep {
  std::string_view name;
  Outcome<StepFinding> (*check)(Setup& setup);
  Outcome<std::string> (*act)(Setup& setup);  // tells what was done; null if its check is all of it
};
// In their order.
constexpr std::array kSteps = {
    SetupStep{"module", CheckModule, nullptr},
    SetupStep{"configuration", CheckConfiguration, WriteConfiguration},
    SetupStep{"PIN", CheckPin, StorePin},
    SetupStep{"SO PIN", CheckSoPin, StoreSoPin},
    SetupStep{"catalogue", CheckCatalogue, CopyCatalogue},
    SetupStep{"people", CheckPeople, AddPeople},
    SetupStep{"units", CheckUnits, EnableUnits},
    SetupStep{"service", CheckService, StartService},
    SetupStep{"token", CheckBinding, BindToken},
    SetupStep{"serving", CheckServing, AwaitServing},
};

std::size_t NameWidth() {
  std::size_t width = 0;
  for (const SetupStep& step : kSteps) width = std::max(width, step.name.size());
  return width;
}

Outcome<void> CheckPlace(const Host& host) {
  if (::geteuid() != 0) {
    return Failure{protocol::kExitDenied, "setup writes to /etc and starts units, which only root may",
                   "run it as root: sudo claviger setup"};
  }
  if (host.HasSystemd()) return {};
  return Failure{
      protocol::kExitFailure, "systemd does not run here, and setup works with its units",
      "where it runs, run this again; for a trial without it, contrib/quickstart of the sources makes "
      "a private tree"};
}

boost::json::object FailedRow(std::string_view name, const Failure& failure) {
  return CheckRow(name, "failed", failure.message, failure.hint);
}

// One step, as a row.
boost::json::object Carry(const SetupStep& step, Setup& setup, bool dry_run) {
  const auto found = step.check(setup);
  if (!found) return FailedRow(step.name, found.error());
  if (found->done) return CheckRow(step.name, "ok", found->text);
  if (dry_run) return CheckRow(step.name, "to do", found->text);
  const auto done = step.act(setup);
  if (!done) return FailedRow(step.name, done.error());
  return CheckRow(step.name, "done", *done);
}

// What doctor finds that is not as it should be.
void PrintFindings(Context& context, const Host& host, Daemon& daemon) {
  const boost::json::array rows = Examine(host, daemon);
  std::size_t width = 0;
  std::vector<const boost::json::object*> bad;
  for (const boost::json::object* row : ObjectsOf(rows)) {
    if (ShownText(*row, "state") == "ok") continue;
    bad.push_back(row);
    width = std::max(width, ShownText(*row, "name").size());
  }
  if (bad.empty()) return context.output().Print("\nclaviger doctor finds nothing to mend.\n");
  context.output().Print("\nclaviger doctor finds:\n");
  for (const boost::json::object* row : bad) PrintCheckRow(context, *row, width);
}

Outcome<int> ShowEnd(Context& context, const Host& host) {
  Daemon daemon(context.daemon().socket_directory());  // the service may have been restarted since
  Context after(context.invocation(), context.terminal(), context.output(), daemon);
  context.output().Print("\n");
  auto status = RunStatus(after);
  if (!status) return status;
  PrintFindings(context, host, daemon);
  const auto reply = daemon.Admin("GetStatus");
  const bool scopes = reply && IntOf(reply->parameters, "scopes") > 0;
  context.output().Print(scopes ? "\nNext: claviger key create\n"
                                : "\nNext: claviger setup --catalogue FILE, so that there are scopes\n");
  return status;
}

}  // namespace

Outcome<int> RunSetup(Context& context) {
  const Host host;
  if (auto place = CheckPlace(host); !place) return place.error();
  auto settings = ReadSettings(host);
  if (!settings) return FailureOf(settings.error());
  auto choice = ChooseSetup(context, host, *settings);
  if (!choice) return choice.error();
  Setup setup{host, std::move(*settings), std::move(*choice), context.daemon().socket_directory()};
  const bool dry_run = context.invocation().Has("dry-run");
  boost::json::array rows;
  bool failed = false;
  for (const SetupStep& step : kSteps) {
    boost::json::object row = Carry(step, setup, dry_run);
    failed = ShownText(row, "state") == "failed";
    if (!context.json()) {
      PrintCheckRow(context, row, NameWidth());
      context.output().Flush();
    }
    rows.push_back(std::move(row));
    if (failed) break;
  }
  if (context.json()) context.PrintJson({{"steps", std::move(rows)}});
  if (failed) {
    context.output().Note("setup is not done; claviger setup goes on from here when that is mended");
    return protocol::kExitFailure;
  }
  if (context.json() || dry_run) return protocol::kExitOk;
  return ShowEnd(context, host);
}

}  // namespace claviger::cli
