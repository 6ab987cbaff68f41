// What `setup` shall do: from its options, or from a person.
#include <fmt/format.h>

#include <sstream>

#include "base/text.h"
#include "cli/credential_store.h"
#include "cli/prompt.h"
#include "cli/secret_input.h"
#include "cli/setup.h"

namespace claviger::cli {
namespace {

Outcome<void> CheckChoiceOptions(const Invocation& options) {
  const auto token = options.Text("token");
  if (token && *token != "softhsm") {
    return UsageFailure(fmt::format("--token: there is no choice \"{}\"", EscapeForDisplay(*token)),
                        "it is softhsm; every other token is named by --module PATH and --uri URI");
  }
  if (token && (options.Has("module") || options.Has("uri"))) {
    return UsageFailure("--token softhsm excludes --module and --uri");
  }
  if (token && options.Has("pin-file")) {
    return UsageFailure("--token softhsm makes a PIN of its own",
                        "for a SoftHSM token that exists give --module, --uri and --pin-file");
  }
  if (options.Has("module") != options.Has("uri")) {
    return UsageFailure("--module and --uri belong together", "both name the token: see claviger-setup(7)");
  }
  if (const auto module = options.Text("module"); module && !module->starts_with('/')) {
    return UsageFailure("--module: must be an absolute path", "the service has another working folder");
  }
  return {};
}

void ChooseToken(const Invocation& options, const InstalledSettings& settings, SetupChoice& choice) {
  choice.module = settings.module;
  choice.uri = settings.uri;
  if (options.Has("token")) {
    if (!choice.is_softhsm()) choice.uri = kSoftHsmUri;
    choice.module = kSoftHsmModule;
  }
  if (const auto module = options.Text("module")) choice.module = *module;
  if (const auto uri = options.Text("uri")) choice.uri = *uri;
}

// The path of a catalogue as it was named; `none` and `example` are words.
std::vector<std::string> CataloguesOf(const std::vector<std::string>& words) {
  std::vector<std::string> paths;
  for (const std::string& word : words) {
    if (word == "none" || word.empty()) continue;
    paths.push_back(word == "example" ? std::string(kExampleCatalogue) : word);
  }
  return paths;
}

std::vector<std::string> WordsOf(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

Outcome<void> AskToken(SetupChoice& choice) {
  const std::string present = choice.is_softhsm() ? "softhsm" : choice.module;
  const auto module = PromptText(
      fmt::format("Token: softhsm, or the path of another token's PKCS#11 module [{}]: ", present));
  if (!module) return module.error();
  if (module->empty() || *module == present) return {};
  if (*module == "softhsm") {
    choice.module = kSoftHsmModule;
    choice.uri = kSoftHsmUri;
    return {};
  }
  if (!module->starts_with('/')) {
    return UsageFailure("a module is named by its absolute path; nothing was done");
  }
  choice.module = *module;
  const auto uri = PromptText(fmt::format("Its PKCS#11 URI [{}]: ", choice.uri));
  if (!uri) return uri.error();
  if (!uri->empty()) choice.uri = *uri;
  return {};
}

bool HasCatalogue(const Host& host, const InstalledSettings& settings) {
  const auto names = host.Names(settings.scopes_directory);
  return names && !names->empty();
}

Outcome<void> Ask(const Host& host, const InstalledSettings& settings, SetupChoice& choice) {
  if (!IsBound(host, settings)) {
    if (auto asked = AskToken(choice); !asked) return asked;
  }
  if (!HasCatalogue(host, settings)) {
    const auto catalogue = PromptText(
        "Scopes: a catalogue file, example (Atlassian's organization admin API), or none [none]: ");
    if (!catalogue) return catalogue.error();
    choice.catalogues = CataloguesOf({*catalogue});
  }
  const auto admins =
      PromptText(fmt::format("Users who may manage keys, besides root ({}) [none]: ", kAdminGroup));
  if (!admins) return admins.error();
  choice.admins = WordsOf(*admins);
  const auto verifiers =
      PromptText(fmt::format("Users whose services may verify keys ({}) [none]: ", kVerifyGroup));
  if (!verifiers) return verifiers.error();
  choice.verifiers = WordsOf(*verifiers);
  return {};
}

Outcome<Secret> AskPin() {
  auto pin = PromptSecret("The token's user PIN (not shown): ");
  if (!pin) return pin;
  if (pin->empty()) return UsageFailure("no PIN was typed; nothing was done");
  const auto again = PromptSecret("The PIN again: ");
  if (!again) return again.error();
  if (EqualInConstantTime(pin->ExposeBytes(), again->ExposeBytes())) return pin;
  return UsageFailure("the two PINs differ; nothing was done");
}

Outcome<void> ChoosePins(Context& context, const Host& host, const InstalledSettings& settings,
                         SetupChoice& choice) {
  const Invocation& options = context.invocation();
  for (const auto& [option, secret] :
       {std::pair{"pin-file", &choice.pin}, std::pair{"so-pin-file", &choice.so_pin}}) {
    const auto path = options.Text(option);
    if (!path) continue;
    auto read = ReadPinFile(*path);
    if (!read) return read.error();
    *secret = std::move(*read);
  }
  if (!choice.pin.empty() || options.Has("dry-run") || !NeedsPin(host, settings, choice)) return {};
  if (!context.terminal().input) {
    return UsageFailure("the PIN of this token has to be given, since the token has one already",
                        "--pin-file FILE reads it from a file of mode 0400; on a terminal it is asked for");
  }
  auto pin = AskPin();
  if (!pin) return pin.error();
  choice.pin = std::move(*pin);
  return {};
}

}  // namespace

bool SetupChoice::is_softhsm() const {
  return module.substr(module.rfind('/') + 1).find("softhsm") != std::string::npos;
}

bool IsBound(const Host& host, const InstalledSettings& settings) {
  return host.Has(settings.store_directory + "/installation.toml");
}

bool MayHavePin(const Host& host, const InstalledSettings& settings, const SetupChoice& choice) {
  if (IsBound(host, settings) || !choice.is_softhsm()) return true;
  const auto tokens = host.Names(settings.store_directory + "/tokens");
  return tokens && !tokens->empty();
}

bool NeedsPin(const Host& host, const InstalledSettings& settings, const SetupChoice& choice) {
  return settings.pin_file.empty() && !host.Has(CredentialPath(kPinCredential)) &&
         MayHavePin(host, settings, choice);
}

Outcome<SetupChoice> ChooseSetup(Context& context, const Host& host, const InstalledSettings& settings) {
  const Invocation& options = context.invocation();
  if (auto fine = CheckChoiceOptions(options); !fine) return fine.error();
  SetupChoice choice;
  ChooseToken(options, settings, choice);
  choice.catalogues = CataloguesOf(options.List("catalogue"));
  choice.admins = options.List("admin");
  choice.verifiers = options.List("verifier");
  if (context.terminal().input && !options.HasOwnOption() && !options.Has("yes")) {
    if (auto asked = Ask(host, settings, choice); !asked) return asked.error();
  }
  if (auto chosen = ChoosePins(context, host, settings, choice); !chosen) return chosen.error();
  return choice;
}

}  // namespace claviger::cli
