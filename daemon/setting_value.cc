#include "daemon/setting_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <type_traits>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/setting_members.h"

namespace claviger {
namespace {

Error Refusal(const Setting& setting, std::string_view what) {
  return Error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", FullName(setting), what));
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

constexpr std::string_view kEveryEvent = "*";

std::vector<keys::Event> EveryEvent() {
  std::vector<keys::Event> events;
  for (std::size_t i = 0; i < keys::kEvents; ++i) events.push_back(static_cast<keys::Event>(i));
  return events;
}

std::string UnknownEvent(std::string_view text) {
  if (text == kEveryEvent) return "\"*\" means every event; write it alone, or leave it out";
  std::vector<std::string_view> names;
  for (const keys::Event event : EveryEvent()) names.push_back(keys::EventName(event));
  const std::string shown = EscapeForDisplay(text);
  if (const std::string_view near = NearestOf(text, names); !near.empty()) {
    return fmt::format("there is no event \"{}\"; did you mean \"{}\"", shown, near);
  }
  return fmt::format("there is no event \"{}\"; the events are {}", shown, fmt::join(names, ", "));
}

// One overload per type of field.
class Assignment {
 public:
  Assignment(const Setting& setting, const toml::node& value, const Accounts& accounts)
      : setting_(setting), value_(value), accounts_(accounts) {}

  Status operator()(std::string* field) const {
    const auto text = Text(value_);
    if (!text) return Unfit(setting_);
    if (Status checked = Check(*text); !checked) return checked;
    *field = *text;
    return Ok();
  }
  Status operator()(std::size_t* field) const { return Number(field); }
  Status operator()(std::uint32_t* field) const { return Number(field); }
  Status operator()(std::int64_t* field) const { return Seconds(value_, field); }
  Status operator()(std::chrono::seconds* field) const {
    std::int64_t count = 0;
    if (auto read = Seconds(value_, &count); !read) return read;
    *field = std::chrono::seconds(count);
    return Ok();
  }
  Status operator()(std::chrono::milliseconds* field) const {
    const auto text = Text(value_);
    if (!text) return Unfit(setting_);
    std::optional<std::int64_t> count = ParseMilliseconds(*text);
    if (!count && *text == "0s") count = 0;
    if (!count) {
      const auto seconds = ParseDuration(*text);
      if (!seconds) return Unfit(setting_);
      count = *seconds * 1000;
    }
    if (!InBounds(*count)) return Unfit(setting_);
    *field = std::chrono::milliseconds(*count);
    return Ok();
  }
  Status operator()(bool* field) const {
    const auto value = value_.value_exact<bool>();
    if (!value) return Unfit(setting_);
    *field = *value;
    return Ok();
  }
  template <class E>
  requires std::is_enum_v<E> Status operator()(E* field) const {
    const auto words = WordsFor(field);
    const auto text = Text(value_);
    const auto found = text ? std::find(words.begin(), words.end(), *text) : words.end();
    if (found == words.end()) return Unfit(setting_);
    *field = static_cast<E>(found - words.begin());
    return Ok();
  }
  template <class V>
  Status operator()(std::optional<V>* field) const {
    V value{};
    if (Status read = (*this)(&value); !read) return read;
    *field = value;
    return Ok();
  }
  Status operator()(Permission field) const {
    const auto text = Text(value_);
    if (text != "allow" && text != "forbid") return Unfit(setting_);
    *field.allowed = text == "allow";
    return Ok();
  }
  Status operator()(RequiredFields field) const {
    *field.description = *field.team = false;
    return EachText([&](const std::string& text) {
      if (text != "description" && text != "team") return Status(Unfit(setting_));
      *(text == "team" ? field.team : field.description) = true;
      return Ok();
    });
  }
  Status operator()(keys::NamePattern* field) const {
    const auto text = Text(value_);
    if (!text) return Unfit(setting_);
    *field = keys::NamePattern();
    if (text->empty()) return Ok();
    auto pattern = keys::NamePattern::Parse(*text);
    if (!pattern) return Refusal(setting_, pattern.error().message());
    *field = std::move(*pattern);
    return Ok();
  }
  Status operator()(std::vector<std::int64_t>* field) const {
    const toml::array* list = value_.as_array();
    if (list == nullptr || list->size() > keys::kMaxNoticeSteps) return Unfit(setting_);
    field->clear();
    for (const toml::node& item : *list) {
      std::int64_t step = 0;
      if (Status read = Seconds(item, &step); !read) return read;
      if (std::find(field->begin(), field->end(), step) != field->end()) {
        return Refusal(setting_, fmt::format("holds \"{}\" twice; remove one", FormatDuration(step)));
      }
      field->push_back(step);
    }
    std::sort(field->begin(), field->end(), std::greater<>());
    return Ok();
  }
  Status operator()(std::vector<std::string>* field) const {
    field->clear();
    return EachCounted([&](const std::string& text) {
      if (Status checked = Check(text); !checked) return checked;
      field->push_back(text);
      return Ok();
    });
  }
  Status operator()(std::vector<keys::ScopePattern>* field) const {
    field->clear();
    return EachCounted([&](const std::string& text) {
      auto pattern = keys::ScopePattern::Parse(text);
      if (!pattern) return Status(Refusal(setting_, pattern.error().message()));
      field->push_back(std::move(*pattern));
      return Ok();
    });
  }
  Status operator()(std::vector<keys::Event>* field) const {
    field->clear();
    const toml::array* list = value_.as_array();
    if (list != nullptr && list->size() == 1 && Text(*list->get(0)) == kEveryEvent) {
      *field = EveryEvent();
      return Ok();
    }
    return EachCounted([&](const std::string& text) {
      const auto event = keys::ParseEvent(text);
      if (!event) return Status(Refusal(setting_, UnknownEvent(text)));
      field->push_back(*event);
      return Ok();
    });
  }
  Status operator()(RoleMembers* field) const {
    RoleMembers members;
    Status read = EachText([&](const std::string& text) -> Status {
      if (text.empty()) return Unfit(setting_);
      const auto added = AddMember(text, accounts_, members);
      if (!added) return added.error();
      return *added ? Ok() : Status(Refusal(setting_, UnknownMember(text)));
    });
    if (read) *field = std::move(members);
    return read;
  }

 private:
  static std::optional<std::string> Text(const toml::node& value) { return value.value_exact<std::string>(); }
  bool InBounds(std::int64_t value) const {
    return value >= setting_.bounds.least && value <= setting_.bounds.most;
  }

  Status Check(const std::string& text) const {
    if (setting_.check == nullptr) return Ok();
    const Status checked = setting_.check(text);
    return checked ? Ok() : Status(Refusal(setting_, checked.error().message()));
  }

  // Calls `each` for the texts of a list until one is refused.
  template <class Each>
  Status EachText(Each each) const {
    const toml::array* list = value_.as_array();
    if (list == nullptr) return Unfit(setting_);
    for (const toml::node& item : *list) {
      const auto text = Text(item);
      if (!text) return Unfit(setting_);
      if (Status taken = each(*text); !taken) return taken;
    }
    return Ok();
  }
  // The same for a list whose bounds say how many there may be.
  template <class Each>
  Status EachCounted(Each each) const {
    const toml::array* list = value_.as_array();
    if (list == nullptr || !InBounds(static_cast<std::int64_t>(list->size()))) return Unfit(setting_);
    return EachText(each);
  }

  template <class T>
  Status Number(T* field) const {
    const auto number = value_.value_exact<std::int64_t>();
    if (!number || !InBounds(*number)) return Unfit(setting_);
    *field = static_cast<T>(*number);
    return Ok();
  }

  Status Seconds(const toml::node& value, std::int64_t* field) const {
    const auto text = Text(value);
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
