#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

void PrintNames(Context& context, const boost::json::array& scopes) {
  for (const boost::json::object* scope : ObjectsOf(scopes)) {
    context.output().Print(ShownText(*scope, "name") + "\n");
  }
}

void PrintTable(Context& context, const boost::json::array& scopes) {
  Table table({{"scope", 0}, {"action", 3}, {"domain", 4}, {"summary", 1, true}}, context.terminal());
  for (const boost::json::object* scope : ObjectsOf(scopes)) {
    table.AddRow({{ShownText(*scope, "name")},
                  {ShownText(*scope, "action")},
                  {ShownText(*scope, "domain")},
                  {ShownText(*scope, "summary")}});
  }
  if (table.empty()) {
    context.output().Note("there are no such scopes");
  } else {
    context.output().Print(table.Render());
  }
}

}  // namespace

Outcome<int> RunScopeList(Context& context) {
  boost::json::object filter;
  for (const char* name : {"action", "domain", "search"}) {
    if (const auto text = context.invocation().Text(name)) filter[name] = *text;
  }
  const auto reply = context.daemon().Admin("ListScopes", filter);
  if (!reply) return reply.error();
  const boost::json::array& scopes = ArrayOf(reply->parameters, "scopes");
  if (context.json()) {
    context.PrintJson(reply->parameters);
  } else if (context.invocation().Has("names")) {
    PrintNames(context, scopes);
  } else {
    PrintTable(context, scopes);
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
