#include "cli/key_create_from.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "cli/bulk_issue.h"
#include "cli/chosen_keys.h"
#include "cli/issue_file.h"
#include "cli/json_view.h"
#include "cli/key_file.h"
#include "cli/key_line.h"
#include "cli/key_lines.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::size_t kMostShown = 20;  // lines of each kind of trouble
// Kinds of keys that --dry-run shows to the daemon. It compares each with all keys that there are.
constexpr std::size_t kMostPreviews = 100;
constexpr std::array<std::string_view, 5> kOptions = {"from", "out", "rejects", "dry-run", "json"};

std::string CountOfLines(std::size_t count) { return count == 1 ? "1 line" : fmt::format("{} lines", count); }

// `rest`: how to see more than the first.
void TellLines(std::string_view what, const std::vector<RefusedLine>& lines, std::string_view rest) {
  const std::size_t shown = std::min(lines.size(), kMostShown);
  for (std::size_t i = 0; i < shown; ++i) {
    PrintError(fmt::format("claviger: line {}{}: {}", lines[i].line, what, lines[i].message));
  }
  if (lines.size() > shown) {
    PrintError(fmt::format("claviger: {} more; {}", CountOfLines(lines.size() - shown), rest));
  }
}

boost::json::array JsonOf(const std::vector<RefusedLine>& lines) {
  boost::json::array list;
  for (const RefusedLine& line : lines) {
    boost::json::object object = {{"line", line.line}, {"message", line.message}};
    if (!line.name.empty()) object["name"] = line.name;
    list.push_back(std::move(object));
  }
  return list;
}

boost::json::array JsonOf(const std::vector<LostKey>& keys) {
  boost::json::array list;
  for (const LostKey& key : keys) {
    boost::json::object object = {{"line", key.line}, {"key_id", key.id}, {"revoked", key.revoked}};
    if (!key.successor.empty()) object["successor"] = key.successor;
    list.push_back(std::move(object));
  }
  return list;
}

// Lines that can never become keys.
Outcome<std::vector<RefusedLine>> CheckLines(Context& context, const KeyLines& input) {
  KeyLineReader reader;
  std::vector<RefusedLine> wrong;
  std::optional<CatalogueNames> names;
  for (const KeyLine& line : input.lines()) {
    const auto parameters = reader.Read(line.text, context.now());
    Status checked = Ok();
    if (!parameters) {
      checked = parameters.error();
    } else {
      if (!names) {
        auto asked = CatalogueNames::Ask(context);
        if (!asked) return asked.error();
        names = std::move(*asked);
      }
      checked = names->Check(*parameters);
    }
    const std::string name = parameters ? EscapeForDisplay(TextOf(*parameters, "name")) : std::string();
    if (!checked) wrong.push_back({line.number, name, checked.error().message()});
  }
  return wrong;
}

Outcome<void> RefuseWrong(Context& context, const KeyLines& input, const std::vector<RefusedLine>& wrong) {
  if (wrong.empty()) return {};
  if (context.json()) {
    context.PrintJson({{"issued", 0},
                       {"already_there", 0},
                       {"refused", JsonOf(wrong)},
                       {"lost", boost::json::array()},
                       {"not_issued", input.lines().size()}});
  }
  TellLines("", wrong, "mend these first");
  return Failure{protocol::kExitFailure,
                 fmt::format("{} of {} {} wrong; nothing was issued", CountOfLines(wrong.size()),
                             input.name(), wrong.size() == 1 ? "is" : "are"),
                 "mend what is said above, then repeat the command"};
}

// What the daemon thinks of a line may depend on anything but what the key is called. One of each kind is
// shown to it.
class Previews {
 public:
  explicit Previews(Context& context) : context_(context) {}

  // The lines of a kind that is refused go to `refused`.
  Outcome<void> Show(const KeyLines& input, std::vector<RefusedLine>& refused) {
    KeyLineReader reader;
    for (const KeyLine& line : input.lines()) {
      auto parameters = reader.Read(line.text, context_.now());
      if (!parameters) continue;  // told already
      const std::string name = EscapeForDisplay(TextOf(*parameters, "name"));
      boost::json::object kind = *parameters;
      kind.erase("name");
      if (kind.contains("description")) kind["description"] = true;
      const std::string key = boost::json::serialize(kind);
      auto known = verdicts_.find(key);
      if (known == verdicts_.end() && verdicts_.size() == kMostPreviews) {
        ++unseen_;
        continue;
      }
      if (known == verdicts_.end()) {
        auto verdict = Ask(*parameters);
        if (!verdict) return verdict.error();
        known = verdicts_.emplace(key, std::move(*verdict)).first;
      }
      if (!known->second.empty()) refused.push_back({line.number, name, known->second});
    }
    return {};
  }
  std::size_t unseen() const { return unseen_; }

