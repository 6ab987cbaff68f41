// The commands that issue, change and end keys.
#include <array>

#include "cli/command_groups.h"
#include "cli/options.h"
#include "cli/verbs.h"

namespace claviger::cli {
namespace {

constexpr Option kBundle = {"bundle",           "NAME", "all scopes of a bundle; repeat it for each",
                            ValueKind::kBundle, false,  true};
constexpr Option kOutput = {"output", "FILE", "write the key into a new file (0600), not to standard output",
                            ValueKind::kFile};
constexpr Option kOwner = {"owner", "TEXT", "who answers for the key (default: you)", ValueKind::kText};

constexpr std::array kKeyCreateOptions = {
    Option{"name", "TEXT", "what the key is called (at most 128 bytes)", ValueKind::kText},
    Option{"scope", "SCOPE", "a scope of the catalogue; repeat it for each", ValueKind::kScope, false, true},
    kBundle,
    Option{"all-scopes", "ACTION", "every scope with this action: read, write or delete", ValueKind::kAction},
    kExpires,
    Option{"not-before", "WHEN", "valid only from then on; a date means its begin", ValueKind::kText},
    kOwner,
    Option{"team", "TEXT", "the owner's team", ValueKind::kText},
    Option{"description", "TEXT", "what the key is for", ValueKind::kText},
    Option{"unscoped-reason", "TEXT", "issue it with full access, for this reason", ValueKind::kText},
    Option{"replaces", "KEY_ID", "the key whose successor it is", ValueKind::kKeyId},
    kOutput,
    Option{"from", "FILE",
           "issue many: the keys that a file names, one JSON object a line; -: standard input",
           ValueKind::kFile},
    Option{"out", "FILE", "with --from: where the keys go (0600); the same command goes on with it",
           ValueKind::kFile},
    Option{"rejects", "FILE", "with --from: a new file for the lines that were refused", ValueKind::kFile},
    kDryRun,
    Option{"plain", "", "ask for everything line by line"},
    kRequestId,
    kJson,
};
constexpr std::array<std::string_view, 5> kKeyCreateExamples = {
    "claviger key create",
    "claviger key create --name report --scope read:policies:admin --expires 30d",
    "claviger key create --name report --bundle read-only --dry-run",
    "claviger key create --name backup --all-scopes read --output backup.key",
    "claviger key create --from keys.jsonl --out issued.jsonl",
};

constexpr std::array kKeyEditOptions = {
    Option{"name", "TEXT", "what it is called from now on", ValueKind::kText},
    Option{"description", "TEXT", "what it is for; \"\" removes it", ValueKind::kText},
    Option{"owner", "TEXT", "who answers for it", ValueKind::kText},
    Option{"team", "TEXT", "the owner's team; \"\" removes it", ValueKind::kText},
    Option{"scope", "SCOPE", "all that it shall hold, whatever it holds now; repeat it for each",
           ValueKind::kScope, false, true},
    kBundle,
    Option{"add-scope", "SCOPE", "a scope besides those that it holds; repeat it for each", ValueKind::kScope,
           false, true},
    Option{"remove-scope", "SCOPE", "a scope that it shall lose; repeat it for each", ValueKind::kScope,
           false, true},
    Option{"expires", "WHEN", "an earlier end: 7d, 2026-12-24 or RFC 3339", ValueKind::kText},
    kDryRun,
    kJson,
};
constexpr std::array<std::string_view, 3> kKeyEditExamples = {
    "claviger key edit 02fyDJNXTbhzYAj8Q --add-scope read:policies:admin --dry-run",
    "claviger key edit 02fyDJNXTbhzYAj8Q --owner finance --team billing",
    "claviger key edit 02fyDJNXTbhzYAj8Q --expires 7d",
};

constexpr std::array kKeyRotateOptions = {
    Option{"grace", "TIME", "how long the present secret stays valid; 0: not at all", ValueKind::kText},
    Option{"until-used", "", "end it earlier, as soon as the new secret is used"},
    Option{"leaked", "", "it is in wrong hands: end it at once, on record"},
    kExpires,
    kOutput,
    kRequestId,
    kJson,
};
constexpr std::array<std::string_view, 3> kKeyRotateExamples = {
    "claviger key rotate 02fyDJNXTbhzYAj8Q --grace 1d --output report.key",
    "claviger key rotate 02fyDJNXTbhzYAj8Q --until-used > key",
    "claviger key rotate 02fyDJNXTbhzYAj8Q --leaked --output report.key",
};

constexpr auto kKeyEndOptions = JoinOptions(kKeyFilterOptions, std::array{kReason, kDryRun, kJson});
constexpr auto kKeyResumeOptions = JoinOptions(kKeyFilterOptions, std::array{kDryRun, kJson});
constexpr auto kKeyPurgeOptions =
    JoinOptions(std::array{Option{"older-than", "TIME", "only keys that ended longer ago than this: 365d",
                                  ValueKind::kText, true}},
                kKeyFilterOptions, std::array{kDryRun, kJson});
constexpr std::array<std::string_view, 3> kKeyRevokeExamples = {
    "claviger key revoke 02fyDJNXTbhzYAj8Q --reason \"laptop lost\"",
    "claviger key revoke --unused-for 180d --dry-run",
    "claviger key revoke --team payments --scope delete:policies:admin --yes",
};
constexpr std::array<std::string_view, 2> kKeyPauseExamples = {
    "claviger key pause 02fyDJNXTbhzYAj8Q --reason \"looks odd\"",
    "claviger key pause --owner finance --never-used --dry-run",
};
constexpr std::array<std::string_view, 2> kKeyResumeExamples = {
    "claviger key resume 02fyDJNXTbhzYAj8Q",
    "claviger key resume --owner finance",
};
constexpr std::array<std::string_view, 2> kKeyPurgeExamples = {
    "claviger key purge --older-than 365d --dry-run",
    "claviger key purge --older-than 90d --state expired --yes",
};

constexpr std::array kRotateStatusOptions = {kJson};
constexpr std::array<std::string_view, 2> kRotateStatusExamples = {
    "claviger rotate status", "claviger rotate status 02fyDJNXTbhzYAj8Q --json"};
constexpr std::array kRotatePlanOptions = {
    Option{"unscoped", "", "for every key without scopes"},
    kJson,
};
constexpr std::array<std::string_view, 1> kRotatePlanExamples = {"claviger rotate plan --unscoped"};
constexpr std::array kRotateApplyOptions = {
    Option{"output-dir", "DIR", "the folder for the key strings, DIR/KEY_ID.key (0700; made if absent)",
           ValueKind::kFolder, true},
    Option{"all", "", "for every key without scopes that can have one"},
    kExpires,
    kJson,
};
constexpr std::array<std::string_view, 2> kRotateApplyExamples = {
    "claviger rotate apply 02fyDJNXTbhzYAj8Q --output-dir new-keys",
    "claviger rotate apply --all --output-dir new-keys",
};
constexpr std::array kRotateFinishOptions = {
    Option{"all", "", "every key that has a successor"},
    Option{"unused-for", "TIME", "only if the old key was not used for so long (default: 1d)",
           ValueKind::kText},
    kDryRun,
    kJson,
};
constexpr std::array<std::string_view, 2> kRotateFinishExamples = {
    "claviger rotate finish --all --dry-run",
    "claviger rotate finish 02fyDJNXTbhzYAj8Q --unused-for 7d",
};

constexpr std::array kPrincipalLeaveOptions = {
    Option{"transfer-to", "OWNER", "give the keys that USER owns to someone else", ValueKind::kText},
    Option{"pause", "", "pause all of them"},
    Option{"revoke", "", "revoke all of them"},
    Option{"owned", "", "only those that USER owns, not those issued for others"},
    kReason,
    kDryRun,
    kJson,
};
constexpr std::array<std::string_view, 3> kPrincipalLeaveExamples = {
    "claviger principal leave alice",
    "claviger principal leave alice --transfer-to bob",
    "claviger principal leave alice --revoke --owned --yes",
};

constexpr std::array kReportLeakOptions = {
    Option{"source", "TEXT", "where it was found, for the record (default: file and line)", ValueKind::kText},
    kJson,
};
constexpr std::array<std::string_view, 3> kReportLeakExamples = {
    "claviger report-leak",
    "claviger report-leak build.log core.1234",
    "git log -p | claviger report-leak - --source \"repository web\"",
};
constexpr std::array kExpireOptions = {kJson};
constexpr std::array<std::string_view, 1> kExpireExamples = {"claviger expire"};

constexpr Argument kKeyIds = {"KEY_ID", ValueKind::kKeyId, true, true};

constexpr std::array kChangeCommands = {
    Command{
        "key",
        "create",
        "issue a key; its secret is given out this once",
        "Without options, on a terminal, it asks for everything. The key string is the only thing on "
        "standard output, and cannot be shown a second time. Without --expires the key gets the policy's "
        "default lifetime. --dry-run shows the key as it would be. With --from each line of a file is a key: "
        "{\"name\": \"report\", \"scopes\": [\"read:policies:admin\"], \"expires\": \"30d\"}. All lines are "
        "checked before the first key is issued. Broken off, the same command issues what is missing.",
        {},
        kKeyCreateOptions,
        kKeyCreateExamples,
        RunKeyCreate},
    Command{"key", "edit", "change a key; its secret stays",
            "Shows the difference. Giving it scopes that it does not hold has to be confirmed.", kKeyId,
            kKeyEditOptions, kKeyEditExamples, RunKeyEdit},
    Command{"key", "rotate", "give a key its next secret; given out this once",
            "Id, name and scopes stay. The present secret stays valid for the grace (default: the policy's), "
            "but never past its own end.",
            kKeyId, kKeyRotateOptions, kKeyRotateExamples, RunKeyRotate},
    Command{"key", "revoke", "end keys for good",
            "The keys are named, or found by options; of those only keys that have not ended, unless --state "
            "says otherwise. They are refused from the moment the command returns, and stay in the list.",
            kKeyIds, kKeyEndOptions, kKeyRevokeExamples, RunKeyRevoke},
    Command{"key", "pause", "refuse keys until they are resumed",
            "The keys are named, or found by options. They are refused from the moment the command returns.",
            kKeyIds, kKeyEndOptions, kKeyPauseExamples, RunKeyPause},
    Command{"key", "resume", "make paused keys valid again", "The keys are named, or found by options.",
            kKeyIds, kKeyResumeOptions, kKeyResumeExamples, RunKeyResume},
    Command{"key",
            "purge",
            "remove ended keys for good",
            "What the audit log has of them stays.",
            {},
            kKeyPurgeOptions,
            kKeyPurgeExamples,
            RunKeyPurge},
    Command{"rotate", "status", "show which old secrets and replaced keys are still in use, and by whom", "",
            kKeyIds, kRotateStatusOptions, kRotateStatusExamples, RunRotateStatus},
    Command{"rotate",
            "plan",
            "propose scopes for keys without",
            "The scopes are those that verifications of the key have asked for.",
            {},
            kRotatePlanOptions,
            kRotatePlanExamples,
            RunRotatePlan},
    Command{"rotate", "apply", "issue successors with scopes for keys without",
            "Each gets the scopes that were asked of its predecessor, which stays valid. A run that was "
            "broken off is gone on with by the next.",
            kKeyIds, kRotateApplyOptions, kRotateApplyExamples, RunRotateApply},
    Command{"rotate", "finish", "revoke old keys whose successors are used",
            "An old key that is still used stays, and it is said by whom.", kKeyIds, kRotateFinishOptions,
            kRotateFinishExamples, RunRotateFinish},
    Command{"principal",
            "leave",
            "show, transfer, pause or revoke the keys of someone who leaves",
            "Shows what USER owns, and what USER has issued for others, and does nothing else without "
            "--transfer-to, --pause or --revoke.",
            {"USER", ValueKind::kText},
            kPrincipalLeaveOptions,
            kPrincipalLeaveExamples,
            RunPrincipalLeave},
    Command{"report-leak",
            "",
            "hand in keys that were found where they should not be",
            "Searches files or standard input for key strings and revokes, without asking, those that are "
            "ours. Without FILE, on a terminal, it asks for one. Exits with 0 if all that was found was "
            "handed in, whatever came of it.",
            {"FILE", ValueKind::kFile, true, true},
            kReportLeakOptions,
            kReportLeakExamples,
            RunReportLeak},
    Command{"expire",
            "",
            "warn of keys that end soon",
            "Each key once for each step of the configuration. The daemon does so by itself every hour.",
            {},
            kExpireOptions,
            kExpireExamples,
            RunExpire},
};

}  // namespace

std::span<const Command> ChangeCommands() { return kChangeCommands; }

}  // namespace claviger::cli
