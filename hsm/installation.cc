#include "hsm/installation.h"

#include <fmt/format.h>

#include <sstream>

#include "base/crypto.h"
#include "base/file.h"
#include "base/hex.h"
#include "hsm/toml_text.h"

namespace claviger::hsm {
namespace {

constexpr std::size_t kMaxInstallationBytes = 64 * 1024;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kCheckBytes = 8;

Error Corrupt(const std::string& path, std::string_view what) {
  return Error(ErrorCode::kCorrupt, fmt::format("{} {}; restore it from a backup", path, what));
}

Result<Installation> Read(const std::string& path, const toml::table& table) {
  Installation installation;
  installation.id = table["id"].value_or(std::string());
  if (!IsHex(installation.id, 2 * kIdBytes)) return Corrupt(path, "has no valid id");
  if (const toml::array* serials = table["serials"].as_array()) {
    for (const toml::node& serial : *serials) {
      installation.serials.push_back(serial.value_or(std::string()));
    }
  }
  if (installation.serials.empty()) return Corrupt(path, "names no serial of a token");
  for (const TokenPurpose purpose : kTokenPurposes) {
    std::string& value = installation.check_values[static_cast<std::size_t>(purpose)];
    value = table["check_values"][TokenPurposeName(purpose)].value_or(std::string());
    if (!IsHex(value, 2 * kCheckBytes)) {
      return Corrupt(path, fmt::format("has no valid check value of the key {}", TokenPurposeName(purpose)));
    }
  }
  return installation;
}

}  // namespace

std::string InstallationPath(const std::string& state_directory) {
  return state_directory + "/installation.toml";
}

Result<std::optional<Installation>> LoadInstallation(const std::string& state_directory) {
  const std::string path = InstallationPath(state_directory);
  const auto text = ReadFile(path, kMaxInstallationBytes);
  if (!text) {
    if (text.error().code() == ErrorCode::kNotFound) return std::optional<Installation>();
    return text.error();
  }
  std::string why;
  const auto table = ParseToml(*text, why);
  if (!table) return Corrupt(path, fmt::format("is no TOML ({})", why));
  auto installation = Read(path, *table);
  if (!installation) return installation.error();
  return std::optional<Installation>(std::move(*installation));
}

Status SaveInstallation(const std::string& state_directory, const Installation& installation) {
  toml::array serials;
  for (const std::string& serial : installation.serials) serials.push_back(serial);
  toml::table check_values;
  for (const TokenPurpose purpose : kTokenPurposes) {
    check_values.insert(TokenPurposeName(purpose),
                        installation.check_values[static_cast<std::size_t>(purpose)]);
  }
  const toml::table table{{"id", installation.id}, {"serials", serials}, {"check_values", check_values}};
  std::ostringstream text;
  text << "# The token to which this installation is bound. Holds no secret; without it the keys cannot be "
          "used, so\n"
          "# back it up with the database. Written by `claviger token init`.\n"
       << table << '\n';
  return ReplaceFile(InstallationPath(state_directory), text.str(), 0600);
}

std::string MakeInstallationId() {
  std::array<std::uint8_t, kIdBytes> bytes{};
  FillRandom(bytes);
  return ToHex(bytes);
}

std::string CheckMessage(std::string_view installation_id) {
  return fmt::format("claviger/kcv/1{}", installation_id);
}

std::string CheckValue(const Mac& mac) { return ToHex(std::span(mac).first(kCheckBytes)); }

}  // namespace claviger::hsm
