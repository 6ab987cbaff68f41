#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <set>

#include "base/text.h"
#include "cli/issued_key.h"
#include "cli/json_view.h"
#include "cli/key_view.h"
#include "cli/style.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

using ScopeSet = std::set<std::string, std::less<>>;

boost::json::array ArrayOfTexts(const ScopeSet& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

// Bundles that the key came from and whose scopes, as they are now, are all among `scopes`: naming one of
// them again adds nothing that was not meant.
Outcome<boost::json::array> KeptBundles(Context& context, const boost::json::object& record,
                                        const ScopeSet& scopes) {
  const auto names = ShownList(record, "bundles");
  boost::json::array kept;
  if (names.empty()) return kept;
  const auto reply = context.daemon().Admin("ListBundles");
  if (!reply) return reply.error();
  for (const boost::json::object* bundle : ObjectsOf(ArrayOf(reply->parameters, "bundles"))) {
    const std::string name = ShownText(*bundle, "name");
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    const auto held = ShownList(*bundle, "scopes");
    const bool all = std::all_of(held.begin(), held.end(),
                                 [&](const std::string& scope) { return scopes.contains(scope); });
    if (all) kept.emplace_back(name);
  }
  return kept;
}

Failure NotHeld(const std::string& scope, const std::vector<std::string>& held) {
  const std::string_view nearest = NearestOf(scope, {held.begin(), held.end()});
  return {protocol::kExitFailure,
          fmt::format("--remove-scope: the key does not hold {}", EscapeForDisplay(scope)),
          nearest.empty() ? std::string("claviger key show says what it holds")
                          : fmt::format("did you mean: {}", nearest)};
}

// --add-scope and --remove-scope: the whole list that comes of them.
Outcome<void> AddChangedScopes(Context& context, const boost::json::object& record,
                               boost::json::object& parameters) {
  if (BoolOf(record, "unscoped")) {
    return Failure{protocol::kExitFailure,
                   "the key has no list of scopes to change: it is unscoped and has full access",
                   "--scope SCOPE for each makes it a key with these scopes only"};
  }
  const auto held = ShownList(record, "scopes");
  ScopeSet scopes(held.begin(), held.end());
  for (const std::string& scope : context.invocation().List("remove-scope")) {
    if (scopes.erase(scope) == 0) return NotHeld(scope, held);
  }
  for (const std::string& scope : context.invocation().List("add-scope")) scopes.insert(scope);
  if (scopes.empty()) {
    return Failure{protocol::kExitFailure, "the key would be left without any scope",
                   fmt::format("to end it: claviger key revoke {}", ShownText(record, "key_id"))};
  }
  auto bundles = KeptBundles(context, record, scopes);
  if (!bundles) return bundles.error();
  parameters["scopes"] = ArrayOfTexts(scopes);
  parameters["bundles"] = std::move(*bundles);
  return {};
}

Outcome<void> AddScopes(Context& context, const boost::json::object& record,
                        boost::json::object& parameters) {
  const Invocation& invocation = context.invocation();
  if (invocation.Has("add-scope") || invocation.Has("remove-scope")) {
    return AddChangedScopes(context, record, parameters);
  }
  for (const auto& [option, parameter] : {std::pair{"scope", "scopes"}, std::pair{"bundle", "bundles"}}) {
    const auto names = invocation.List(option);
    if (!names.empty()) parameters[parameter] = boost::json::array(names.begin(), names.end());
  }
  return {};
}

Outcome<void> CheckEditOptions(const Context& context) {
  const Invocation& invocation = context.invocation();
  constexpr std::array kChanges = {"name",   "description", "owner",        "team",   "scope",
                                   "bundle", "add-scope",   "remove-scope", "expires"};
  if (std::none_of(kChanges.begin(), kChanges.end(), [&](const char* o) { return invocation.Has(o); })) {
    return UsageFailure("it is not said what to change",
                        "--name, --owner, --add-scope, ...: claviger key edit --help shows what can be");
  }
  const bool whole = invocation.Has("scope") || invocation.Has("bundle");
  if (whole && (invocation.Has("add-scope") || invocation.Has("remove-scope"))) {
    return UsageFailure("--scope and --bundle give the whole list, --add-scope and --remove-scope change it",
                        "give one or the other");
  }
  return {};
}

Outcome<boost::json::object> Parameters(Context& context, const boost::json::object& record) {
  const Invocation& invocation = context.invocation();
  boost::json::object parameters = {{"key_id", invocation.argument()}, {"version", IntOf(record, "version")}};
  for (const char* name : {"name", "description", "owner", "team"}) {
    if (const auto text = invocation.Text(name)) parameters[name] = *text;
  }
  if (const auto text = invocation.Text("expires")) {
    const auto when = ReadWhen("expires", *text, DateMeans::kEnd, context.now());
    if (!when) return when.error();
    parameters["expires_at"] = FormatTime(*when);
  }
  if (const auto added = AddScopes(context, record, parameters); !added) return added.error();
  return parameters;
}

std::string OrNone(const std::string& text) { return text.empty() ? "(none)" : text; }

// One line for each thing that becomes another; scopes with + and -.
std::string Difference(const Context& context, const boost::json::object& before,
                       const boost::json::object& reply, bool color) {
  const boost::json::object& after = ObjectOf(reply, "record");
  std::string text;
  for (const char* name : {"name", "description", "owner", "team"}) {
    const std::string was = ShownText(before, name);
    const std::string is = ShownText(after, name);
    if (was != is) text += fmt::format("  {}: {} -> {}\n", name, OrNone(was), OrNone(is));
  }
  const std::string ends = ShownText(after, "expires_at");
  if (ends != ShownText(before, "expires_at")) {
    text += fmt::format("  expires: {} -> {}\n", ShowTime(ShownText(before, "expires_at"), context.now()),
                        ShowTime(ends, context.now()));
  }
  if (BoolOf(before, "unscoped") && !BoolOf(after, "unscoped")) {
    text += "  no longer unscoped: it holds the scopes that are named, and nothing else\n";
  }
  const auto bundles = ShownList(after, "bundles");
  if (bundles != ShownList(before, "bundles")) {
    text += fmt::format("  bundles: {}\n", OrNone(fmt::format("{}", fmt::join(bundles, ", "))));
  }
  for (const std::string& scope : ShownList(reply, "gained")) {
    text += "  " + Styled("+ " + scope, Style::kGood, color) + "\n";
  }
  for (const std::string& scope : ShownList(reply, "lost")) {
    text += "  " + Styled("- " + scope, Style::kBad, color) + "\n";
  }
  return text;
}

Outcome<int> DryRun(Context& context, const boost::json::object& before, const boost::json::object& reply) {
  if (context.json()) {
    context.PrintJson(reply);
  } else {
    context.output().Print(Difference(context, before, reply, context.terminal().color));
  }
  context.output().Note(fmt::format("would change key {}; nothing was done", KeyTitle(before)));
  return protocol::kExitOk;
}

}  // namespace

