#include "daemon/setting_members.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/text.h"

namespace claviger {
namespace {

// A number after "uid:" or "gid:". The highest value is no id: system calls use it for "none".
std::optional<std::uint32_t> ParseId(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return value;
}

}  // namespace

Result<bool> AddMember(std::string_view text, const Accounts& accounts, keys::RoleMembers& members) {
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

}  // namespace claviger
