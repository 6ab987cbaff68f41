// Settings as text: for error messages and for comparing what is in force with what is documented.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <type_traits>

#include "base/clock.h"
#include "daemon/setting.h"
#include "daemon/setting_names.h"

namespace claviger {
namespace {

std::string SecondsText(std::int64_t seconds) { return seconds == 0 ? "0s" : FormatDuration(seconds); }
std::string MillisecondsText(std::int64_t milliseconds) {
  return milliseconds % 1000 == 0 ? SecondsText(milliseconds / 1000) : fmt::format("{}ms", milliseconds);
}
// JSON's escapes are TOML's too; texts that passed their checks need no others.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

template <class List, class ToText>
std::string QuotedList(const List& list, ToText to_text) {
  std::vector<std::string> texts;
  texts.reserve(list.size());
  for (const auto& item : list) texts.push_back(Quoted(to_text(item)));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

struct Formatter {
  std::string operator()(const std::string* v) const { return Quoted(*v); }
  std::string operator()(const std::size_t* v) const { return fmt::format("{}", *v); }
  std::string operator()(const std::uint32_t* v) const { return fmt::format("{}", *v); }
  std::string operator()(const std::int64_t* v) const { return Quoted(SecondsText(*v)); }
  std::string operator()(const std::chrono::seconds* v) const { return Quoted(SecondsText(v->count())); }
  std::string operator()(const std::chrono::milliseconds* v) const {
    return Quoted(MillisecondsText(v->count()));
  }
  std::string operator()(const bool* v) const { return *v ? "true" : "false"; }
  template <class E>
  requires std::is_enum_v<E> std::string operator()(const E* v) const {
    return Quoted(WordsFor(v)[static_cast<std::size_t>(*v)]);
  }
  template <class V>
  std::string operator()(const std::optional<V>* v) const {
    return *v ? (*this)(&**v) : "";
  }
  std::string operator()(Permission v) const { return *v.allowed ? "\"allow\"" : "\"forbid\""; }
  std::string operator()(RequiredFields v) const {
    std::vector<std::string_view> fields;
    if (*v.description) fields.emplace_back("description");
    if (*v.team) fields.emplace_back("team");
    return QuotedList(fields, [](std::string_view field) { return field; });
  }
  std::string operator()(const keys::NamePattern* v) const { return Quoted(v->text()); }
  std::string operator()(const std::vector<std::int64_t>* v) const { return QuotedList(*v, SecondsText); }
  std::string operator()(const std::vector<std::string>* v) const {
    return QuotedList(*v, [](const std::string& text) { return text; });
  }
  std::string operator()(const std::vector<keys::ScopePattern>* v) const {
    return QuotedList(*v, [](const keys::ScopePattern& pattern) { return pattern.text(); });
  }
  std::string operator()(const std::vector<keys::Event>* v) const { return QuotedList(*v, keys::EventName); }
  std::string operator()(const RoleMembers* v) const {
    std::vector<std::string> members;
    if (v->everyone) members.emplace_back("\"*\"");
    for (const uid_t uid : v->users) members.push_back(fmt::format("\"uid:{}\"", uid));
    for (const gid_t gid : v->groups) members.push_back(fmt::format("\"gid:{}\"", gid));
    return fmt::format("[{}]", fmt::join(members, ", "));
  }
};

struct Describer {
  const SettingBounds& bounds;

  std::string Number() const {
    return fmt::format("a whole number from {} to {}", bounds.least, bounds.most);
  }
  std::string Duration() const {
    return fmt::format("a duration from \"{}\" to \"{}\"", SecondsText(bounds.least),
                       SecondsText(bounds.most));
  }
  std::string List(std::string_view items) const {
    return fmt::format("a list of {} to {} {}", bounds.least, bounds.most, items);
  }
  std::string operator()(const std::string*) const { return "a text in quotes"; }
  std::string operator()(const std::size_t*) const { return Number(); }
  std::string operator()(const std::uint32_t*) const { return Number(); }
  std::string operator()(const std::int64_t*) const { return Duration(); }
  std::string operator()(const std::optional<std::int64_t>*) const { return Duration(); }
  std::string operator()(const std::chrono::seconds*) const { return Duration(); }
  std::string operator()(const std::chrono::milliseconds*) const {
    return fmt::format("a duration from \"{}\" to \"{}\"", MillisecondsText(bounds.least),
                       MillisecondsText(bounds.most));
  }
  std::string operator()(const bool*) const { return "true or false"; }
  template <class E>
  requires std::is_enum_v<E> std::string operator()(const E* type) const {
    return fmt::format("one of {}", fmt::join(WordsFor(type), ", "));
  }
  template <class E>
  requires std::is_enum_v<E> std::string operator()(const std::optional<E>*) const {
    return (*this)(static_cast<const E*>(nullptr));
  }
  std::string operator()(Permission) const { return "one of forbid, allow"; }
  std::string operator()(RequiredFields) const { return "a list of \"description\" and \"team\""; }
  std::string operator()(const keys::NamePattern*) const { return "a regular expression in quotes"; }
  std::string operator()(const std::vector<std::int64_t>*) const {
    return fmt::format("a list of at most {} durations from \"{}\" to \"{}\"", keys::kMaxNoticeSteps,
                       SecondsText(bounds.least), SecondsText(bounds.most));
  }
  std::string operator()(const std::vector<std::string>*) const { return List("texts in quotes"); }
  std::string operator()(const std::vector<keys::ScopePattern>*) const {
    return List("scopes or patterns such as \"read:*\"");
  }
  std::string operator()(const std::vector<keys::Event>*) const {
    return List("events such as \"key.expiring\", or [\"*\"]");
  }
  std::string operator()(const RoleMembers*) const {
    return "a list of \"user\", \"@group\", \"uid:1000\", \"gid:1000\" or \"*\"";
  }
};

}  // namespace

std::string FullName(const Setting& setting) {
  return fmt::format("{} {}", TableHeader(setting.table), setting.name);
}

std::string FormatSetting(const Setting& setting, const Config& config) {
  Config copy = config;  // field functions give writable members
  return std::visit(Formatter{}, setting.field(copy));
}

std::string DescribeSetting(const Setting& setting) {
  Config any;
  for (const SettingList& list : SettingLists()) list.append(any);
  return std::visit(Describer{setting.bounds}, setting.field(any));
}

}  // namespace claviger
