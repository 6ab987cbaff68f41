#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/file.h"
#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::string_view kCheckpointWord = "claviger-checkpoint/";
constexpr std::size_t kMaxFileBytes = 1024 * 1024;
constexpr int kExitNotWhole = 1;
constexpr std::chrono::minutes kLongestWalk{10};  // some 30 million records

// The line itself, or the last of the file.
Outcome<std::string> ReadCheckpoint(const std::string& given) {
  if (given.starts_with(kCheckpointWord)) return given;
  const auto text = ReadFile(given, kMaxFileBytes);
  if (!text) return FailureOf(text.error());
  std::string_view lines(*text);
  while (lines.ends_with('\n')) lines.remove_suffix(1);
  const std::size_t begin = lines.rfind(kCheckpointWord);
  if (begin == std::string_view::npos) {
    return UsageFailure(given + ": holds no checkpoint",
                        "a checkpoint is a line that claviger audit checkpoint has printed");
  }
  lines.remove_prefix(begin);
  return std::string(lines.substr(0, lines.find('\n')));
}

}  // namespace

Outcome<int> RunAuditVerify(Context& context) {
  boost::json::object parameters;
  if (const auto given = context.invocation().Text("checkpoint")) {
    const auto checkpoint = ReadCheckpoint(std::string(*given));
    if (!checkpoint) return checkpoint.error();
    parameters["checkpoint"] = *checkpoint;
  }
  context.daemon().AllowTime(kLongestWalk);
  const auto reply = context.daemon().Admin("VerifyAudit", parameters);
  if (!reply) return reply.error();
  const boost::json::object& found = reply->parameters;
  const bool whole = BoolOf(found, "whole");
  const int exit_status = whole ? protocol::kExitOk : kExitNotWhole;
  if (context.json()) {
    context.PrintJson(found);
    return exit_status;
  }
  const std::int64_t records = IntOf(found, "records");
  if (whole) {
    context.output().Print(fmt::format("the audit log is whole: {} records, compared with {} checkpoints\n",
                                       records, IntOf(found, "checkpoints")));
  } else if (const std::string broken = ShownInt(found, "broken_at"); !broken.empty()) {
    context.output().Print(
        fmt::format("the audit log is broken at record {}: {}\n{} records before it are whole\n", broken,
                    ShownText(found, "reason"), records));
  } else {
    context.output().Print(
        fmt::format("the checkpoints of the audit log are not right: {}\n{} records are whole\n",
                    ShownText(found, "reason"), records));
  }
  return exit_status;
}

}  // namespace claviger::cli
