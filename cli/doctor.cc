#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/local_checks.h"
#include "cli/style.h"
#include "cli/text_width.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kStateWidth = 9;  // "warning" and a gap

// The daemon's own checks behind `rows`; a failed row if it does not give them. The last of `rows` says
// whether it can be asked.
void AddDaemonChecks(Context& context, boost::json::array& rows) {
  if (ShownText(rows.back().get_object(), "state") == "failed") return;
  const auto reply = context.daemon().Admin("Diagnose");
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

void PrintRow(Context& context, const boost::json::object& row, std::size_t name_width) {
  const std::string state = ShownText(row, "state");
  const std::string name = ShownText(row, "name");
  const std::size_t indent = kStateWidth + name_width + 2;
  const std::size_t terminal_width = context.terminal().width;
  const std::size_t width = terminal_width == kUnlimitedWidth
                                ? kUnlimitedWidth
                                : std::max<std::size_t>(terminal_width, indent + 20) - indent;
  std::string text = Styled(state, StyleOfState(state), context.terminal().color);
  text.append(kStateWidth - std::min(kStateWidth - 1, state.size()), ' ');
  text += name;
  text.append(name_width + 2 - DisplayWidth(name), ' ');
  bool first = true;
  for (const std::string& part : {ShownText(row, "finding"), ShownText(row, "advice")}) {
    if (part.empty()) continue;
    for (const std::string& line : WrapWords(first ? part : "-> " + part, width)) {
      if (!first) text.append(indent, ' ');
      text.append(line).push_back('\n');
      first = false;
    }
  }
  context.output().Print(text);
}

}  // namespace

Outcome<int> RunDoctor(Context& context) {
  boost::json::array rows = LocalChecks(context.daemon());
  AddDaemonChecks(context, rows);
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
    for (const boost::json::object* row : checks) PrintRow(context, *row, name_width);
  }
  return failed ? protocol::kExitFailure : protocol::kExitOk;
}

}  // namespace claviger::cli
