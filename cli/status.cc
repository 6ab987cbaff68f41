#include <fmt/format.h>

#include "base/text.h"
#include "cli/context.h"
#include "cli/fields.h"
#include "cli/json_view.h"
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

std::string Keys(const boost::json::object& status) {
  const std::string keys = ShownInt(status, "keys");
  const std::string cached = ShownInt(status, "cached_keys");
  return keys.empty() ? "not known while the database is closed"
                      : fmt::format("{} ({} in memory)", keys, cached);
}

}  // namespace

Outcome<int> RunStatus(Context& context) {
  const auto reply = context.daemon().Admin("GetStatus");
  if (!reply) return reply.error();
  const boost::json::object& status = reply->parameters;
  const bool serving = BoolOf(status, "serving");
  const int exit_status = serving ? protocol::kExitOk : protocol::kExitTryLater;
  if (context.json()) {
    context.PrintJson(status);
    return exit_status;
  }
  const bool color = context.terminal().color;
  context.output().Print(serving ? Styled("serving", Style::kGood, color) + "\n"
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
  fields.Add("keys", Keys(status));
  if (const std::string message = ShownText(status, "audit_message"); !message.empty())
    fields.Add("audit", message);
  fields.Add("scopes", ShownInt(status, "scopes"));
  fields.Add("connections", ShownInt(status, "connections"));
  fields.Add("verifications", Verifications(ObjectOf(status, "verifications")));
  context.output().Print(fields.Render(context.terminal(), 2));
  return exit_status;
}

}  // namespace claviger::cli
