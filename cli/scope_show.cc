#include "cli/context.h"
#include "cli/fields.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunScopeShow(Context& context) {
  const auto reply = context.daemon().Admin("GetScope", {{"name", context.invocation().argument()}});
  if (!reply) return reply.error();
  if (context.json()) {
    context.PrintJson(reply->parameters);
    return protocol::kExitOk;
  }
  const boost::json::object& scope = ObjectOf(reply->parameters, "scope");
  Fields fields;
  fields.Add("scope", ShownText(scope, "name"));
  for (const char* name : {"action", "domain", "summary", "description", "evidence"}) {
    fields.Add(name, ShownText(scope, name));
  }
  context.output().Print(fields.Render(context.terminal()));
  return protocol::kExitOk;
}

}  // namespace claviger::cli
