#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "cli/accounts.h"
#include "cli/audit_view.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/key_view.h"
#include "cli/style.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr int kHistoryLength = 20;

void PrintSection(Context& context, std::string_view title, Table& table) {
  if (table.empty()) return;
  context.output().Print(fmt::format("\n{}\n", Styled(title, Style::kBold, context.terminal().color)));
  context.output().Print(table.Render());
}

void PrintCallers(Context& context, const boost::json::array& callers) {
  Table table({{"user", 0, true},
               {"unit", 1, true},
               {"generation", 2},
               {"uses", 3},
               {"first used", 4},
               {"last used", 0}},
              context.terminal());
  for (const boost::json::object* caller : ObjectsOf(callers)) {
    table.AddRow({{UserName(IntOf(*caller, "uid"))},
                  {ShownText(*caller, "unit")},
                  {ShownInt(*caller, "generation")},
                  {ShownInt(*caller, "uses")},
                  {ShownText(*caller, "first_used_at")},
                  {ShowTime(ShownText(*caller, "last_used_at"), context.now())}});
  }
  PrintSection(context, "Used by", table);
}

void PrintAskedScopes(Context& context, const boost::json::array& asked) {
  Table table({{"scope", 0}, {"last asked", 1}}, context.terminal());
  for (const boost::json::object* scope : ObjectsOf(asked)) {
    table.AddRow(
        {{ShownText(*scope, "scope")}, {ShowTime(ShownText(*scope, "last_asked_at"), context.now())}});
  }
  PrintSection(context, "Asked of it", table);
}

// The newest acts on the key; empty for who may not read them.
Outcome<boost::json::array> History(Context& context, const std::string& id) {
  const auto reply = context.daemon().Admin("ListAudit", {{"subject", id}, {"limit", kHistoryLength}});
  if (reply) return ArrayOf(reply->parameters, "records");
  if (reply.error().exit_status == protocol::kExitDenied) return boost::json::array();
  return reply.error();
}

void PrintHistory(Context& context, const boost::json::array& records) {
  Table table({{"at", 0}, {"user", 0}, {"act", 0}, {"process", 1, true}}, context.terminal());
  for (const boost::json::object* record : ObjectsOf(records)) {
    table.AddRow({{ShownText(*record, "at")},
                  {ShownText(*record, "user")},
                  {ShownText(*record, "act")},
                  {ProcessOf(*record)}});
  }
  PrintSection(context, "History", table);
}

}  // namespace

Outcome<int> RunKeyShow(Context& context) {
  const auto id = KeyIdArgument(context);
  if (!id) return id.error();
  auto reply = context.daemon().Admin("GetKey", {{"key_id", *id}});
  if (!reply) return reply.error();
  const auto history = History(context, *id);
  if (!history) return history.error();
  boost::json::object& shown = reply->parameters;
  if (context.json()) {
    if (!history->empty()) shown["history"] = *history;
    context.PrintJson(shown);
    return protocol::kExitOk;
  }
  Fields fields = KeyFields(ObjectOf(shown, "record"), context.now());
  fields.Add("replaced by", ShownText(shown, "replaced_by"));
  context.output().Print(fields.Render(context.terminal()));
  PrintCallers(context, ArrayOf(shown, "callers"));
  PrintAskedScopes(context, ArrayOf(shown, "asked_scopes"));
  PrintHistory(context, *history);
  return protocol::kExitOk;
}

}  // namespace claviger::cli
