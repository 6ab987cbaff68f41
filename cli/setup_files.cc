// The steps of `setup` that write to /etc: configuration, PINs, catalogue, groups.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>

#include "base/file.h"
#include "base/text.h"
#include "cli/credential_store.h"
#include "cli/setup.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMaxCatalogueBytes = 1024 * 1024;
constexpr mode_t kConfigMode = 0644;

bool ConfigurationFits(const Setup& setup) {
  return setup.settings.module == setup.choice.module && setup.settings.uri == setup.choice.uri;
}

std::string TargetOf(const Setup& setup, const std::string& catalogue) {
  return fmt::format("{}/{}", setup.settings.scopes_directory, catalogue.substr(catalogue.rfind('/') + 1));
}

Outcome<void> CheckCatalogueName(const std::string& path) {
  if (path.ends_with(".toml")) return {};
  return UsageFailure(fmt::format("--catalogue: {} is no file of scopes", EscapeForDisplay(path)),
                      "its name must end in .toml; \"example\" and \"none\" are words of their own");
}

// The mode and owner of the file that it replaces.
Outcome<void> PutInPlace(const Host& host, const std::string& temporary) {
  const auto present = host.Look(kConfigPath);
  if (present && ::chown(temporary.c_str(), present->st_uid, present->st_gid) != 0) {
    return FailureOf(ErrnoError(ErrorCode::kUnavailable, "chown " + temporary, errno));
  }
  if (::rename(temporary.c_str(), host.Path(kConfigPath).c_str()) != 0) {
    return FailureOf(ErrnoError(ErrorCode::kUnavailable, "rename " + temporary, errno));
  }
  return {};
}

struct Membership {
  std::string user;
  std::string_view group;
};
std::vector<Membership> Wanted(const SetupChoice& choice) {
  std::vector<Membership> wanted;
  for (const std::string& user : choice.admins) wanted.push_back({user, kAdminGroup});
  for (const std::string& user : choice.verifiers) wanted.push_back({user, kVerifyGroup});
  return wanted;
}

Outcome<bool> IsMember(const Host& host, const Membership& membership) {
  const auto end = host.Run("id", {"-nG", "--", membership.user});
  if (!end) return SetupFailure(end.error(), "it belongs to coreutils");
  if (!end->succeeded()) {
    return Failure{protocol::kExitFailure,
                   fmt::format("this host has no user {}", EscapeForDisplay(membership.user)),
                   "correct the name, or make the user first"};
  }
  std::istringstream groups(end->text());
  for (std::string group; groups >> group;) {
    if (group == membership.group) return true;
  }
  return false;
}

Outcome<std::vector<Membership>> Missing(const Setup& setup) {
  std::vector<Membership> missing;
  for (const Membership& membership : Wanted(setup.choice)) {
    const auto member = IsMember(setup.host, membership);
    if (!member) return member.error();
    if (!*member) missing.push_back(membership);
  }
  return missing;
}

std::string MembershipText(const std::vector<Membership>& memberships) {
  std::string text;
  for (const Membership& membership : memberships) {
    text += fmt::format("{}{} to {}", text.empty() ? "" : ", ", membership.user, membership.group);
  }
  return text;
}

}  // namespace

Failure SetupFailure(const Error& error, std::string hint) {
  return Failure{protocol::kExitFailure, EscapeForDisplay(error.message()), std::move(hint)};
}

Outcome<void> CheckWithDaemon(const Host& host, std::string_view config) {
  const auto end = host.Run("clavigerd", {"--check", "--config", host.Path(config)});
  if (!end) return SetupFailure(end.error(), "install the package claviger whole");
  if (end->succeeded()) return {};
  return Failure{protocol::kExitFailure, "clavigerd refuses the configuration: " + end->Complaint(),
                 fmt::format("mend it: clavigerd --check --config {}", config)};
}

