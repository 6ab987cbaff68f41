// The commands for services, and for the daemon and its token.
#include <array>

#include "cli/command_groups.h"
#include "cli/options.h"
#include "cli/verbs.h"

namespace claviger::cli {
namespace {

constexpr Option kPinFile = {"pin-file", "FILE", "read the user PIN from a file (mode 0400 or 0600)",
                             ValueKind::kFile};
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

constexpr std::array kSetupOptions = {
    Option{"token", "KIND", "softhsm: a token of its own, in software (the default)", ValueKind::kText},
    Option{"module", "PATH", "another token's PKCS#11 module", ValueKind::kFile},
    Option{"uri", "URI", "which token: a PKCS#11 URI", ValueKind::kText},
    kPinFile,
    Option{"so-pin-file", "FILE", "the security officer's PIN of a blank token", ValueKind::kFile},
    Option{"catalogue", "FILE", "scopes: a file, or example; repeat it for each", ValueKind::kFile, false,
           true},
    Option{"admin", "USER", "may manage keys; repeat it for each", ValueKind::kText, false, true},
    Option{"verifier", "USER", "may verify keys; repeat it for each", ValueKind::kText, false, true},
    kDryRun,
    kJson,
};
constexpr std::array<std::string_view, 2> kSetupExamples = {
    "claviger setup --catalogue example --admin alice --verifier www-data",
    "claviger setup --dry-run",
};

constexpr std::array kBackupOptions = {
    Option{"output", "FILE", "also copy it there", ValueKind::kFile},
    kJson,
};
constexpr std::array<std::string_view, 2> kBackupExamples = {
    "claviger backup", "claviger backup --output /mnt/usb/claviger.clvbak"};
constexpr std::array kBackupListOptions = {
    Option{"check", "", "read each whole, and let the token check its MAC"},
    kJson,
};
constexpr std::array<std::string_view, 1> kBackupListExamples = {"claviger backup list --check"};
constexpr std::array kRestoreOptions = {
    Option{"revive", "", "bring keys back that were revoked, rotated or purged since"},
    Option{"pause-all", "", "pause every key, where nothing tells what became of them since"},
    Option{"revive-all", "", "or leave every key as it was then"},
    Option{"made-at", "TIME", "with --yes: when the backup was made, as --dry-run shows it",
           ValueKind::kText},
    kDryRun,
    kJson,
};
constexpr std::array<std::string_view, 2> kRestoreExamples = {
    "claviger restore claviger-20261124T020000Z.clvbak --dry-run",
    "claviger restore /mnt/usb/claviger.clvbak --pause-all",
};

constexpr std::array kUnlockOptions = {
    kPinFile,
    Option{"from-source", "", "let the daemon read its configured PIN source again"},
};
constexpr std::array<std::string_view, 2> kUnlockExamples = {"claviger unlock",
                                                             "claviger unlock --from-source"};
constexpr std::array<std::string_view, 1> kLockExamples = {"claviger lock --yes"};
constexpr std::array<std::string_view, 1> kReloadExamples = {"claviger reload"};
constexpr std::array<std::string_view, 2> kLogLevelExamples = {"claviger log-level",
                                                               "claviger log-level debug"};
constexpr std::array kStatusOptions = {
    Option{"metrics", "", "print OpenMetrics text, for a collector"},
    kJson,
};
constexpr std::array<std::string_view, 2> kStatusExamples = {
    "claviger status --json",
    "claviger status --metrics > /var/lib/prometheus/node-exporter/claviger.prom",
};
constexpr std::array kTopOptions = {
    Option{"interval", "TIME", "how long figures are gathered for each page (default: 1s)", ValueKind::kText},
    Option{"once", "", "print one page as text; so it is where the output is no terminal"},
    Option{"count", "N", "end after so many pages", ValueKind::kText},
    Option{"json", "", "print a line of JSON instead of each page"},
};
constexpr std::array<std::string_view, 3> kTopExamples = {
    "claviger top",
    "claviger top --once --interval 10s",
    "claviger top --json --count 60 > figures.jsonl",
};
constexpr std::array<std::string_view, 1> kDoctorExamples = {"claviger doctor"};
constexpr std::array<std::string_view, 3> kCompletionExamples = {
    "claviger completion bash > /etc/bash_completion.d/claviger",
    "claviger completion zsh > /usr/local/share/zsh/site-functions/_claviger",
    "claviger completion fish > ~/.config/fish/completions/claviger.fish",
};

constexpr std::array kServiceCommands = {
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
    Command{
        "setup",
        "",
        "make a fresh installation serve",
        "Run as root. Without options, on a terminal, it asks. Run again, it does what is missing and leaves "
        "what is there.",
        {},
        kSetupOptions,
        kSetupExamples,
        RunSetup},
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
            kJsonOnly,
            kTokenStatusExamples,
            RunTokenStatus},
    Command{"backup",
            "",
            "make a backup of the database",
            "It is encrypted, and of use only together with the token: claviger-setup(7) tells how to back "
            "that up.",
            {},
            kBackupOptions,
            kBackupExamples,
            RunBackup},
    Command{"backup",
            "list",
            "list the backups",
            "Exits with 1 if one cannot be used.",
            {},
            kBackupListOptions,
            kBackupListExamples,
            RunBackupList},
    Command{
        "restore",
        "",
        "put a backup in the place of the database",
        "Shows what that changes, and asks for the backup's name. Keys that were revoked, rotated, paused, "
        "edited or purged since come back revoked or paused; keys that were issued since are lost.",
        {"BACKUP", ValueKind::kFile},
        kRestoreOptions,
        kRestoreExamples,
        RunRestore},
    Command{"status",
            "",
            "show how the daemon is",
            "Exits with 75 if verifications are not answered now, but not with --metrics.",
            {},
            kStatusOptions,
            kStatusExamples,
            RunStatus},
    Command{
        "top",
        "",
        "show what the daemon is busy with, again and again",
        "Verifications each second and how long they take, the busiest keys and callers, token, database "
        "and memory. Keys that are pressed: q ends it, v, d and n sort the busiest, i shows ids, ? helps.",
        {},
        kTopOptions,
        kTopExamples,
        RunTop},
    Command{"doctor",
            "",
            "examine the installation and say how to mend it",
            "Exits with 1 if anything failed. Warnings do not count.",
            {},
            kJsonOnly,
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
    Command{
        "reload",
        "",
        "read settings and catalogue anew",
        "Returns once they are in force. Files that are wrong, or a catalogue that would take scopes from "
        "keys, change nothing and are told of.",
        {},
        kJsonOnly,
        kReloadExamples,
        RunReload},
    Command{"log-level",
            "",
            "show or set how much the daemon logs",
            "A level that is set here lasts until the next reload or restart.",
            {"LEVEL", ValueKind::kLogLevel, true},
            kJsonOnly,
            kLogLevelExamples,
            RunLogLevel},
    Command{"completion",
            "",
            "print the completions for a shell",
            "",
            {"SHELL", ValueKind::kShell},
            {},
            kCompletionExamples,
            RunCompletion},
};

}  // namespace

std::span<const Command> ServiceCommands() { return kServiceCommands; }

}  // namespace claviger::cli
