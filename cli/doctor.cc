#include "cli/doctor.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "cli/check_rows.h"
#include "cli/context.h"
#include "cli/host_checks.h"
#include "cli/json_view.h"
#include "cli/local_checks.h"
#include "cli/text_width.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

// The daemon's own checks behind `rows`; a failed row if it does not give them.
void AddDaemonChecks(Daemon& daemon, boost::json::array& rows) {
  const auto reply = daemon.Admin("Diagnose");
  if (!reply) {
    const Failure failure = reply.error();
    rows.push_back(
        boost::json::object{{"name", "daemon"},
                            {"state", "failed"},
                            {"finding", failure.message},
                            {"advice", failure.hint.empty() ? "see the daemon's log" : failure.hint}});
    return;
  }
  for (const boost::json::value& row : ArrayOf(reply->parameters, "checks")) rows.push_back(row);
}

}  // namespace

boost::json::array Examine(const Host& host, Daemon& daemon) {
  // Elsewhere it is not the daemon of this host's units.
  const bool installed = daemon.socket_directory() == kDefaultSocketDirectory;
  // Before anything connects: that would start a service that is down.
  boost::json::array rows = installed ? HostChecks(host) : boost::json::array();
  for (boost::json::value& row : LocalChecks(daemon)) rows.push_back(std::move(row));
  if (ShownText(rows.back().get_object(), "state") != "failed") {
    AddDaemonChecks(daemon, rows);
  } else if (installed) {
    rows.push_back(DiskCheck(host));
  }
  return rows;
}

Outcome<int> RunDoctor(Context& context) {
  boost::json::array rows = Examine(Host(), context.daemon());
  const auto checks = ObjectsOf(rows);
  std::size_t name_width = 0;
  bool failed = false;
  for (const boost::json::object* row : checks) {
    name_width = std::max(name_width, DisplayWidth(ShownText(*row, "name")));
    failed = failed || ShownText(*row, "state") == "failed";
  }
  if (context.json()) {
    context.PrintJson({{"checks", std::move(rows)}});
  } else {
    for (const boost::json::object* row : checks) PrintCheckRow(context, *row, name_width);
  }
  return failed ? protocol::kExitFailure : protocol::kExitOk;
}

}  // namespace claviger::cli
