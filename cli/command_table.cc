#include <array>

#include "cli/command.h"
#include "cli/verbs.h"

namespace claviger::cli {
namespace {

constexpr Option kJson = {"json", "", "print the daemon's reply as JSON"};
constexpr Option kExpires = {"expires", "WHEN", "when it ends: 7d, 2026-12-24 (to its end, UTC) or RFC 3339",
                             ValueKind::kText};
constexpr Option kRequestId = {
    "request-id", "TEXT", "repeating the command with the same id changes nothing more", ValueKind::kText};
constexpr Option kPinFile = {"pin-file", "FILE", "read the user PIN from a file (mode 0400 or 0600)",
                             ValueKind::kFile};

constexpr std::array kGlobalOptions = {
    Option{"socket-directory", "DIR", "where the daemon's sockets are (default /run/claviger)",
           ValueKind::kFolder},
    Option{"quiet", "", "no messages but errors", ValueKind::kNone, false, false, 'q'},
    Option{"yes", "", "do not ask before something is ended for good", ValueKind::kNone, false, false, 'y'},
    Option{"no-input", "", "never ask for anything"},
    Option{"no-color", "", "no colours; also with NO_COLOR set or TERM=dumb"},
    Option{"help", "", "show this help", ValueKind::kNone, false, false, 'h'},
    Option{"version", "", "show the version", ValueKind::kNone, false, false, 'V'},
};

constexpr std::array kKeyCreateOptions = {
    Option{"name", "TEXT", "what the key is called (at most 128 bytes)", ValueKind::kText, true},
    Option{"scope", "SCOPE", "a scope of the catalogue; repeat it for each", ValueKind::kScope, false, true},
    Option{"all-scopes", "ACTION", "every scope with this action: read, write or delete", ValueKind::kAction},
    kExpires,
    Option{"not-before", "WHEN", "valid only from then on; a date means its begin", ValueKind::kText},
    Option{"owner", "TEXT", "who answers for the key (default: you)", ValueKind::kText},
    Option{"team", "TEXT", "the owner's team", ValueKind::kText},
    Option{"description", "TEXT", "what the key is for", ValueKind::kText},
    Option{"unscoped-reason", "TEXT", "issue it with full access, for this reason", ValueKind::kText},
    kRequestId,
    kJson,
};
constexpr std::array<std::string_view, 2> kKeyCreateExamples = {
    "claviger key create --name report --scope read:policies:admin --expires 30d",
    "(umask 077; claviger key create --name backup --all-scopes read > backup.key)",
};

constexpr std::array kKeyListOptions = {
    Option{"state", "STATE", "only these: pending, active, paused, expired or revoked", ValueKind::kKeyState},
    Option{"owner", "TEXT", "only keys of this owner", ValueKind::kText},
    Option{"limit", "N", "at most so many (default: all)", ValueKind::kText},
    Option{"after", "KEY_ID", "only keys that are younger than this one", ValueKind::kKeyId},
    Option{"ids", "", "print the key ids alone, one a line"},
    kJson,
};
constexpr std::array<std::string_view, 2> kKeyListExamples = {
    "claviger key list --state active",
    "claviger key list --json | jq -r '.keys[] | select(.uses == 0) | .key_id'",
};

constexpr std::array kShowOptions = {kJson};
constexpr std::array<std::string_view, 1> kKeyShowExamples = {"claviger key show 02fyDJNXTbhzYAj8Q"};

constexpr std::array kKeyVerifyOptions = {
    Option{"scope", "SCOPE", "ask also for this scope; repeat it for each", ValueKind::kScope, false, true},
    Option{"key-file", "FILE", "read the key from a file", ValueKind::kFile},
    Option{"remote-address", "ADDRESS", "the address of the client that sent the key", ValueKind::kText},
    kJson,
};
constexpr std::array<std::string_view, 2> kKeyVerifyExamples = {
    "claviger key verify --scope read:policies:admin < key",
    "claviger key verify --key-file key --json",
};

constexpr std::array kKeyRotateOptions = {
    Option{"grace", "TIME", "how long the present secret stays valid; 0: not at all", ValueKind::kText},
    kExpires,
    kRequestId,
    kJson,
};
constexpr std::array<std::string_view, 1> kKeyRotateExamples = {
    "claviger key rotate 02fyDJNXTbhzYAj8Q --grace 1d > key",
};

constexpr std::array kKeyRevokeOptions = {
    Option{"reason", "TEXT", "kept on record", ValueKind::kText},
    kJson,
};
constexpr std::array<std::string_view, 1> kKeyRevokeExamples = {
    "claviger key revoke 02fyDJNXTbhzYAj8Q --reason \"laptop lost\"",
};

constexpr std::array kScopeListOptions = {
    Option{"action", "ACTION", "only read, write or delete", ValueKind::kAction},
    Option{"domain", "TEXT", "only this domain", ValueKind::kText},
    Option{"search", "TEXT", "only scopes that say this somewhere, in any case", ValueKind::kText},
    Option{"names", "", "print the names alone, one a line"},
    kJson,
};
constexpr std::array<std::string_view, 1> kScopeListExamples = {
    "claviger scope list --action read --search policies"};
constexpr std::array<std::string_view, 1> kScopeShowExamples = {"claviger scope show read:policies:admin"};

constexpr std::array kAuditListOptions = {
    Option{"key", "KEY_ID", "only acts on this key", ValueKind::kKeyId},
    Option{"limit", "N", "at most so many (default: 100)", ValueKind::kText},
    Option{"before", "SEQUENCE", "only acts before this one", ValueKind::kText},
    kJson,
};
constexpr std::array<std::string_view, 1> kAuditListExamples = {
    "claviger audit list --key 02fyDJNXTbhzYAj8Q"};

constexpr std::array kTokenInitOptions = {
    Option{"label", "TEXT", "what a blank token shall be called", ValueKind::kText},
    kPinFile,
    Option{"so-pin-file", "FILE", "the same for the security officer's PIN of a blank token",
           ValueKind::kFile},
};
constexpr std::array<std::string_view, 1> kTokenInitExamples = {
    "claviger token init --label claviger --pin-file pin --so-pin-file so-pin",
};
constexpr std::array<std::string_view, 1> kTokenStatusExamples = {"claviger token status"};

constexpr std::array kUnlockOptions = {
    kPinFile,
    Option{"from-source", "", "let the daemon read its configured PIN source again"},
};
constexpr std::array<std::string_view, 2> kUnlockExamples = {"claviger unlock",
                                                             "claviger unlock --from-source"};
constexpr std::array<std::string_view, 1> kLockExamples = {"claviger lock --yes"};
constexpr std::array<std::string_view, 1> kStatusExamples = {"claviger status --json"};
constexpr std::array<std::string_view, 1> kDoctorExamples = {"claviger doctor"};
constexpr std::array<std::string_view, 3> kCompletionExamples = {
    "claviger completion bash > /etc/bash_completion.d/claviger",
    "claviger completion zsh > /usr/local/share/zsh/site-functions/_claviger",
    "claviger completion fish > ~/.config/fish/completions/claviger.fish",
};

constexpr Argument kKeyId = {"KEY_ID", ValueKind::kKeyId};

constexpr std::array kCommands = {
    Command{"key",
            "create",
            "issue a key; its secret is printed this once",
            "The key string is the only thing on standard output, so that it can go straight into a file. It "
            "cannot "
            "be shown a second time. Without --expires the key gets the policy's default lifetime.",
            {},
            kKeyCreateOptions,
            kKeyCreateExamples,
            RunKeyCreate},
    Command{"key",
            "list",
            "list keys, ended ones included",
            "Keys stand in order of age. A table that is wider than the terminal loses its least important "
            "columns.",
            {},
            kKeyListOptions,
            kKeyListExamples,
            RunKeyList},
    Command{"key", "show", "show one key, never its secret", "", kKeyId, kShowOptions, kKeyShowExamples,
            RunKeyShow},
    Command{"key",
            "verify",
            "check a key, as services do",
            "The key is read from --key-file, from standard input, or, on a terminal, from a hidden prompt; "
            "never "
            "from the command line. Exits with 0 if it is valid and has all the scopes, 3 if not, 75 if that "
            "cannot "
            "be told now.",
            {},
            kKeyVerifyOptions,
            kKeyVerifyExamples,
            RunKeyVerify},
    Command{"key", "rotate", "give a key its next secret; printed this once",
            "Id, name and scopes stay. The present secret stays valid for the grace (default: the policy's), "
            "but never "
            "past its own end.",
            kKeyId, kKeyRotateOptions, kKeyRotateExamples, RunKeyRotate},
    Command{"key", "revoke", "end a key for good",
            "It is refused from the moment the command returns, and stays in the list.", kKeyId,
            kKeyRevokeOptions, kKeyRevokeExamples, RunKeyRevoke},
    Command{"scope",
            "list",
            "list the scopes that keys can have",
            "",
            {},
            kScopeListOptions,
            kScopeListExamples,
            RunScopeList},
    Command{"scope",
            "show",
            "show one scope",
            "",
            {"SCOPE", ValueKind::kScope},
            kShowOptions,
            kScopeShowExamples,
            RunScopeShow},
    Command{"audit",
            "list",
            "list who did what, newest first",
            "",
            {},
            kAuditListOptions,
            kAuditListExamples,
            RunAuditList},
    Command{"token",
            "init",
            "bind this installation to its token",
            "Initialises a blank token, makes the keys in it that the daemon needs, and pins it. PINs are "
            "read from "
            "files or hidden prompts; without any, the daemon's configured PIN source is used.",
            {},
            kTokenInitOptions,
            kTokenInitExamples,
            RunTokenInit},
    Command{"token",
            "status",
            "show the token's state, also as exit status",
            "Each state has an exit status of its own; claviger(1) lists them.",
            {},
            kShowOptions,
            kTokenStatusExamples,
            RunTokenStatus},
    Command{"status",
            "",
            "show how the daemon is",
            "Exits with 75 if verifications are not answered now.",
            {},
            kShowOptions,
            kStatusExamples,
            RunStatus},
    Command{"doctor",
            "",
            "examine sockets, token, store and clock",
            "Exits with 1 if anything failed. Warnings do not count.",
            {},
            kShowOptions,
            kDoctorExamples,
            RunDoctor},
    Command{"unlock",
            "",
            "give the daemon the token's PIN",
            "The PIN is read from --pin-file, from standard input, or, on a terminal, from a hidden prompt.",
            {},
            kUnlockOptions,
            kUnlockExamples,
            RunUnlock},
    Command{"lock",
            "",
            "make the daemon forget the PIN",
            "Nothing is verified or issued until claviger unlock.",
            {},
            {},
            kLockExamples,
            RunLock},
    Command{"completion",
            "",
            "print the completions for a shell",
            "",
            {"SHELL", ValueKind::kShell},
            {},
            kCompletionExamples,
            RunCompletion},
};

constexpr std::array<std::string_view, 3> kActions = {"read", "write", "delete"};
constexpr std::array<std::string_view, 5> kKeyStates = {"pending", "active", "paused", "expired", "revoked"};
constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

}  // namespace

std::span<const Command> Commands() { return kCommands; }

std::span<const Option> GlobalOptions() { return kGlobalOptions; }

std::span<const std::string_view> ChoicesOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::kAction:
      return kActions;
    case ValueKind::kKeyState:
      return kKeyStates;
    case ValueKind::kShell:
      return kShells;
    default:
      return {};
  }
}

}  // namespace claviger::cli
