#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "cli/context.h"
#include "cli/fields.h"
#include "cli/figure_text.h"
#include "cli/json_view.h"
#include "cli/key_view.h"
#include "cli/style.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::int64_t kFirstKeys = 10;

// Keys that have not ended.
boost::json::object LiveKeys() { return {{"states", {"pending", "active", "paused"}}}; }

Outcome<std::int64_t> CountOf(Context& context, const boost::json::object& filter) {
  const auto reply = context.daemon().Admin("CountKeys", filter);
  if (!reply) return reply.error();
  return IntOf(reply->parameters, "keys");
}

// Adds the bundles that have the scope `name`, and the keys that give it.
Outcome<void> AddHolders(Context& context, const std::string& name, boost::json::object& shown) {
  const auto bundles = context.daemon().Admin("ListBundles", {});
  if (!bundles) return bundles.error();
  boost::json::array names;
  for (const boost::json::object* bundle : ObjectsOf(ArrayOf(bundles->parameters, "bundles"))) {
    const boost::json::array& scopes = ArrayOf(*bundle, "scopes");
    if (std::find(scopes.begin(), scopes.end(), boost::json::value(name)) != scopes.end()) {
      names.emplace_back(TextOf(*bundle, "name"));
    }
  }
  shown["bundles"] = std::move(names);

  boost::json::object holders = LiveKeys();
  holders["gives_scope"] = name;
  const auto count = CountOf(context, holders);
  if (!count) return count.error();
  shown["holders"] = *count;
  holders["limit"] = kFirstKeys;
  const auto keys = context.daemon().Admin("ListKeys", holders);
  if (!keys) return keys.error();
  shown["keys"] = ArrayOf(keys->parameters, "keys");

  boost::json::object unscoped = LiveKeys();
  unscoped["kind"] = "unscoped";
  const auto others = CountOf(context, unscoped);
  if (!others) return others.error();
  shown["unscoped_keys"] = *others;
  return {};
}

void PrintScope(Context& context, const boost::json::object& shown) {
  const boost::json::object& scope = ObjectOf(shown, "scope");
  Fields fields;
  fields.Add("scope", ShownText(scope, "name"));
  for (const char* name : {"action", "domain", "summary", "description", "evidence"}) {
    fields.Add(name, ShownText(scope, name));
  }
  fields.Add("in bundles", fmt::format("{}", fmt::join(ShownList(shown, "bundles"), ", ")));
  const std::int64_t holders = IntOf(shown, "holders");
  std::string held = holders == 0 ? "no key" : CountedKeys(holders);
  if (const std::int64_t unscoped = IntOf(shown, "unscoped_keys"); unscoped != 0) {
    held += fmt::format(", and {} without scopes, which can do everything", CountedKeys(unscoped));
  }
  fields.Add("held by", held);
  context.output().Print(fields.Render(context.terminal()));

  Table table = MakeKeyTable(context.terminal());
  for (const boost::json::object* key : ObjectsOf(ArrayOf(shown, "keys"))) {
    AddKeyRow(table, *key, context.now());
  }
  if (!table.empty()) context.output().Print("\n" + table.Render());
  if (holders > kFirstKeys) {
    context.output().Note(fmt::format("these are {} of {}: claviger key list --scope {}", kFirstKeys, holders,
                                      ShownText(scope, "name")));
  }
}

}  // namespace

Outcome<int> RunScopeShow(Context& context) {
  auto reply = context.daemon().Admin("GetScope", {{"name", context.invocation().argument()}});
  if (!reply) return reply.error();
  boost::json::object& shown = reply->parameters;
  const auto added = AddHolders(context, TextOf(ObjectOf(shown, "scope"), "name"), shown);
  if (!added) return added.error();
  if (context.json()) {
    context.PrintJson(shown);
  } else {
    PrintScope(context, shown);
  }
  return protocol::kExitOk;
}

}  // namespace claviger::cli
