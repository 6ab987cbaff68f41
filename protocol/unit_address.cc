#include "protocol/unit_address.h"

#include <algorithm>

namespace claviger::protocol {
namespace {

constexpr std::size_t kMaxDigits = 16;  // systemd leaves out leading zeros
constexpr std::string_view kKind = "/unit/";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool IsLowerHexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

Error Refused(std::string why) {
  return Error(ErrorCode::kInvalidArgument,
               "the address of the peer is not one that systemd connects from: " + std::move(why));
}

bool IsUnitName(std::string_view name) {
  if (name.empty() || name.size() > kMaxUnitNameBytes || name.front() == '.') return false;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size()) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return IsAlphanumeric(c) || std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  });
}

bool IsCredentialId(std::string_view id) {
  if (id.empty() || id.size() > kMaxCredentialIdBytes || id == "." || id == "..") return false;
  return std::all_of(id.begin(), id.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '/' && c != ':'; });
}

}  // namespace

Result<UnitAddress> ParseUnitAddress(std::string_view address) {
  if (address.empty() || address.front() != '\0') return Refused("it is not an abstract one");
  address.remove_prefix(1);
  const auto* end = std::find_if_not(address.begin(), address.end(), IsLowerHexadecimal);
  const auto digits = static_cast<std::size_t>(end - address.begin());
  if (digits == 0 || digits > kMaxDigits) return Refused("it does not begin with 1 to 16 hexadecimal digits");
  address.remove_prefix(digits);
  if (!address.starts_with(kKind)) return Refused("it does not name a unit");
  address.remove_prefix(kKind.size());
  const std::size_t slash = address.find('/');
  if (slash == std::string_view::npos) return Refused("it does not name a credential");
  const std::string_view unit = address.substr(0, slash), credential = address.substr(slash + 1);
  if (!IsUnitName(unit)) return Refused("what it names is no unit");
  if (!IsCredentialId(credential)) return Refused("what it names is no credential");
  return UnitAddress{std::string(unit), std::string(credential)};
}

}  // namespace claviger::protocol
