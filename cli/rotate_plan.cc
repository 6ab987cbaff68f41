#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/chosen_keys.h"
#include "cli/json_view.h"
#include "cli/old_use.h"
#include "cli/style.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

struct Plan {
  std::vector<KeyView> ready;     // some scope was asked of them
  std::vector<KeyView> unknown;   // none was
  std::vector<KeyView> replaced;  // they have a successor already
};

Outcome<bool> HasLiveSuccessor(Context& context, const KeyView& key) {
  if (key.replaced_by.empty()) return false;
  const auto successor = ViewKey(context, key.replaced_by);
  if (successor) return successor->live();
  if (successor.error().exit_status == protocol::kExitNotValid) return false;  // purged
  return successor.error();
}

Outcome<Plan> MakePlan(Context& context) {
  const auto chosen = ChooseFiltered(context, {{"kind", "unscoped"}},
                                     std::array<std::string_view, 3>{"pending", "active", "paused"}, false);
  if (!chosen) return chosen.error();
  Plan plan;
  for (const ChosenKey& key : chosen->keys) {
    auto view = ViewKey(context, key.id);
    if (!view) return view.error();
    const auto replaced = HasLiveSuccessor(context, *view);
    if (!replaced) return replaced.error();
    auto& list = *replaced ? plan.replaced : view->asked_scopes.empty() ? plan.unknown : plan.ready;
    list.push_back(std::move(*view));
  }
  return plan;
}

boost::json::array JsonOf(const std::vector<KeyView>& keys) {
  boost::json::array list;
  for (const KeyView& key : keys) {
    boost::json::object object = {{"record", key.record}, {"asked_scopes", key.asked_scopes}};
    if (!key.replaced_by.empty()) object["replaced_by"] = key.replaced_by;
    list.push_back(std::move(object));
  }
  return list;
}

std::string Heading(const Context& context, const KeyView& key) {
  const std::string used = ShownText(key.record, "last_used_at");
  return fmt::format("{} of {}, {}\n", Styled(key.title(), Style::kBold, context.terminal().color),
                     ShownText(key.record, "owner"),
                     used.empty() ? "never used" : "last used " + Distance(used, context.now()));
}

void PrintPlan(Context& context, const Plan& plan) {
  Output& output = context.output();
  for (const KeyView& key : plan.ready) {
    output.Print(Heading(context, key));
    for (const boost::json::object* asked : ObjectsOf(key.asked_scopes)) {
      output.Print(fmt::format("  {}, asked {}\n", ShownText(*asked, "scope"),
                               Distance(ShownText(*asked, "last_asked_at"), context.now())));
    }
  }
  for (const KeyView& key : plan.unknown) {
    output.Print(Heading(context, key) + "  no scope was asked of it yet; it must be watched longer\n");
  }
  for (const KeyView& key : plan.replaced) {
    output.Print(Heading(context, key) + fmt::format("  has the successor {} already\n", key.replaced_by));
  }
}

}  // namespace

Outcome<int> RunRotatePlan(Context& context) {
  if (!context.invocation().Has("unscoped")) {
    return UsageFailure("it is not said which keys to plan for",
                        "claviger rotate plan --unscoped: successors with scopes for keys without");
  }
  const auto plan = MakePlan(context);
  if (!plan) return plan.error();
  if (context.json()) {
    context.PrintJson({{"ready", JsonOf(plan->ready)},
                       {"unknown", JsonOf(plan->unknown)},
                       {"replaced", JsonOf(plan->replaced)}});
    return protocol::kExitOk;
  }
  PrintPlan(context, *plan);
  context.output().Note(fmt::format(
      "{} can get a successor with these scopes, {} must be watched longer, {} ha{} one{}",
      CountOfKeys(plan->ready.size()), plan->unknown.size(), plan->replaced.size(),
      plan->replaced.size() == 1 ? "s" : "ve",
      plan->ready.empty() ? "" : "\nto issue them: claviger rotate apply --all --output-dir DIR"));
  return protocol::kExitOk;
}

}  // namespace claviger::cli
