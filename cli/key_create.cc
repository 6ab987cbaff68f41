#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "base/text.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/nearest.h"
#include "cli/time_view.h"
#include "cli/verbs.h"

namespace claviger::cli {
namespace {

// All catalogued scopes with the action that --all-scopes names.
Outcome<std::vector<std::string>> ScopesWithAction(Context& context, const std::string& action) {
  const auto actions = ChoicesOf(ValueKind::kAction);
  if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
    return UsageFailure(fmt::format("--all-scopes: \"{}\" is no action", EscapeForDisplay(action)),
                        "the actions are read, write and delete");
  }
  const auto reply = context.daemon().Admin("ListScopes", {{"action", action}});
  if (!reply) return reply.error();
  std::vector<std::string> names;
  for (const boost::json::object* scope : ObjectsOf(ArrayOf(reply->parameters, "scopes"))) {
    names.push_back(ShownText(*scope, "name"));
  }
  if (names.empty()) {
    return Failure{1, fmt::format("--all-scopes: the catalogue has no scope with the action {}", action),
                   "claviger scope list shows what it has"};
  }
  return names;
}

Outcome<boost::json::array> Scopes(Context& context) {
  std::vector<std::string> names = context.invocation().List("scope");
  if (const auto action = context.invocation().Text("all-scopes")) {
    const auto more = ScopesWithAction(context, *action);
    if (!more) return more.error();
    names.insert(names.end(), more->begin(), more->end());
  }
  return boost::json::array(names.begin(), names.end());
}

}  // namespace

Outcome<int> RunKeyCreate(Context& context) {
  const Invocation& invocation = context.invocation();
  boost::json::object parameters = {{"name", *invocation.Text("name")}};
  const auto reason = invocation.Text("unscoped-reason");
  if (!invocation.Has("scope") && !invocation.Has("all-scopes") && !reason) {
    return UsageFailure("no scopes are given, so the key could do nothing",
                        "add --scope SCOPE for each; claviger scope list shows them");
  }
  if (const auto added = AddIssueParameters(context, parameters); !added) return added.error();
  if (const auto not_before = invocation.Text("not-before")) {
    const auto when = ReadWhen("not-before", *not_before, DateMeans::kBegin, context.now());
    if (!when) return when.error();
    parameters["not_before"] = FormatTime(*when);
  }
  for (const char* name : {"owner", "team", "description"}) {
    if (const auto text = invocation.Text(name)) parameters[name] = *text;
  }
  if (reason) parameters["unscoped_reason"] = *reason;
  auto scopes = Scopes(context);
  if (!scopes) return scopes.error();
  if (!scopes->empty()) parameters["scopes"] = std::move(*scopes);
  const auto reply = context.daemon().Admin("CreateKey", parameters);
  if (!reply) return reply.error();
  return DeliverKey(context, "created", *reply);
}

}  // namespace claviger::cli
