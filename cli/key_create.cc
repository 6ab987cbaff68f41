#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <optional>

#include "base/text.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/key_create_from.h"
#include "cli/terms_view.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "cli/wizard/wizard.h"
#include "protocol/error_names.h"

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

Outcome<boost::json::object> Parameters(Context& context) {
  const Invocation& invocation = context.invocation();
  const auto name = invocation.Text("name");
  if (!name) {
    return UsageFailure("--name TEXT is missing",
                        "claviger key create, without options on a terminal, asks for everything");
  }
  boost::json::object parameters = {{"name", *name}};
  const bool scoped = invocation.Has("scope") || invocation.Has("all-scopes") || invocation.Has("bundle");
  if (!scoped && !invocation.Has("unscoped-reason")) {
    return UsageFailure("no scopes are given, so the key could do nothing",
                        "add --scope SCOPE for each; claviger scope list shows them");
  }
  if (const auto added = AddIssueParameters(context, parameters); !added) return added.error();
  if (const auto not_before = invocation.Text("not-before")) {
    const auto when = ReadWhen("not-before", *not_before, DateMeans::kBegin, context.now());
    if (!when) return when.error();
    parameters["not_before"] = FormatTime(*when);
  }
  for (const char* option : {"owner", "team", "description", "replaces"}) {
    if (const auto text = invocation.Text(option)) parameters[option] = *text;
  }
  if (const auto reason = invocation.Text("unscoped-reason")) parameters["unscoped_reason"] = *reason;
  auto scopes = Scopes(context);
  if (!scopes) return scopes.error();
  if (!scopes->empty()) parameters["scopes"] = std::move(*scopes);
  const auto bundles = invocation.List("bundle");
  if (!bundles.empty()) parameters["bundles"] = boost::json::array(bundles.begin(), bundles.end());
  return parameters;
}

Outcome<int> Preview(Context& context, boost::json::object parameters) {
  parameters.erase("request_id");  // nothing is done that could be done twice
  const auto reply = context.daemon().Admin("PreviewKey", parameters);
  if (!reply) return reply.error();
  if (context.json()) {
    context.PrintJson(reply->parameters);
  } else {
    context.output().Print(ReviewPage(reply->parameters, context.now(), context.terminal()));
    context.output().Note("\nnothing was done; without --dry-run the key is issued like this");
  }
  return protocol::kExitOk;
}

bool WantsWizard(const Context& context) {
  if (context.invocation().Has("plain")) return true;
  return !context.invocation().HasOwnOption() && context.terminal().input && context.terminal().output;
}

}  // namespace

Outcome<int> RunKeyCreate(Context& context) {
  if (const auto fits = CheckIssueOptions(context); !fits) return fits.error();
  if (context.invocation().Has("from")) return RunKeyCreateFrom(context);
  if (WantsWizard(context)) return RunWizard(context);
  auto parameters = Parameters(context);
  if (!parameters) return parameters.error();
  if (context.invocation().Has("dry-run")) return Preview(context, std::move(*parameters));
  auto file = OpenOutputFile(context);
  if (!file) return file.error();
  const auto reply = context.daemon().Admin("CreateKey", *parameters);
  if (!reply) return reply.error();
  return DeliverKey(context, "created", *reply, std::move(*file));
}

}  // namespace claviger::cli
