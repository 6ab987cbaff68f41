#include <fmt/format.h>

#include "base/text.h"
#include "cli/context.h"
#include "cli/fields.h"
#include "cli/figure_text.h"
#include "cli/figures.h"
#include "cli/json_view.h"
#include "cli/metrics.h"
#include "cli/style.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

// "12 valid, 3 expired": the codes that were answered at all.
std::string Verifications(const boost::json::object& counts) {
  std::string text;
  for (const auto& member : counts) {
    const std::string_view code = member.key();
    const std::int64_t count = IntOf(counts, code);
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, EscapeForDisplay(code));
  }
  return text.empty() ? "none" : text;
}

std::string KeyTotals(const boost::json::object& status) {
  const std::string keys = ShownInt(status, "keys");
  const std::string cached = ShownInt(status, "cached_keys");
  return keys.empty() ? "not known while the database is closed"
                      : fmt::format("{} ({} in memory)", keys, cached);
}

// How long verifications have taken since the daemon's start.
std::string Durations(const DurationHistogram& durations) {
  if (durations.count() == 0) return "";
  return fmt::format("50% within {}, 99% within {}", ShowDuration(durations.Percentile(0.5)),
                     ShowDuration(durations.Percentile(0.99)));
}

void AddFigures(Fields& fields, const Figures& figures) {
  fields.Add("answered at once", Durations(figures.at_once));
  fields.Add("answered later", Durations(figures.later));
  if (const auto part = figures.from_memory_part()) fields.Add("found in memory", ShowPart(part));
  if (figures.memory > 0) fields.Add("memory", ShowBytes(figures.memory));
}

void PrintStatus(Context& context, const boost::json::object& status, const Figures& figures) {
  const bool color = context.terminal().color;
  context.output().Print(BoolOf(status, "serving") ? Styled("serving", Style::kGood, color) + "\n"
                                                   : Styled("not serving", Style::kBad, color) +
                                                         ": verifications are answered with unavailable\n");
  Fields fields;
  fields.Add("version", ShownText(status, "version"));
  fields.Add("token",
             fmt::format("{}: {}", ShownText(status, "token_state"), ShownText(status, "token_message")));
  fields.Add("started", ShowTime(ShownText(status, "started_at"), context.now()));
  fields.Add("clock", BoolOf(status, "clock_suspect")
                          ? "suspect: the wall clock jumped and is not followed; the daemon's time is " +
                                ShownText(status, "now")
                          : "trusted");
  fields.Add("keys", KeyTotals(status));
  if (const std::string message = ShownText(status, "audit_message"); !message.empty())
    fields.Add("audit", message);
  fields.Add("scopes", ShownInt(status, "scopes"));
  fields.Add("connections", ShownInt(status, "connections"));
  fields.Add("verifications", Verifications(ObjectOf(status, "verifications")));
  AddFigures(fields, figures);
  context.output().Print(fields.Render(context.terminal(), 2));
}

}  // namespace

Outcome<int> RunStatus(Context& context) {
  const bool metrics = context.invocation().Has("metrics");
  if (metrics && context.json()) return UsageFailure("--metrics and --json exclude each other");
  const auto reply = context.daemon().Admin("GetStatus");
  if (!reply) return reply.error();
  boost::json::object status = reply->parameters;
  // An issuer may have the status, but not these; a daemon that is older than this program has none.
  const auto statistics = context.daemon().Admin("GetStatistics");
  if (metrics) {
    if (!statistics) return statistics.error();
    context.output().Print(MetricsText(status, FiguresOf(statistics->parameters)));
    return protocol::kExitOk;  // whether it serves is one of the metrics
  }
  const int exit_status = BoolOf(status, "serving") ? protocol::kExitOk : protocol::kExitTryLater;
  if (context.json()) {
    if (statistics) status["statistics"] = statistics->parameters;
    context.PrintJson(status);
    return exit_status;
  }
  PrintStatus(context, status, statistics ? FiguresOf(statistics->parameters) : Figures());
  return exit_status;
}

}  // namespace claviger::cli