Outcome<StepFinding> CheckModule(Setup& setup) {
  const std::string& module = setup.choice.module;
  if (setup.host.Has(module)) return StepFinding{true, module};
  return Failure{
      protocol::kExitFailure, fmt::format("there is no PKCS#11 module {}", EscapeForDisplay(module)),
      setup.choice.is_softhsm() ? "install SoftHSM: apt install softhsm2"
                                : "install what the token's maker provides, and name it with --module"};
}

Outcome<StepFinding> CheckConfiguration(Setup& setup) {
  if (!ConfigurationFits(setup)) {
    if (IsBound(setup.host, setup.settings)) {
      return Failure{protocol::kExitFailure,
                     "this installation is bound to its token already, and setup does not change to another",
                     "leave the options for the token out, or see claviger-setup(7)"};
    }
    return StepFinding{false, fmt::format("sets [token] module and uri in {}", kConfigPath)};
  }
  if (setup.host.Has(kConfigPath)) {
    if (auto fine = CheckWithDaemon(setup.host, kConfigPath); !fine) return fine.error();
  }
  return StepFinding{true, fmt::format("{}: {}", kConfigPath, setup.settings.uri)};
}

Outcome<std::string> WriteConfiguration(Setup& setup) {
  const auto present = setup.host.Read(kConfigPath, kMaxConfigBytes);
  if (!present && present.error().code() != ErrorCode::kNotFound) return FailureOf(present.error());
  std::string text = present ? *present : std::string();
  const SetupChoice& choice = setup.choice;
  for (const auto& [name, value, now] : {std::tuple{"module", &choice.module, &setup.settings.module},
                                         std::tuple{"uri", &choice.uri, &setup.settings.uri}}) {
    if (*value == *now) continue;
    auto edited = WithSetting(text, "token", name, *value);
    if (!edited) return FailureOf(edited.error());
    text = std::move(*edited);
  }
  const std::string temporary = std::string(kConfigPath) + ".setup";
  const auto status = setup.host.Look(kConfigPath);
  const mode_t mode = status ? status->st_mode & 07777 : kConfigMode;
  if (auto written = ReplaceFile(setup.host.Path(temporary), text, mode); !written) {
    return FailureOf(written.error());
  }
  auto placed = CheckWithDaemon(setup.host, temporary);
  if (placed) placed = PutInPlace(setup.host, setup.host.Path(temporary));
  if (!placed) {
    ::unlink(setup.host.Path(temporary).c_str());
    return placed.error();
  }
  setup.settings.module = choice.module;
  setup.settings.uri = choice.uri;
  setup.changed = true;
  return fmt::format("[token] module and uri set in {}", kConfigPath);
}

Outcome<StepFinding> CheckPin(Setup& setup) {
  const std::string path = CredentialPath(kPinCredential);
  if (setup.host.Has(path)) {
    return StepFinding{true,
                       fmt::format("encrypted in {}{}", path,
                                   setup.choice.pin.empty() ? "" : "; the one that was given is not used")};
  }
  if (!setup.settings.pin_file.empty()) return StepFinding{true, "from the file " + setup.settings.pin_file};
  const bool made = setup.choice.pin.empty() && !NeedsPin(setup.host, setup.settings, setup.choice);
  return StepFinding{false,
                     fmt::format("{} and encrypts it into {}", made ? "makes a PIN" : "takes the PIN", path)};
}

Outcome<std::string> StorePin(Setup& setup) {
  const bool given = !setup.choice.pin.empty();
  if (!given) setup.choice.pin = MakePin();
  const auto stored = StoreCredential(setup.host, kPinCredential, setup.choice.pin);
  if (!stored) {
    return SetupFailure(
        stored.error(),
        "without systemd-creds, put the PIN into a file of mode 0400 that belongs to claviger "
        "and name it as [token] pin_file");
  }
  setup.changed = true;
  return fmt::format("{}; encrypted into {} {}", given ? "taken" : "made", CredentialPath(kPinCredential),
                     *stored);
}

