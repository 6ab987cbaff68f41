#include "cli/key_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "cli/choice.h"
#include "cli/options.h"
#include "cli/time_view.h"

namespace claviger::cli {
namespace {

// Options whose value is passed on as it is.
struct TextOption {
  const char* option;
  const char* parameter;
};
constexpr std::array kTextOptions = {
    TextOption{"search", "search"}, TextOption{"owner", "owner"},       TextOption{"creator", "creator"},
    TextOption{"team", "team"},     TextOption{"scope", "gives_scope"}, TextOption{"action", "holds_action"},
};

// Options that name a point in time: "30d" is as long ago, or as far ahead.
struct WhenOption {
  const char* option;
  const char* parameter;
  TimeCounts counts;
};
constexpr std::array kWhenOptions = {
    WhenOption{"created-after", "created_after", TimeCounts::kBack},
    WhenOption{"created-before", "created_before", TimeCounts::kBack},
    WhenOption{"expires-after", "expires_after", TimeCounts::kAhead},
    WhenOption{"expires-before", "expires_before", TimeCounts::kAhead},
    WhenOption{"used-after", "used_after", TimeCounts::kBack},
    WhenOption{"used-before", "used_before", TimeCounts::kBack},
};

// Two options that exclude each other.
struct Exclusion {
  std::string_view one;
  std::string_view other;
};
constexpr std::array kExclusions = {
    Exclusion{"scoped", "unscoped"},
    Exclusion{"unscoped", "scope"},
    Exclusion{"unscoped", "action"},
    Exclusion{"never-used", "used-after"},
    Exclusion{"never-used", "used-before"},
    Exclusion{"expires-within", "expires-after"},
    Exclusion{"expires-within", "expires-before"},
};

Outcome<void> ReadStates(const Invocation& invocation, boost::json::object& filter) {
  boost::json::array states;
  for (const std::string& state : invocation.List("state")) {
    if (const auto known = CheckChoice("state", ValueKind::kKeyState, state); !known) return known.error();
    if (std::find(states.begin(), states.end(), boost::json::value(state)) == states.end()) {
      states.emplace_back(state);
    }
  }
  if (!states.empty()) filter["states"] = std::move(states);
  return {};
}

// A duration that counts from now, in the direction of `counts`, as the daemon takes times.
Outcome<std::string> ReadDistance(std::string_view option, const std::string& text, TimeCounts counts,
                                  UnixSeconds now) {
  if (!IsDuration(text)) {
    return UsageFailure(fmt::format("--{}: \"{}\" is no length of time", option, EscapeForDisplay(text)),
                        "write it as 12h, 30d or 1d12h");
  }
  const auto when = ReadWhen(option, text, DateMeans::kBegin, now, counts);
  if (!when) return when.error();
  return FormatTime(*when);
}

Outcome<void> ReadTimes(const Context& context, boost::json::object& filter) {
  const UnixSeconds now = context.now();
  for (const WhenOption& row : kWhenOptions) {
    const auto text = context.invocation().Text(row.option);
    if (!text) continue;
    const auto when = ReadWhen(row.option, *text, DateMeans::kBegin, now, row.counts);
    if (!when) return when.error();
    filter[row.parameter] = FormatTime(*when);
  }
  if (const auto text = context.invocation().Text("expires-within")) {
    const auto end = ReadDistance("expires-within", *text, TimeCounts::kAhead, now);
    if (!end) return end.error();
    filter["expires_after"] = FormatTime(now);
    filter["expires_before"] = *end;
    // What was revoked will not end any more.
    if (!filter.contains("states")) filter["states"] = boost::json::array{"pending", "active", "paused"};
  }
  if (const auto text = context.invocation().Text("unused-for")) {
    const auto since = ReadDistance("unused-for", *text, TimeCounts::kBack, now);
    if (!since) return since.error();
    filter["unused_since"] = *since;
  }
  return {};
}

// Times in this form are in the order of their texts.
Outcome<void> CheckRanges(const boost::json::object& filter) {
  for (const std::string_view what : {"created", "expires", "used"}) {
    const auto* from = filter.if_contains(fmt::format("{}_after", what));
    const auto* until = filter.if_contains(fmt::format("{}_before", what));
    if (from == nullptr || until == nullptr || from->as_string() < until->as_string()) continue;
    return UsageFailure(fmt::format("--{}-after {} is not before --{}-before {}: no key is between them",
                                    what, std::string_view(from->as_string()), what,
                                    std::string_view(until->as_string())));
  }
  return {};
}

}  // namespace

bool HasKeyFilter(const Invocation& invocation) {
  return std::any_of(kKeyFilterOptions.begin(), kKeyFilterOptions.end(),
                     [&](const Option& option) { return invocation.Has(option.name); });
}

Outcome<boost::json::object> ReadKeyFilter(const Context& context) {
  const Invocation& invocation = context.invocation();
  for (const Exclusion& pair : kExclusions) {
    if (!invocation.Has(pair.one) || !invocation.Has(pair.other)) continue;
    return UsageFailure(fmt::format("--{} and --{} exclude each other", pair.one, pair.other),
                        "give one of them");
  }
  boost::json::object filter;
  for (const TextOption& row : kTextOptions) {
    const auto text = invocation.Text(row.option);
    if (!text) continue;
    if (text->empty()) {
      return UsageFailure(fmt::format("--{} is empty", row.option), "leave it out to see all");
    }
    filter[row.parameter] = *text;
  }
  if (const auto action = invocation.Text("action")) {
    if (const auto known = CheckChoice("action", ValueKind::kAction, *action); !known) return known.error();
  }
  if (const auto states = ReadStates(invocation, filter); !states) return states.error();
  if (invocation.Has("scoped")) filter["kind"] = "scoped";
  if (invocation.Has("unscoped")) filter["kind"] = "unscoped";
  if (invocation.Has("never-used")) filter["used"] = false;
  if (const auto times = ReadTimes(context, filter); !times) return times.error();
  if (const auto ranges = CheckRanges(filter); !ranges) return ranges.error();
  return filter;
}

}  // namespace claviger::cli
