#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cerrno>

#include "base/text.h"
#include "base/unique_fd.h"
#include "cli/json_view.h"
#include "cli/key_string_scan.h"
#include "cli/leak_intake.h"
#include "cli/prompt.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::string_view kStandardInput = "-";

Outcome<void> RefuseKeyStrings(const Context& context) {
  for (const std::string& path : context.invocation().arguments()) {
    struct stat status {};
    if (!LooksLikeKeyString(path) || ::stat(path.c_str(), &status) == 0) continue;
    return UsageFailure("a key string stands where a file should; others can see it in the list of processes",
                        "leave it out: without FILE it is asked for, or read from standard input");
  }
  return {};
}

// What cannot be read is told and does not stop the rest.
bool ReadFrom(LeakIntake& intake, const std::string& path, std::optional<Failure>& stopped) {
  const auto read_all = [&](int fd, const std::string& name) {
    const auto read = intake.Read(fd, name);
    if (!read) stopped = read.error();
    return read && *read;
  };
  if (path == kStandardInput) return read_all(STDIN_FILENO, "standard input");
  const std::string shown = EscapeForDisplay(path);
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    PrintError("claviger: " + ErrnoError(ErrorCode::kInvalidArgument, "open " + shown, errno).message());
    return false;
  }
  if (S_ISDIR(status.st_mode)) {
    PrintError(
        fmt::format("claviger: {} is a folder\nhint: for all files in it: find {} -type f -exec claviger "
                    "report-leak {{}} +",
                    shown, shown));
    return false;
  }
  return read_all(fd.get(), path);
}

struct OutcomeWord {
  std::string_view outcome;
  std::string_view word;
  Style style;
};
constexpr std::array kOutcomeWords = {
    OutcomeWord{"revoked", "revoked", Style::kBad},
    OutcomeWord{"already_ended", "had ended", Style::kAttention},
    OutcomeWord{"unknown", "not ours", Style::kFaint},
};

Cell OutcomeCell(const std::string& outcome) {
  const auto* row = std::find_if(kOutcomeWords.begin(), kOutcomeWords.end(),
                                 [&](const OutcomeWord& word) { return word.outcome == outcome; });
  if (row == kOutcomeWords.end()) return {outcome};
  return {std::string(row->word), row->style};
}

void PrintResults(Context& context, const std::vector<LeakResult>& results) {
  if (context.json()) {
    boost::json::array reports;
    for (const LeakResult& result : results) {
      boost::json::object report = {{"source", result.source}};
      for (const auto& member : result.reply) report[member.key()] = member.value();
      reports.push_back(std::move(report));
    }
    context.PrintJson({{"reports", std::move(reports)}});
    return;
  }
  if (results.empty()) return;
  Table table({{"outcome", 0}, {"key id", 0}, {"name", 1, true}, {"owner", 3}, {"found at", 2, true}},
              context.terminal());
  for (const LeakResult& result : results) {
    const boost::json::object& record = ObjectOf(result.reply, "record");
    table.AddRow({OutcomeCell(ShownText(result.reply, "outcome")),
                  {ShownText(result.reply, "key_id")},
                  {ShownText(record, "name")},
                  {ShownText(record, "owner")},
                  {EscapeForDisplay(result.source)}});
  }
  context.output().Print(table.Render());
}

void TellSummary(Context& context, const std::vector<LeakResult>& results) {
  const auto count = [&](std::string_view outcome) {
    return std::count_if(results.begin(), results.end(), [&](const LeakResult& result) {
      return ShownText(result.reply, "outcome") == outcome;
    });
  };
  if (results.empty()) {
    context.output().Note("no key string was found");
    return;
  }
  context.output().Note(fmt::format("{} key string{}: {} revoked, {} had ended before, {} not ours",
                                    results.size(), results.size() == 1 ? "" : "s", count("revoked"),
                                    count("already_ended"), count("unknown")));
}

Outcome<int> Finish(Context& context, const LeakIntake& intake, const std::optional<Failure>& stopped,
                    bool all_read) {
  PrintResults(context, intake.results());
  TellSummary(context, intake.results());
  if (stopped) {
    Failure failure = *stopped;
    if (failure.hint.empty()) failure.hint = "it is safe to repeat the command";
    return failure;
  }
  if (intake.interrupted()) {
    return Failure{protocol::kExitFailure, "interrupted: not everything was read",
                   "it is safe to repeat the command"};
  }
  return all_read ? protocol::kExitOk : protocol::kExitFailure;
}

}  // namespace

Outcome<int> RunReportLeak(Context& context) {
  if (const auto fine = RefuseKeyStrings(context); !fine) return fine.error();
  LeakIntake intake(context);
  std::vector<std::string> paths = context.invocation().arguments();
  if (paths.empty() && context.terminal().input) {
    const auto key = PromptSecret("Key (not shown): ");
    if (!key) return key.error();
    const auto taken = intake.Take(*key, "terminal");
    if (taken && intake.results().empty()) {
      return UsageFailure("that is no key string; a character is wrong or missing",
                          "a whole file can be given as FILE, or on standard input");
    }
    return Finish(context, intake, taken ? std::nullopt : std::optional(taken.error()), true);
  }
  if (paths.empty()) paths.emplace_back(kStandardInput);
  std::optional<Failure> stopped;
  bool all_read = true;
  for (const std::string& path : paths) {
    all_read = ReadFrom(intake, path, stopped) && all_read;
    if (stopped || intake.interrupted()) break;
  }
  return Finish(context, intake, stopped, all_read);
}

}  // namespace claviger::cli
