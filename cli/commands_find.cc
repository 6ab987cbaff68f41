// The commands that find and examine keys, scopes and acts.
#include <array>

#include "cli/command_groups.h"
#include "cli/options.h"
#include "cli/verbs.h"

namespace claviger::cli {
namespace {

constexpr std::array kKeyListOptions = JoinOptions(
    kKeyFilterOptions,
    std::array{
        Option{"sort", "FIELD",
               "by created (default), name, owner, creator, expires or last_used; -FIELD: backwards",
               ValueKind::kKeySort},
        Option{"limit", "N", "at most so many (default: all)", ValueKind::kText},
        Option{"after", "CURSOR", "go on where a list with --limit ended, with the same filters and sort",
               ValueKind::kText},
        Option{"count", "", "print only how many there are"},
        Option{"ids", "", "print the key ids alone, one a line"},
        Option{"csv", "", "print every field as CSV (RFC 4180)"},
        kJson,
    });
constexpr std::array<std::string_view, 4> kKeyListExamples = {
    "claviger key list --state active --sort last_used",
    "claviger key list --expires-within 30d --team payments",
    "claviger key list --unused-for 90d --csv > unused.csv",
    "claviger key list --unscoped --count",
};

constexpr std::array<std::string_view, 2> kKeyShowExamples = {
    "claviger key show 02fyDJNXTbhzYAj8Q",
    "claviger key show 02fyDJNXTbhzYAj8Q --json | jq .callers",
};

constexpr std::array kScopeListOptions = {
    Option{"action", "ACTION", "only read, write or delete", ValueKind::kAction},
    Option{"domain", "TEXT", "only this domain", ValueKind::kText},
    Option{"search", "TEXT", "only scopes that say this somewhere, in any case", ValueKind::kText},
    Option{"bundle", "NAME", "only scopes of this bundle", ValueKind::kBundle},
    Option{"sort", "FIELD", "by name (default), action, domain or summary; -FIELD: backwards",
           ValueKind::kScopeSort},
    Option{"page-size", "N", "so many on a page (default with --page: 14)", ValueKind::kText},
    Option{"page", "N", "only this page, from 1", ValueKind::kText},
    Option{"names", "", "print the names alone, one a line"},
    kJson,
};
constexpr std::array<std::string_view, 2> kScopeListExamples = {
    "claviger scope list --action read --search policies",
    "claviger scope list --sort action --page-size 14 --page 2",
};
constexpr std::array<std::string_view, 1> kScopeShowExamples = {"claviger scope show read:policies:admin"};

constexpr std::array kScopeReloadOptions = {
    kDryRun,
    Option{"accept-losses", "", "do it although keys lose scopes"},
    kJson,
};
constexpr std::array<std::string_view, 2> kScopeReloadExamples = {
    "claviger scope reload --dry-run",
    "claviger scope reload",
};

constexpr std::array kBundleListOptions = {
    Option{"names", "", "print the names alone, one a line"},
    kJson,
};
constexpr std::array<std::string_view, 2> kBundleListExamples = {
    "claviger bundle list",
    "claviger bundle list --names",
};

constexpr std::array kReviewOptions = {
    Option{"expiring-within", "TIME", "keys that end within this time (default: 30d)", ValueKind::kText},
    Option{"unused-for", "TIME", "keys that were not used for this long (default: 90d)", ValueKind::kText},
    Option{"never-used-for", "TIME",
           "keys that were never used since they were made, this long ago (default: 30d)", ValueKind::kText},
    Option{"lifetime-over", "TIME", "keys that live longer than this (default: 180d)", ValueKind::kText},
    Option{"foreign-owners", "", "owners need not be users or groups of this host"},
    Option{"limit", "N", "so many keys for each finding (default: 3; in a file 10, in JSON 50)",
           ValueKind::kText},
    Option{"html", "FILE", "write a page for a browser; - is standard output", ValueKind::kFile},
    kJson,
};
constexpr std::array<std::string_view, 3> kReviewExamples = {
    "claviger review",
    "claviger review --unused-for 60d --html review.html",
    "claviger review --quiet",
};

constexpr std::array<std::string_view, 1> kPolicyShowExamples = {"claviger policy show"};
constexpr std::array kPolicyCheckOptions = {
    Option{"deadline", "TIME", "let each of these keys end after this time, if it does not before",
           ValueKind::kText},
    kJson,
};
constexpr std::array<std::string_view, 2> kPolicyCheckExamples = {
    "claviger policy check",
    "claviger policy check --deadline 30d",
};

constexpr std::array kAuditVerifyOptions = {
    Option{"checkpoint", "LINE", "compare with this checkpoint as well, or with the last one in this file"},
    Option{"json", "", "print JSON"},
};
constexpr std::array<std::string_view, 2> kAuditVerifyExamples = {
    "claviger audit verify", "claviger audit verify --checkpoint /root/checkpoints-of-host-a"};

constexpr std::array kAuditCheckpointOptions = {Option{"json", "", "print JSON"}};
constexpr std::array<std::string_view, 1> kAuditCheckpointExamples = {"claviger audit checkpoint"};

constexpr std::array kAuditListOptions = {
    Option{"key", "KEY_ID", "only acts on this key", ValueKind::kKeyId},
    Option{"limit", "N", "at most so many (default: 100)", ValueKind::kText},
    Option{"before", "SEQUENCE", "only acts before this one", ValueKind::kText},
    kJson,
};
constexpr std::array<std::string_view, 1> kAuditListExamples = {
    "claviger audit list --key 02fyDJNXTbhzYAj8Q"};

constexpr std::array kFindCommands = {
    Command{"key",
            "list",
            "list keys, ended ones included",
            "All filters that are given must hold. A table that is wider than the terminal loses its least "
            "important columns.",
            {},
            kKeyListOptions,
            kKeyListExamples,
            RunKeyList},
    Command{"key", "show", "show one key with its use and history, never its secret", "", kKeyId, kJsonOnly,
            kKeyShowExamples, RunKeyShow},
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
            "show one scope, and which keys hold it",
            "",
            {"SCOPE", ValueKind::kScope},
            kJsonOnly,
            kScopeShowExamples,
            RunScopeShow},
    Command{"scope",
            "reload",
            "read the catalogue's files anew",
            "Shows first what changes. A catalogue that takes scopes from keys is put in force only if that "
            "is confirmed, or with --accept-losses; else the exit status is 1.",
            {},
            kScopeReloadOptions,
            kScopeReloadExamples,
            RunScopeReload},
    Command{"bundle",
            "list",
            "list the named sets of scopes",
            "",
            {},
            kBundleListOptions,
            kBundleListExamples,
            RunBundleList},
    Command{"review",
            "",
            "show what needs attention, each with the command that mends it",
            "Exits with 1 if anything needs attention, for timers; with --quiet only that is printed. "
            "Long-lived keys, keys that can delete and keys with the same scopes are shown, but are no "
            "reason for it.",
            {},
            kReviewOptions,
            kReviewExamples,
            RunReview},
    Command{"policy",
            "show",
            "show the rules for new keys, and what you may grant",
            "",
            {},
            kJsonOnly,
            kPolicyShowExamples,
            RunPolicyShow},
    Command{
        "policy",
        "check",
        "list the keys that the policy no longer allows",
        "With --deadline their expiry is moved to then, which has to be confirmed. Exits with 1 if any such "
        "key remains.",
        {},
        kPolicyCheckOptions,
        kPolicyCheckExamples,
        RunPolicyCheck},
    Command{"audit",
            "list",
            "list who did what, newest first",
            "",
            {},
            kAuditListOptions,
            kAuditListExamples,
            RunAuditList},
    Command{"audit",
            "verify",
            "check that no act on record was changed",
            "Exits with 1 if the audit log is not whole, and names the first record that is wrong.",
            {},
            kAuditVerifyOptions,
            kAuditVerifyExamples,
            RunAuditVerify},
    Command{
        "audit",
        "checkpoint",
        "have the token vouch for the acts so far",
        "Checks what was put on record since the last checkpoint. Keep the line that it prints on another "
        "host: claviger audit verify --checkpoint shows by it whether the database is an old one.",
        {},
        kAuditCheckpointOptions,
        kAuditCheckpointExamples,
        RunAuditCheckpoint},
};

}  // namespace

std::span<const Command> FindCommands() { return kFindCommands; }

}  // namespace claviger::cli