 private:
  // "", or why there would be no such key.
  Outcome<std::string> Ask(const boost::json::object& parameters) {
    const auto reply = context_.daemon().Admin("PreviewKey", parameters);
    if (reply) return std::string();
    if (reply.error().exit_status != protocol::kExitFailure) return reply.error();
    return reply.error().message;
  }

  Context& context_;
  std::map<std::string, std::string> verdicts_;
  std::size_t unseen_ = 0;
};

Outcome<int> DryRun(Context& context, const KeyLines& input) {
  Previews previews(context);
  std::vector<RefusedLine> refused;
  if (const auto shown = previews.Show(input, refused); !shown) return shown.error();
  const std::size_t fine = input.lines().size() - refused.size();
  if (context.json()) {
    context.PrintJson(
        {{"would_issue", fine}, {"refused", JsonOf(refused)}, {"not_previewed", previews.unseen()}});
  }
  TellLines(" would be refused", refused, "--json lists all");
  context.output().Note(fmt::format("would issue {}; nothing was done", CountOfKeys(fine)));
  if (previews.unseen() > 0) {
    context.output().Note(
        fmt::format("{} were compared with the catalogue, but not with the policy: their keys are of more "
                    "than {} kinds",
                    CountOfLines(previews.unseen()), kMostPreviews));
  }
  return refused.empty() ? protocol::kExitOk : protocol::kExitFailure;
}

// Of what goes to standard output nothing else can tell them, and they are few.
void TellLost(const IssueReport& report, bool all) {
  const std::size_t shown = all ? report.lost.size() : std::min(report.lost.size(), kMostShown);
  for (const LostKey& key : std::span(report.lost).first(shown)) {
    const std::string what = key.revoked ? "it was revoked" : "it is still valid";
    const std::string next =
        key.successor.empty() ? "" : fmt::format(", and {} issued for it", key.successor);
    PrintError(fmt::format("claviger: line {}: the secret of key {} reached nobody; {}{}", key.line, key.id,
                           what, next));
  }
  if (report.lost.size() > shown) {
    PrintError(
        fmt::format("claviger: the same of {}; --json lists all", CountOfKeys(report.lost.size() - shown)));
  }
}

std::size_t NotIssued(const KeyLines& input, const IssueReport& report) {
  return input.lines().size() - report.already - report.issued - report.refused.size();
}

Outcome<void> WriteRejects(const KeyLines& input, const IssueReport& report, std::optional<KeyFile> file) {
  if (!file || report.refused.empty()) return {};
  std::set<std::size_t> numbers;
  for (const RefusedLine& line : report.refused) numbers.insert(line.line);
  WipingBuffer text;
  for (const KeyLine& line : input.lines()) {
    if (!numbers.contains(line.number)) continue;
    text.insert(text.end(), line.text.begin(), line.text.end());
    text.push_back('\n');
  }
  return file->WriteText(std::string_view(text.data(), text.size()));
}

