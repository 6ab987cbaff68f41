#include <boost/json/array.hpp>
#include <string>

#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {

Outcome<int> RunBundleList(Context& context) {
  const auto reply = context.daemon().Admin("ListBundles", {});
  if (!reply) return reply.error();
  if (context.json()) {
    context.PrintJson(reply->parameters);
    return protocol::kExitOk;
  }
  const bool names = context.invocation().Has("names");
  Table table({{"bundle", 0}, {"scopes", 1}, {"summary", 2, true}}, context.terminal());
  const auto bundles = ObjectsOf(ArrayOf(reply->parameters, "bundles"));
  for (const boost::json::object* bundle : bundles) {
    if (names) {
      context.output().Print(ShownText(*bundle, "name") + "\n");
    } else {
      table.AddRow({{ShownText(*bundle, "name")},
                    {std::to_string(ArrayOf(*bundle, "scopes").size())},
                    {ShownText(*bundle, "summary")}});
    }
  }
  if (!table.empty()) context.output().Print(table.Render());
  if (bundles.empty()) context.output().Note("the catalogue has no bundles");
  return protocol::kExitOk;
}

}  // namespace claviger::cli
