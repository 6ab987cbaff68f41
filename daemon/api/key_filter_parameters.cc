#include "daemon/api/key_filter_parameters.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "daemon/keys/record.h"
#include "daemon/keys/scope.h"

namespace claviger::api {
namespace {

using protocol::ParameterType;
using simdjson::dom::element;
using store::KeyFilter;
using store::TimeRange;

std::string_view TextOf(const element& value) { return value.get_string().value_unsafe(); }

// A day alone would mean its last second, which no one who writes a range means at both of its ends.
std::optional<UnixSeconds> TimeOf(const element& value) {
  constexpr std::size_t kDateLength = 10;
  const auto time = ParseTime(TextOf(value));
  if (!time || TextOf(value).size() <= kDateLength) return std::nullopt;
  return *time;
}

bool ReadStates(const element& value, KeyFilter& filter) {
  const simdjson::dom::array texts = value.get_array().value_unsafe();
  for (const element& text : texts) {
    const auto state = keys::ParseKeyState(TextOf(text));
    if (!state) return false;
    if (std::find(filter.states.begin(), filter.states.end(), *state) == filter.states.end()) {
      filter.states.push_back(*state);
    }
  }
  return !filter.states.empty();
}

// A part of a name may begin or end with a space.
bool ReadSearch(const element& value, KeyFilter& filter) {
  filter.search = std::string(TextOf(value));
  return !filter.search.empty() && filter.search.size() <= kMaxTextBytes &&
         CheckText("search", "." + filter.search + ".", kMaxTextBytes + 2).has_value();
}

template <std::string KeyFilter::*kField>
bool ReadName(const element& value, KeyFilter& filter) {
  filter.*kField = std::string(TextOf(value));
  return CheckText("name", TextOf(value)).has_value();
}

bool ReadKind(const element& value, KeyFilter& filter) {
  if (TextOf(value) == "scoped") filter.kind = store::KeyKind::kScoped;
  if (TextOf(value) == "unscoped") filter.kind = store::KeyKind::kUnscoped;
  return filter.kind.has_value();
}

template <TimeRange KeyFilter::*kRange, std::optional<UnixSeconds> TimeRange::*kEnd>
bool ReadTime(const element& value, KeyFilter& filter) {
  filter.*kRange.*kEnd = TimeOf(value);
  return (filter.*kRange.*kEnd).has_value();
}

bool ReadUnusedSince(const element& value, KeyFilter& filter) {
  filter.unused_since = TimeOf(value);
  return filter.unused_since.has_value();
}

bool ReadUsed(const element& value, KeyFilter& filter) {
  filter.used = value.get_bool().value_unsafe();
  return true;
}

bool ReadScope(const element& value, KeyFilter& filter) {
  filter.gives_scope = std::string(TextOf(value));
  return keys::ParseScope(filter.gives_scope).has_value();
}

bool ReadAction(const element& value, KeyFilter& filter) {
  filter.holds_action = std::string(TextOf(value));
  return keys::ParseScopeAction(filter.holds_action).has_value();
}

struct FilterField {
  std::string_view name;
  ParameterType type;
  bool (*read)(const element& value, KeyFilter& filter);  // false: it cannot be meant
};

constexpr std::array<FilterField, kKeyFilterParameters> kFields = {{
    {"states", ParameterType::kStringList, ReadStates},
    {"search", ParameterType::kString, ReadSearch},
    {"owner", ParameterType::kString, ReadName<&KeyFilter::owner>},
    {"creator", ParameterType::kString, ReadName<&KeyFilter::creator>},
    {"team", ParameterType::kString, ReadName<&KeyFilter::team>},
    {"kind", ParameterType::kString, ReadKind},
    {"created_after", ParameterType::kString, ReadTime<&KeyFilter::created, &TimeRange::from>},
    {"created_before", ParameterType::kString, ReadTime<&KeyFilter::created, &TimeRange::until>},
    {"expires_after", ParameterType::kString, ReadTime<&KeyFilter::expires, &TimeRange::from>},
    {"expires_before", ParameterType::kString, ReadTime<&KeyFilter::expires, &TimeRange::until>},
    {"used_after", ParameterType::kString, ReadTime<&KeyFilter::last_used, &TimeRange::from>},
    {"used_before", ParameterType::kString, ReadTime<&KeyFilter::last_used, &TimeRange::until>},
    {"unused_since", ParameterType::kString, ReadUnusedSince},
    {"used", ParameterType::kBool, ReadUsed},
    {"gives_scope", ParameterType::kString, ReadScope},
    {"holds_action", ParameterType::kString, ReadAction},
}};

struct FilterRange {
  TimeRange KeyFilter::*range;
  std::string_view from;  // the parameter that is named when it comes after the end
};
constexpr std::array kRanges = {FilterRange{&KeyFilter::created, "created_after"},
                                FilterRange{&KeyFilter::expires, "expires_after"},
                                FilterRange{&KeyFilter::last_used, "used_after"}};

}  // namespace

const std::array<protocol::Parameter, kKeyFilterParameters>& KeyFilterParameters() {
  static const auto kParameters = [] {
    std::array<protocol::Parameter, kKeyFilterParameters> list{};
    std::transform(kFields.begin(), kFields.end(), list.begin(), [](const FilterField& field) {
      return protocol::Parameter{field.name, field.type, false};
    });
    return list;
  }();
  return kParameters;
}

std::string_view ReadKeyFilter(std::span<const element, kKeyFilterParameters> values,
                               std::span<const bool, kKeyFilterParameters> present, UnixSeconds now,
                               KeyFilter& filter) {
  filter.now = now;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if (present[i] && !kFields[i].read(values[i], filter)) return kFields[i].name;
  }
  for (const FilterRange& each : kRanges) {
    const TimeRange& range = filter.*each.range;
    if (range.from && range.until && *range.from > *range.until) return each.from;
  }
  return {};
}

}  // namespace claviger::api
