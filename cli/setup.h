// What `setup` was asked for, and the steps that make a fresh installation serve.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "cli/context.h"
#include "cli/host.h"
#include "cli/installed.h"

namespace claviger::cli {

inline constexpr std::string_view kSoftHsmModule = "/usr/lib/softhsm/libsofthsm2.so";
inline constexpr std::string_view kSoftHsmUri = "pkcs11:token=claviger";
inline constexpr std::string_view kExampleCatalogue = "/usr/share/claviger/scopes/atlassian-admin.toml";
inline constexpr std::string_view kAdminGroup = "claviger-admin";
inline constexpr std::string_view kVerifyGroup = "claviger-verify";

struct SetupChoice {
  std::string module;  // as it shall stand in the configuration
  std::string uri;
  Secret pin;                           // given by a person; empty: none
  Secret so_pin;                        // the same
  std::vector<std::string> catalogues;  // paths
  std::vector<std::string> admins;      // users
  std::vector<std::string> verifiers;

  bool is_softhsm() const;
};

// What the steps work with.
struct Setup {
  const Host& host;
  InstalledSettings settings;  // in force
  SetupChoice choice;
  std::string socket_directory;
  bool changed = false;  // something that the service reads only when it starts
};

// Whether this installation is bound to a token.
bool IsBound(const Host& host, const InstalledSettings& settings);
// Whether the token may have been initialised already, so that its PIN is one that exists and cannot be made.
bool MayHavePin(const Host& host, const InstalledSettings& settings, const SetupChoice& choice);
// Whether a PIN has to be given by a person.
bool NeedsPin(const Host& host, const InstalledSettings& settings, const SetupChoice& choice);

// From the options, or, without any, on a terminal, from a person.
Outcome<SetupChoice> ChooseSetup(Context& context, const Host& host, const InstalledSettings& settings);

struct StepFinding {
  bool done = false;
  std::string text;  // what there is; if not done: what will be done
};
// The failure for a program that this host lacks or that does not do its work.
Failure SetupFailure(const Error& error, std::string hint);

// The steps, by what they touch.
Outcome<StepFinding> CheckModule(Setup& setup);
Outcome<StepFinding> CheckConfiguration(Setup& setup);
Outcome<std::string> WriteConfiguration(Setup& setup);
Outcome<StepFinding> CheckPin(Setup& setup);
Outcome<std::string> StorePin(Setup& setup);
Outcome<StepFinding> CheckSoPin(Setup& setup);
Outcome<std::string> StoreSoPin(Setup& setup);
Outcome<StepFinding> CheckCatalogue(Setup& setup);
Outcome<std::string> CopyCatalogue(Setup& setup);
Outcome<StepFinding> CheckPeople(Setup& setup);
Outcome<std::string> AddPeople(Setup& setup);
Outcome<StepFinding> CheckUnits(Setup& setup);
Outcome<std::string> EnableUnits(Setup& setup);
Outcome<StepFinding> CheckService(Setup& setup);
Outcome<std::string> StartService(Setup& setup);
Outcome<StepFinding> CheckBinding(Setup& setup);
Outcome<std::string> BindToken(Setup& setup);
Outcome<StepFinding> CheckServing(Setup& setup);
Outcome<std::string> AwaitServing(Setup& setup);

// `clavigerd --check` of the file at `config`.
Outcome<void> CheckWithDaemon(const Host& host, std::string_view config);

}  // namespace claviger::cli