Outcome<StepFinding> CheckSoPin(Setup& setup) {
  const std::string path = CredentialPath(kSoPinCredential);
  if (setup.host.Has(path)) return StepFinding{true, "encrypted in " + path};
  if (!setup.choice.is_softhsm()) return StepFinding{true, "not kept here for this token"};
  if (MayHavePin(setup.host, setup.settings, setup.choice)) {
    return StepFinding{true, "not known here: this token was there before"};
  }
  return StepFinding{false, fmt::format("makes one and encrypts it into {}", path)};
}

Outcome<std::string> StoreSoPin(Setup& setup) {
  if (setup.choice.so_pin.empty()) setup.choice.so_pin = MakePin();
  const auto stored = StoreCredential(setup.host, kSoPinCredential, setup.choice.so_pin);
  if (!stored) return SetupFailure(stored.error(), "setup needs systemd-creds for it");
  return fmt::format("encrypted into {}; needed only to reset the PIN", CredentialPath(kSoPinCredential));
}

Outcome<StepFinding> CheckCatalogue(Setup& setup) {
  const std::string& folder = setup.settings.scopes_directory;
  for (const std::string& path : setup.choice.catalogues) {
    if (auto fine = CheckCatalogueName(path); !fine) return fine.error();
    if (!setup.host.Has(TargetOf(setup, path)))
      return StepFinding{false, fmt::format("copies it to {}", folder)};
  }
  std::size_t files = 0;
  if (const auto names = setup.host.Names(folder)) {
    for (const std::string& name : *names) {
      if (name.ends_with(".toml")) ++files;
    }
  }
  if (files == 0) return StepFinding{true, "none: no scopes exist, until there is a file in " + folder};
  return StepFinding{true, fmt::format("{} {} in {}", files, files == 1 ? "file" : "files", folder)};
}

Outcome<std::string> CopyCatalogue(Setup& setup) {
  std::string copied;
  for (const std::string& path : setup.choice.catalogues) {
    const std::string target = setup.host.Path(TargetOf(setup, path));
    if (setup.host.Has(TargetOf(setup, path))) continue;
    const auto text = path == kExampleCatalogue ? setup.host.Read(path, kMaxCatalogueBytes)
                                                : ReadFile(path, kMaxCatalogueBytes);
    if (!text) return FailureOf(text.error());
    if (auto written = ReplaceFile(target, *text, 0644); !written) return FailureOf(written.error());
    if (auto fine = CheckWithDaemon(setup.host, kConfigPath); !fine) {
      ::unlink(target.c_str());
      return Failure{protocol::kExitFailure, fine.error().message,
                     fmt::format("correct {} and name it again; it was not kept", EscapeForDisplay(path))};
    }
    copied += (copied.empty() ? "" : ", ") + TargetOf(setup, path);
    setup.changed = true;
  }
  return "copied to " + copied;
}

Outcome<StepFinding> CheckPeople(Setup& setup) {
  const auto missing = Missing(setup);
  if (!missing) return missing.error();
  if (!missing->empty()) return StepFinding{false, "adds " + MembershipText(*missing)};
  return StepFinding{true, Wanted(setup.choice).empty()
                               ? fmt::format("nobody to add to {} or {}", kAdminGroup, kVerifyGroup)
                               : "in their groups"};
}

Outcome<std::string> AddPeople(Setup& setup) {
  const auto missing = Missing(setup);
  if (!missing) return missing.error();
  for (const Membership& membership : *missing) {
    const auto end = setup.host.Run("usermod", {"-aG", std::string(membership.group), "--", membership.user});
    if (!end) return SetupFailure(end.error(), "install the package passwd");
    if (!end->succeeded()) {
      return Failure{
          protocol::kExitFailure, "usermod: " + end->Complaint(),
          fmt::format("the group {} comes with the package: systemd-sysusers makes it", membership.group)};
    }
  }
  return fmt::format("added {}; it counts from their next login on", MembershipText(*missing));
}

}  // namespace claviger::cli
