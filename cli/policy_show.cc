#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/context.h"
#include "cli/fields.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

std::string DurationOf(const boost::json::object& policy, std::string_view name) {
  const std::int64_t seconds = IntOf(policy, name);
  return seconds > 0 ? FormatDuration(seconds) : "none";
}

std::string JoinedList(const boost::json::object& object, std::string_view name) {
  return fmt::format("{}", fmt::join(ShownList(object, name), ", "));
}

// "scopes read:*, for self, at most 90d"
std::string CeilingLine(const boost::json::object& ceiling) {
  std::string line = "scopes " + JoinedList(ceiling, "scopes");
  line += "; for owners " + JoinedList(ceiling, "owners");
  line += "; at most " + DurationOf(ceiling, "maximum_lifetime");
  return line + (BoolOf(ceiling, "unscoped") ? "; also keys without scopes" : "");
}

void AddCeilings(Fields& fields, const boost::json::object& policy) {
  if (policy.if_contains("ceilings") == nullptr) return;
  std::vector<std::string> lines;
  for (const boost::json::object* ceiling : ObjectsOf(ArrayOf(policy, "ceilings"))) {
    lines.push_back(CeilingLine(*ceiling));
  }
  if (lines.empty()) lines.emplace_back("nothing");
  fields.AddList("you may grant", lines);
}

}  // namespace

Outcome<int> RunPolicyShow(Context& context) {
  const auto reply = context.daemon().Admin("GetPolicy", {});
  if (!reply) return reply.error();
  const boost::json::object& policy = reply->parameters;
  if (context.json()) {
    context.PrintJson(policy);
    return protocol::kExitOk;
  }
  Fields fields;
  fields.Add("lifetime",
             fmt::format("{} unless asked otherwise, at most {}", DurationOf(policy, "default_lifetime"),
                         DurationOf(policy, "maximum_lifetime")));
  fields.Add("grace", fmt::format("{} unless asked otherwise, at most {}",
                                  DurationOf(policy, "default_grace"), DurationOf(policy, "maximum_grace")));
  fields.Add("more than that", ShownText(policy, "excess") == "clamp" ? "is cut to the most" : "is refused");
  fields.Add("without scopes",
             ShownText(policy, "unscoped") == "forbid" ? "forbidden" : "allowed, with a reason");
  fields.Add("scope patterns", BoolOf(policy, "wildcards") ? "allowed" : "forbidden");
  fields.Add("names", ShownText(policy, "name_pattern"));
  fields.Add("required", JoinedList(policy, "required"));
  const std::int64_t rules = IntOf(policy, "rules");
  if (rules != 0) {
    fields.Add("stricter rules", fmt::format("{} for some scopes or owners; see claviger.toml", rules));
  }
  AddCeilings(fields, policy);
  context.output().Print(fields.Render(context.terminal()));
  return protocol::kExitOk;
}

}  // namespace claviger::cli
