#include <algorithm>

#include "cli/bulk.h"
#include "cli/key_filter.h"
#include "cli/time_view.h"
#include "cli/verbs.h"

namespace claviger::cli {

Outcome<int> RunKeyPurge(Context& context) {
  const Invocation& invocation = context.invocation();
  const auto before = ReadWhen("older-than", *invocation.Text("older-than"), DateMeans::kBegin, context.now(),
                               TimeCounts::kBack);
  if (!before) return before.error();
  const bool dry_run = invocation.Has("dry-run");
  if (!dry_run) {
    const auto can = CheckCanConfirm(context, "purge these keys for good");
    if (!can) return can.error();
  }
  auto filter = ReadKeyFilter(context);
  if (!filter) return filter.error();
  auto chosen = ChooseFiltered(context, std::move(*filter), kPurgeAct.states, dry_run && context.json());
  if (!chosen) return chosen.error();
  // When it ended is not a question of the interface: a revoked key ended when it was revoked.
  const std::string limit = FormatTime(*before);
  std::erase_if(chosen->keys,
                [&](const ChosenKey& key) { return key.ended_at().empty() || key.ended_at() >= limit; });
  return ShowAskAct(context, kPurgeAct, std::move(*chosen));
}

}  // namespace claviger::cli
