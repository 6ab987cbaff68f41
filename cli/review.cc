#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cerrno>
#include <climits>

#include "base/file.h"
#include "base/text.h"
#include "cli/accounts.h"
#include "cli/context.h"
#include "cli/json_view.h"
#include "cli/review_finding.h"
#include "cli/review_html.h"
#include "cli/review_text.h"
#include "cli/time_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::int64_t kMostKeys = 500;  // of one finding
constexpr std::int64_t kKeysOnPage = 3;
constexpr std::int64_t kKeysInFile = 10;
constexpr std::int64_t kKeysInJson = 50;
constexpr mode_t kNewFileMode = 0600;
constexpr mode_t kPermissions = 07777;

Outcome<void> ReadPeriod(const Invocation& invocation, std::string_view option, std::int64_t& period) {
  const auto text = invocation.Text(option);
  if (!text) return {};
  const auto duration = ParseDuration(*text);
  if (!duration) {
    return UsageFailure(fmt::format("--{}: {}", option, EscapeForDisplay(duration.error().message())),
                        "write it as 12h, 30d or 1d12h");
  }
  period = *duration;
  return {};
}

Outcome<ReviewPeriods> ReadPeriods(const Invocation& invocation) {
  ReviewPeriods periods;
  if (const auto read = ReadPeriod(invocation, "expiring-within", periods.expiring_within); !read)
    return read.error();
  if (const auto read = ReadPeriod(invocation, "unused-for", periods.unused_for); !read) return read.error();
  if (const auto read = ReadPeriod(invocation, "never-used-for", periods.never_used_for); !read)
    return read.error();
  if (const auto read = ReadPeriod(invocation, "lifetime-over", periods.lifetime_over); !read)
    return read.error();
  return periods;
}

// A record (io.claviger.Admin.Key) as it stands in a finding (ReviewedKey).
boost::json::object ReviewedKey(const boost::json::object& record) {
  boost::json::object key;
  for (const char* name : {"key_id", "name", "owner", "creator", "state", "created_at", "expires_at",
                           "last_used_at", "uses", "unscoped"}) {
    if (const auto* member = record.if_contains(name)) key[name] = *member;
  }
  key["scopes"] = static_cast<std::int64_t>(ArrayOf(record, "scopes").size());
  return key;
}

// Adds the finding owner_gone, if any owner is gone, with at most `limit` of their keys.
Outcome<void> AddOwnersGone(Context& context, std::int64_t limit, boost::json::object& review) {
  std::int64_t count = 0;
  boost::json::array keys;
  boost::json::array gone;
  for (const boost::json::object* owner : ObjectsOf(ArrayOf(review, "owners"))) {
    const std::string name = TextOf(*owner, "owner");
    if (AccountExists(name)) continue;
    count += IntOf(*owner, "keys");
    gone.emplace_back(name);
    const std::int64_t room = limit - static_cast<std::int64_t>(keys.size());
    if (room <= 0) continue;
    const auto reply = context.daemon().Admin(
        "ListKeys", {{"owner", name}, {"states", {"pending", "active", "paused"}}, {"limit", room}});
    if (!reply) return reply.error();
    for (const boost::json::object* key : ObjectsOf(ArrayOf(reply->parameters, "keys"))) {
      keys.push_back(ReviewedKey(*key));
    }
  }
  if (count == 0) return {};
  boost::json::array findings = ArrayOf(review, "findings");
  findings.push_back(
      boost::json::object{{"kind", "owner_gone"}, {"count", count}, {"keys", std::move(keys)}});
  review["findings"] = std::move(findings);
  review["owners_gone"] = std::move(gone);
  return {};
}

// Kinds of findings that need attention.
boost::json::array Attention(const std::vector<Finding>& findings) {
  boost::json::array kinds;
  for (const Finding& finding : findings) {
    if (finding.attention) kinds.emplace_back(finding.kind);
  }
  return kinds;
}

std::string HostName() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? EscapeForDisplay(name.data()) : "this host";
}

// A file that exists keeps its permissions.
Outcome<void> WritePage(Context& context, const std::string& path, const std::string& page) {
  if (path == "-") {
    context.output().Print(page);
    return {};
  }
  struct stat status {};
  mode_t mode = kNewFileMode;
  if (::stat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode)) {
      return UsageFailure(fmt::format("--html: {} is no file", EscapeForDisplay(path)),
                          "name a file, or - for standard output");
    }
    mode = status.st_mode & kPermissions;
  }
  if (const Status written = ReplaceFile(path, page, mode); !written) return FailureOf(written.error());
  context.output().Note(fmt::format("wrote {}", EscapeForDisplay(path)));
  return {};
}

void PrintReview(Context& context, const boost::json::object& review, const std::vector<Finding>& findings,
                 std::int64_t keys_each) {
  if (!context.invocation().Has("quiet")) {
    context.output().Print(RenderReview(review, findings, static_cast<std::size_t>(keys_each),
                                        context.terminal(), context.now()));
    return;
  }
  for (const Finding& finding : findings) {
    if (finding.attention) context.output().Print(finding.title + "\n");
  }
}

}  // namespace

Outcome<int> RunReview(Context& context) {
  const Invocation& invocation = context.invocation();
  const auto periods = ReadPeriods(invocation);
  if (!periods) return periods.error();
  const auto given = invocation.Number("limit", 1, kMostKeys);
  if (!given) return given.error();
  const auto html = invocation.Text("html");
  if (html == "-" && context.json()) {
    return UsageFailure("--json and --html - exclude each other", "give --html a file's name");
  }
  const std::int64_t limit = given->value_or(context.json() ? kKeysInJson : html ? kKeysInFile : kKeysOnPage);
  const auto reply = context.daemon().Admin("GetReview", {{"expiring_within", periods->expiring_within},
                                                          {"unused_for", periods->unused_for},
                                                          {"never_used_for", periods->never_used_for},
                                                          {"lifetime_over", periods->lifetime_over},
                                                          {"limit", limit}});
  if (!reply) return reply.error();
  boost::json::object review = reply->parameters;
  if (!invocation.Has("foreign-owners")) {
    if (const auto added = AddOwnersGone(context, limit, review); !added) return added.error();
  }
  const std::vector<Finding> findings = FindingsOf(review, *periods);
  const boost::json::array attention = Attention(findings);
  if (html) {
    const auto written = WritePage(context, *html, ReviewPage(review, findings, HostName(), context.now()));
    if (!written) return written.error();
  }
  if (context.json()) {
    boost::json::object printed = review;
    printed["attention"] = attention;
    context.PrintJson(printed);
  } else if (!html) {
    PrintReview(context, review, findings, limit);
  }
  return attention.empty() ? protocol::kExitOk : protocol::kExitFailure;
}

}  // namespace claviger::cli