Outcome<int> Report(Context& context, const KeyLines& input, const IssueFile& file,
                    const IssueReport& report) {
  const std::size_t rest = NotIssued(input, report);
  if (context.json()) {
    context.PrintJson({{"issued", report.issued},
                       {"already_there", report.already},
                       {"refused", JsonOf(report.refused)},
                       {"lost", JsonOf(report.lost)},
                       {"not_issued", rest}});
  }
  const bool printed = !context.invocation().Has("out");
  context.output().Note(
      fmt::format("issued {} {} {}", CountOfKeys(report.issued), printed ? "to" : "into", file.name()));
  if (report.already > 0) {
    context.output().Note(fmt::format("{} {} there already", CountOfKeys(report.already),
                                      report.already == 1 ? "was" : "were"));
  }
  TellLost(report, printed);
  TellLines(" was refused", report.refused, "--rejects FILE keeps all");
  const std::string not_issued = fmt::format("{} of {} {} not issued, as far as is known", CountOfKeys(rest),
                                             input.lines().size(), rest == 1 ? "was" : "were");
  const std::string again = printed ? "leave out the lines whose keys were printed, then repeat the command"
                                    : "repeat the command: it goes on from there";
  if (report.stopped) {
    Failure failure = *report.stopped;
    failure.message = fmt::format("{}; {}", failure.message, not_issued);
    failure.hint =
        failure.hint.empty() || failure.exit_status == protocol::kExitTryLater ? again : failure.hint;
    return failure;
  }
  if (report.interrupted && rest > 0) {
    return Failure{protocol::kExitFailure, "interrupted: " + not_issued, again};
  }
  return report.refused.empty() && rest == 0 ? protocol::kExitOk : protocol::kExitFailure;
}

// A key that is in the file belongs to a line of the input, or the two do not belong together.
Outcome<void> CheckTogether(const KeyLines& input, const IssueFile& file) {
  std::set<std::string_view> ids;
  for (const KeyLine& line : input.lines()) ids.insert(line.id);
  for (const auto& [id, number] : file.held()) {
    if (ids.contains(id)) continue;
    return Failure{
        protocol::kExitFailure,
        fmt::format("{} has the key of what was line {}, and {} has no such line; nothing was issued",
                    file.name(), number, input.name()),
        "name another output file, or put the line back as it was"};
  }
  return {};
}

Outcome<void> CheckOutput(const Context& context) {
  const Invocation& invocation = context.invocation();
  if (invocation.Has("out")) return {};
  if (invocation.Has("json")) {
    return UsageFailure("--json prints the report, so the keys need --out FILE",
                        "name a file that is not there yet, or the one of a run that was broken off");
  }
  if (context.terminal().output) {
    return UsageFailure("the keys would be shown on the terminal",
                        "name a file for them: --out FILE; or send standard output into a file or program");
  }
  return {};
}

}  // namespace

Outcome<void> CheckIssueOptions(const Context& context) {
  const Invocation& invocation = context.invocation();
  if (!invocation.Has("from")) {
    for (const char* option : {"out", "rejects"}) {
      if (invocation.Has(option)) {
        return UsageFailure(fmt::format("--{} is only for --from FILE", option),
                            "for one key: --output FILE");
      }
    }
    return {};
  }
  for (const Option& option : invocation.command()->options) {
    if (!invocation.Has(option.name)) continue;
    if (std::find(kOptions.begin(), kOptions.end(), option.name) != kOptions.end()) continue;
    return UsageFailure(
        fmt::format("--from and --{} exclude each other", option.name),
        option.name == "output" ? "the keys go to --out FILE" : "each line of the file says it for its key");
  }
  return {};
}

Outcome<int> RunKeyCreateFrom(Context& context) {
  const bool dry_run = context.invocation().Has("dry-run");
  if (!dry_run) {
    if (const auto can = CheckOutput(context); !can) return can.error();
  }
  const auto input = KeyLines::Read(*context.invocation().Text("from"));
  if (!input) return input.error();
  const auto wrong = CheckLines(context, *input);
  if (!wrong) return wrong.error();
  if (const auto fine = RefuseWrong(context, *input, *wrong); !fine) return fine.error();
  if (dry_run) return DryRun(context, *input);

  std::optional<KeyFile> rejects;
  if (const auto path = context.invocation().Text("rejects")) {
    auto made = KeyFile::Create(*path);
    if (!made) return made.error();
    rejects.emplace(std::move(*made));
  }
  const auto path = context.invocation().Text("out");
  auto file =
      path ? IssueFile::Open(*path, context.now()) : Outcome<IssueFile>(IssueFile::ToStandardOutput());
  if (!file) return file.error();
  if (const auto fits = CheckTogether(*input, *file); !fits) return fits.error();
  BulkIssue work(context, input->lines(), *file);
  const IssueReport report = work.Run();
  const auto rejected = WriteRejects(*input, report, std::move(rejects));
  const auto status = Report(context, *input, *file, report);
  if (status && !rejected) return rejected.error();
  return status;
}

}  // namespace claviger::cli
