#include "daemon/setting_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/clock.h"
#include "base/text.h"

namespace claviger {
namespace {

Error Refusal(const Setting& setting, std::string_view what) {
  return Error(ErrorCode::kInvalidArgument, fmt::format("[{}] {}: {}", setting.table, setting.name, what));
}

Error Unfit(const Setting& setting) {
  return Refusal(setting, fmt::format("write {}", DescribeSetting(setting)));
}

// Thousandths of a second from "150ms", or nullopt if `text` does not end in "ms".
std::optional<std::int64_t> ParseMilliseconds(std::string_view text) {
  if (!text.ends_with("ms")) return std::nullopt;
  text.remove_suffix(2);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return value;
}

// A number after "uid:" or "gid:". The highest value is no id: system calls use it for "none".
std::optional<std::uint32_t> ParseId(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return value;
}

// Adds who `text` names. False if the host knows no such user or group, or the number is none.
Result<bool> AddMember(std::string_view text, const Accounts& accounts, RoleMembers& members) {
  if (text == "*") {
    members.everyone = true;
    return true;
  }
  if (text.starts_with("uid:") || text.starts_with("gid:")) {
    const auto id = ParseId(text.substr(4));
    if (!id) return false;
    text.starts_with("uid:") ? members.users.push_back(*id) : members.groups.push_back(*id);
    return true;
  }
  if (text.starts_with('@')) {
    const auto group = accounts.FindGroup(std::string(text.substr(1)));
    if (!group) return group.error();
    if (*group) members.groups.push_back(**group);
    return group->has_value();
  }
  const auto user = accounts.FindUser(std::string(text));
  if (!user) return user.error();
  if (*user) members.users.push_back(**user);
  return user->has_value();
}

std::string UnknownMember(std::string_view text) {
  const std::string shown = EscapeForDisplay(text);
  if (text.starts_with("uid:") || text.starts_with("gid:")) {
    return fmt::format("holds \"{}\", which is not a number from 0 to 4294967294 after {}", shown,
                       text.substr(0, 4));
  }
  if (text.starts_with('@')) {
    return fmt::format("names the group \"{}\", which this host does not know; create it or remove it here",
                       std::string_view(shown).substr(1));
  }
  return fmt::format(
      "names the user \"{}\", which this host does not know; create it, remove it here, or write @ before "
      "the name of a group",
      shown);
}

// One overload per type of field.
class Assignment {
 public:
  Assignment(const Setting& setting, const toml::node& value, const Accounts& accounts)
      : setting_(setting), value_(value), accounts_(accounts) {}

  Status operator()(std::string* field) const {
    const auto text = Text();
    if (!text) return Unfit(setting_);
    if (setting_.check != nullptr) {
      if (const auto checked = setting_.check(*text); !checked)
        return Refusal(setting_, checked.error().message());
    }
    *field = *text;
    return Ok();
  }
  Status operator()(std::size_t* field) const { return Number(field); }
  Status operator()(std::uint32_t* field) const { return Number(field); }
  Status operator()(std::int64_t* field) const { return Seconds(field); }
  Status operator()(std::chrono::seconds* field) const {
    std::int64_t count = 0;
    if (auto read = Seconds(&count); !read) return read;
    *field = std::chrono::seconds(count);
    return Ok();
  }
  Status operator()(std::chrono::milliseconds* field) const {
    const auto text = Text();
    if (!text) return Unfit(setting_);
    std::optional<std::int64_t> count = ParseMilliseconds(*text);
    if (!count) {
      const auto seconds = ParseDuration(*text);
      if (!seconds) return Unfit(setting_);
      count = *seconds * 1000;
    }
    if (!InBounds(*count)) return Unfit(setting_);
    *field = std::chrono::milliseconds(*count);
    return Ok();
  }
  Status operator()(LogLevel* field) const { return Word(field, LogLevelWords()); }
  Status operator()(keys::UnscopedRule* field) const { return Word(field, UnscopedRuleWords()); }
  Status operator()(RoleMembers* field) const {
    const toml::array* list = value_.as_array();
    if (list == nullptr) return Unfit(setting_);
    RoleMembers members;
    for (const toml::node& item : *list) {
      const auto text = item.value_exact<std::string>();
      if (!text || text->empty()) return Unfit(setting_);
      const auto added = AddMember(*text, accounts_, members);
      if (!added) return added.error();
      if (!*added) return Refusal(setting_, UnknownMember(*text));
    }
    *field = std::move(members);
    return Ok();
  }

 private:
  std::optional<std::string> Text() const { return value_.value_exact<std::string>(); }
  bool InBounds(std::int64_t value) const {
    return value >= setting_.bounds.least && value <= setting_.bounds.most;
  }

  template <class T>
  Status Number(T* field) const {
    const auto number = value_.value_exact<std::int64_t>();
    if (!number || !InBounds(*number)) return Unfit(setting_);
    *field = static_cast<T>(*number);
    return Ok();
  }

  Status Seconds(std::int64_t* field) const {
    const auto text = Text();
    if (!text) return Unfit(setting_);
    std::int64_t count = 0;
    if (*text != "0s") {
      const auto parsed = ParseDuration(*text);
      if (!parsed) return Refusal(setting_, parsed.error().message());
      count = *parsed;
    }
    if (!InBounds(count)) return Unfit(setting_);
    *field = count;
    return Ok();
  }

  template <class T>
  Status Word(T* field, std::span<const std::string_view> words) const {
    const auto text = Text();
    const auto found = text ? std::find(words.begin(), words.end(), *text) : words.end();
    if (found == words.end()) return Unfit(setting_);
    *field = static_cast<T>(found - words.begin());
    return Ok();
  }

  const Setting& setting_;
  const toml::node& value_;
  const Accounts& accounts_;
};

}  // namespace

Status AssignSetting(const Setting& setting, const toml::node& value, const Accounts& accounts,
                     Config& config) {
  return std::visit(Assignment(setting, value, accounts), setting.field(config));
}

Status AssignDefaultMembers(const Setting& setting, const Accounts& accounts, Config& config) {
  const SettingField field = setting.field(config);
  RoleMembers* const* members = std::get_if<RoleMembers*>(&field);
  if (members == nullptr) return Ok();
  for (const std::string_view name : setting.default_members) {
    const auto added = AddMember(name, accounts, **members);
    if (!added) return added.error();
  }
  return Ok();
}

}  // namespace claviger
