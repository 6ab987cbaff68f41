#include <fmt/format.h>

#include "cli/chosen_keys.h"
#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/table.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunExpire(Context& context) {
  const auto reply = context.daemon().Admin("AnnounceExpiries");
  if (!reply) return reply.error();
  const auto announced = ObjectsOf(ArrayOf(reply->parameters, "announced"));
  if (context.json()) {
    context.PrintJson(reply->parameters);
  } else if (!announced.empty()) {
    Table table({{"key id", 0}, {"name", 0, true}, {"owner", 2}, {"team", 3}, {"ends", 0}, {"warning", 1}},
                context.terminal());
    for (const boost::json::object* key : announced) {
      table.AddRow({{ShownText(*key, "key_id")},
                    {ShownText(*key, "name")},
                    {ShownText(*key, "owner")},
                    {ShownText(*key, "team")},
                    {Distance(ShownText(*key, "expires_at"), context.now())},
                    {RoughDuration(IntOf(*key, "step"))}});
    }
    context.output().Print(table.Render());
  }
  context.output().Note(announced.empty() ? "no key has reached a warning since the last time"
                                          : fmt::format("warned of {}", CountOfKeys(announced.size())));
  return protocol::kExitOk;
}

}  // namespace claviger::cli
