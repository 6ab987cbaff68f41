#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/fields.h"
#include "cli/figure_text.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

// What keys lose by a new catalogue.
struct Losses {
  bool any = false;
  std::string keys;  // "3 keys"
};

Losses LossesOf(const boost::json::object& change) {
  std::set<std::string> distinct;
  std::int64_t sum = 0;
  bool complete = true;  // whether all keys are named
  for (const boost::json::object* lost : ObjectsOf(ArrayOf(change, "lost"))) {
    const std::vector<std::string> ids = ShownList(*lost, "key_ids");
    distinct.insert(ids.begin(), ids.end());
    sum += IntOf(*lost, "keys");
    complete = complete && static_cast<std::int64_t>(ids.size()) == IntOf(*lost, "keys");
  }
  if (complete) return {!distinct.empty(), CountedKeys(static_cast<std::int64_t>(distinct.size()))};
  return {true, "up to " + CountedKeys(sum)};
}

bool ChangesNothing(const boost::json::object& change) {
  return ArrayOf(change, "added").empty() && ArrayOf(change, "reworded").empty() &&
         ArrayOf(change, "lost").empty();
}

void PrintNames(Context& context, std::string_view title, const std::vector<std::string>& names) {
  Fields fields;
  fields.AddList(title, names);
  context.output().Print(fields.Render(context.terminal()));
}

void PrintLost(Context& context, const boost::json::object& lost) {
  const std::int64_t keys = IntOf(lost, "keys");
  Fields fields;
  fields.Add("lost",
             fmt::format("{}, {}", ShownText(lost, "name"),
                         keys == 0 ? "which no key holds" : "which is taken from " + CountedKeys(keys)));
  fields.Add("similar", fmt::format("{}", fmt::join(ShownList(lost, "nearest"), ", ")));
  const std::vector<std::string> ids = ShownList(lost, "key_ids");
  fields.AddList("keys", ids);
  const auto more = keys - static_cast<std::int64_t>(ids.size());
  if (more > 0) fields.Add("and", fmt::format("{} more", CountedKeys(more)));
  context.output().Print(fields.Render(context.terminal()));
}

void PrintChange(Context& context, const boost::json::object& change) {
  PrintNames(context, "added", ShownList(change, "added"));
  PrintNames(context, "reworded", ShownList(change, "reworded"));
  for (const boost::json::object* lost : ObjectsOf(ArrayOf(change, "lost"))) PrintLost(context, *lost);
}

// The catalogue's files as they are in force.
Outcome<void> PrintFiles(Context& context) {
  const auto reply = context.daemon().Admin("ListBundles", {});
  if (!reply) return reply.error();
  std::vector<std::string> files;
  for (const boost::json::object* file : ObjectsOf(ArrayOf(reply->parameters, "files"))) {
    const std::string version = ShownInt(*file, "version");
    files.push_back(fmt::format("{}{}, {} scopes", ShownText(*file, "file"),
                                version.empty() ? "" : " version " + version, IntOf(*file, "scopes")));
  }
  PrintNames(context, "in force", files);
  return {};
}

// Whether losses are meant. On a terminal that is asked.
Outcome<bool> AcceptLosses(Context& context, const Losses& losses) {
  if (context.invocation().Has("accept-losses")) return true;
  if (!context.terminal().input && !context.invocation().Has("yes")) return false;
  context.output().Flush();
  const auto confirmed = context.Confirm("take these scopes from " + losses.keys);
  if (!confirmed) return confirmed.error();
  return true;
}

}  // namespace

Outcome<int> RunScopeReload(Context& context) {
  const auto change = context.daemon().Admin("ReloadCatalogue", {{"dry_run", true}});
  if (!change) return change.error();
  const Losses losses = LossesOf(change->parameters);
  const bool dry_run = context.invocation().Has("dry-run");
  if (!context.json()) PrintChange(context, change->parameters);
  if (dry_run) {
    if (context.json()) context.PrintJson(change->parameters);
    if (ChangesNothing(change->parameters)) context.output().Note("the catalogue's scopes stay as they are");
    return losses.any ? protocol::kExitFailure : protocol::kExitOk;
  }
  boost::json::object parameters;
  if (losses.any) {
    const auto accepted = AcceptLosses(context, losses);
    if (!accepted) return accepted.error();
    if (!*accepted) {
      return Failure{protocol::kExitFailure, losses.keys + " would lose scopes; the catalogue stays as it is",
                     "keep the lost scopes in the files, edit the keys, or add --accept-losses"};
    }
    parameters["accept_losses"] = true;
  }
  const auto done = context.daemon().Admin("ReloadCatalogue", parameters);
  if (!done) return done.error();
  if (context.json()) {
    context.PrintJson(done->parameters);
  } else if (const auto printed = PrintFiles(context); !printed) {
    return printed.error();
  }
  context.output().Note(ChangesNothing(change->parameters) ? "the catalogue's scopes stay as they are"
                                                           : "the new catalogue is in force");
  return protocol::kExitOk;
}

}  // namespace claviger::cli
