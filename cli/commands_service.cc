// The commands for services, and for the daemon and its token.
#include <array>

#include "cli/command_groups.h"
#include "cli/options.h"
#include "cli/verbs.h"

namespace claviger::cli {
namespace {

constexpr Option kPinFile = {"pin-file", "FILE", "read the user PIN from a file (mode 0400 or 0600)",
                             ValueKind::kFile};
constexpr std::array kShowOptions = {kJson};
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

constexpr std::array kCommands = {
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

}  // namespace

std::span<const Command> ServiceCommands() { return kCommands; }

}  // namespace claviger::cli