Outcome<int> RunKeyEdit(Context& context) {
  const auto id = KeyIdArgument(context);
  if (!id) return id.error();
  if (const auto checked = CheckEditOptions(context); !checked) return checked.error();
  const auto key = context.daemon().Admin("GetKey", {{"key_id", *id}});
  if (!key) return key.error();
  const boost::json::object& before = ObjectOf(key->parameters, "record");
  auto parameters = Parameters(context, before);
  if (!parameters) return parameters.error();
  // First what it would do: the difference is shown, and widening confirmed, before it is done.
  (*parameters)["dry_run"] = true;
  const auto trial = context.daemon().Admin("EditKey", *parameters);
  if (!trial) return trial.error();
  if (context.invocation().Has("dry-run")) return DryRun(context, before, trial->parameters);
  std::string difference = Difference(context, before, trial->parameters, false);
  if (!difference.empty()) difference.pop_back();
  context.output().Note(difference);
  const std::size_t gained = ArrayOf(trial->parameters, "gained").size();
  if (gained > 0) {
    const auto confirmed = context.Confirm(
        fmt::format("widen key {} by {} scope{}", KeyTitle(before), gained, gained == 1 ? "" : "s"));
    if (!confirmed) return confirmed.error();
  }
  parameters->erase("dry_run");
  const auto reply = context.daemon().Admin("EditKey", *parameters);
  if (!reply) return reply.error();
  if (context.json()) context.PrintJson(reply->parameters);
  context.output().Note(
      fmt::format("changed key {}; its secret stays", KeyTitle(ObjectOf(reply->parameters, "record"))));
  return protocol::kExitOk;
}

}  // namespace claviger::cli
