#include "daemon/setting_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/text.h"
#include "daemon/keys/authorization.h"
#include "daemon/keys/record.h"
#include "daemon/keys/scope.h"

namespace claviger {
namespace {

constexpr std::size_t kLongestPath = 4095;
constexpr std::size_t kLongestArgument = 4095;
// sockaddr_un holds 107 bytes and "/io.claviger.Verify" is the longest name in the folder.
constexpr std::size_t kLongestSocketDirectory = 107 - std::string_view("/io.claviger.Verify").size();

Status Refuse(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

// Control characters would be shown escaped everywhere and could not be told from what they look like.
bool HoldsControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Status CheckPath(std::string_view text) {
  if (!text.starts_with('/')) return Refuse("must be an absolute path; begin it with /");
  if (text.size() > kLongestPath) return Refuse("is longer than a path can be");
  if (HoldsControlCharacter(text)) return Refuse("holds a control character; remove it");
  return Ok();
}

Status CheckOptionalPath(std::string_view text) { return text.empty() ? Ok() : CheckPath(text); }

Status CheckSocketDirectory(std::string_view text) {
  if (auto checked = CheckPath(text); !checked) return checked;
  if (text.size() > kLongestSocketDirectory) {
    return Refuse(
        fmt::format("has {} bytes; socket paths are limited to 107 bytes, so choose a folder of at most {}",
                    text.size(), kLongestSocketDirectory));
  }
  return Ok();
}

Status CheckTokenUri(std::string_view text) {
  if (!text.starts_with("pkcs11:") || text == "pkcs11:") {
    return Refuse("must be a PKCS#11 URI (RFC 7512) that names a token, such as pkcs11:token=claviger");
  }
  if (text.find("pin-value=") != std::string_view::npos ||
      text.find("pin-source=") != std::string_view::npos) {
    return Refuse("must not hold a PIN or its source; remove that part and use [token] pin_file");
  }
  return Ok();
}

Status CheckArgument(std::string_view text) {
  if (text.size() > kLongestArgument) {
    return Refuse(fmt::format("has a word of {} bytes; write at most {}", text.size(), kLongestArgument));
  }
  if (HoldsControlCharacter(text)) return Refuse("holds a control character; remove it");
  return Ok();
}

Status CheckRuleOwner(std::string_view text) {
  if (text == keys::Ceiling::kAny) {
    return Refuse("holds \"*\", but a rule without owners is for all of them; remove owners");
  }
  if (text == keys::Ceiling::kSelf) {
    return Refuse("holds \"self\", which is a word of [[ceiling]] alone; write the names of the owners");
  }
  return CheckText("an owner", text);
}

Status CheckCeilingOwner(std::string_view text) { return CheckText("an owner", text); }

Status CheckUnitGrant(std::string_view text) {
  const auto grant = keys::ParseGrant(text);
  return grant ? Ok() : Status(grant.error());
}

Status CheckUnitBundle(std::string_view text) { return CheckText("a bundle", text); }

Status CheckUnitText(std::string_view text) { return CheckOptionalText("it", text); }

Status CheckUnitDescription(std::string_view text) {
  return CheckOptionalText("it", text, keys::kMaxDescriptionBytes);
}

}  // namespace claviger
