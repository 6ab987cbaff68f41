#include "daemon/setting.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "daemon/keys/key_string.h"

namespace claviger {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kYear = 365 * 86400;
constexpr std::size_t kLongestPath = 4095;
// sockaddr_un holds 107 bytes and "/io.claviger.Verify" is the longest name in the folder.
constexpr std::size_t kLongestSocketDirectory = 107 - std::string_view("/io.claviger.Verify").size();

constexpr std::array<std::string_view, 4> kLogLevelWords = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kUnscopedRuleWords = {"forbid", "allow-with-reason"};
constexpr std::array<std::string_view, 2> kDefaultAdmins = {"root", "@claviger-admin"};
constexpr std::array<std::string_view, 2> kDefaultVerifiers = {"root", "@claviger-verify"};

Status Refuse(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

Status CheckPath(std::string_view text) {
  if (!text.starts_with('/')) return Refuse("must be an absolute path; begin it with /");
  if (text.size() > kLongestPath) return Refuse("is longer than a path can be");
  // Control characters would be shown escaped everywhere and could not be told from what they look like.
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control))
    return Refuse("holds a control character; remove it");
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

// The member of Config that a path of members leads to: config.*first.*second, as a fold.
template <auto... kPath>
SettingField At(Config& config) {
  return &(config.*....*kPath);
}

using C = Config;
using T = hsm::TokenSettings;
using P = keys::Policy;
using R = keys::Roles;
using enum SettingEffect;

const Setting kSettings[] = {
    {"server", "socket_directory", At<&C::socket_directory>, kOnRestart, {}, CheckSocketDirectory},
    {"server", "loops", At<&C::loops>, kOnRestart, {0, 64}},

    {"store", "directory", At<&C::state_directory>, kOnRestart, {}, CheckPath},
    {"store", "cached_keys", At<&C::cached_keys>, kOnRestart, {1, 10'000'000}},
    {"store", "proof_lifetime", At<&C::proof_lifetime>, kOnReload, {1, kHour}},

    {"token", "module", At<&C::token, &T::module_path>, kOnRestart, {}, CheckPath},
    {"token", "uri", At<&C::token, &T::uri>, kOnRestart, {}, CheckTokenUri},
    {"token", "pin_file", At<&C::token, &T::pin_file>, kOnRestart, {}, CheckOptionalPath},
    {"token", "worker", At<&C::token, &T::worker_path>, kOnRestart, {}, CheckPath},
    {"token", "call_deadline", At<&C::token, &T::deadline>, kOnRestart, {10, 10'000}},
    {"token", "loss_grace", At<&C::token_loss_grace>, kOnRestart, {0, kHour}},

    {"keys", "prefix", At<&C::key_prefix>, kOnReload, {}, keys::CheckPrefix},
    {"keys", "scopes_directory", At<&C::scopes_directory>, kOnReload, {}, CheckPath},

    {"policy", "default_lifetime", At<&C::policy, &P::default_lifetime>, kOnReload, {1, kYear}},
    {"policy", "maximum_lifetime", At<&C::policy, &P::maximum_lifetime>, kOnReload, {1, kYear}},
    {"policy", "default_grace", At<&C::policy, &P::default_grace>, kOnReload, {0, kYear}},
    {"policy", "maximum_grace", At<&C::policy, &P::maximum_grace>, kOnReload, {0, kYear}},
    {"policy", "unscoped", At<&C::policy, &P::unscoped>, kOnReload},

    {"roles", "admin", At<&C::roles, &R::admin>, kOnReload, {}, nullptr, kDefaultAdmins},
    {"roles", "auditor", At<&C::roles, &R::auditor>, kOnReload},
    {"roles", "issuer", At<&C::roles, &R::issuer>, kOnReload},
    {"roles", "verifier", At<&C::roles, &R::verifier>, kOnReload, {}, nullptr, kDefaultVerifiers},

    {"limits", "failures_per_minute", At<&C::failures_per_minute>, kOnReload, {1, 1'000'000}},
    {"limits", "failure_burst", At<&C::failure_burst>, kOnReload, {1, 1'000'000}},

    {"log", "level", At<&C::log_level>, kOnReload},
};

std::string SecondsText(std::int64_t seconds) { return seconds == 0 ? "0s" : FormatDuration(seconds); }
std::string MillisecondsText(std::int64_t milliseconds) {
  return milliseconds % 1000 == 0 ? SecondsText(milliseconds / 1000) : fmt::format("{}ms", milliseconds);
}
// JSON's escapes are TOML's too; paths and URIs that passed their checks need no others.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
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
  std::string operator()(const LogLevel* v) const {
    return Quoted(kLogLevelWords[static_cast<std::size_t>(*v)]);
  }
  std::string operator()(const keys::UnscopedRule* v) const {
    return Quoted(kUnscopedRuleWords[static_cast<std::size_t>(*v)]);
  }
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
  std::string operator()(const std::string*) const { return "a text in quotes"; }
  std::string operator()(const std::size_t*) const { return Number(); }
  std::string operator()(const std::uint32_t*) const { return Number(); }
  std::string operator()(const std::int64_t*) const { return Duration(); }
  std::string operator()(const std::chrono::seconds*) const { return Duration(); }
  std::string operator()(const std::chrono::milliseconds*) const {
    return fmt::format("a duration from \"{}\" to \"{}\"", MillisecondsText(bounds.least),
                       MillisecondsText(bounds.most));
  }
  std::string operator()(const LogLevel*) const {
    return fmt::format("one of {}", fmt::join(kLogLevelWords, ", "));
  }
  std::string operator()(const keys::UnscopedRule*) const {
    return fmt::format("one of {}", fmt::join(kUnscopedRuleWords, ", "));
  }
  std::string operator()(const RoleMembers*) const {
    return "a list of \"user\", \"@group\", \"uid:1000\", \"gid:1000\" or \"*\"";
  }
};

}  // namespace

std::span<const Setting> Settings() { return kSettings; }
std::span<const std::string_view> LogLevelWords() { return kLogLevelWords; }
std::span<const std::string_view> UnscopedRuleWords() { return kUnscopedRuleWords; }

std::string FormatSetting(const Setting& setting, const Config& config) {
  Config copy = config;  // field functions give writable members
  return std::visit(Formatter{}, setting.field(copy));
}

std::string DescribeSetting(const Setting& setting) {
  Config any;
  return std::visit(Describer{setting.bounds}, setting.field(any));
}

}  // namespace claviger
