#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <memory>
#include <unordered_map>
#include <utility>

#include "daemon/api/handlers.h"
#include "daemon/api/key_json.h"
#include "daemon/api/management.h"
#include "daemon/api/ref_walk.h"
#include "daemon/api/review.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

constexpr std::int64_t kLongestTerm = 36525 * std::int64_t{86400};  // 100 years, as for durations

// Type ReviewedKey.
boost::json::object ReviewedKeyJson(const store::ListedKey& key, const std::string& detail, UnixSeconds now) {
  const keys::KeyRecord& record = key.record;
  const store::Usage usage = key.usage.value_or(store::Usage{});
  boost::json::object object;
  object["key_id"] = record.id.ToString();
  object["name"] = record.name;
  object["owner"] = record.owner;
  object["creator"] = record.creator;
  object["state"] = keys::KeyStateName(record.StateAt(now));
  object["created_at"] = FormatTime(record.created);
  object["expires_at"] = FormatTime(record.expires);
  if (usage.uses > 0) object["last_used_at"] = FormatTime(usage.last_used);
  object["uses"] = usage.uses;
  object["scopes"] = record.scopes.size();
  object["unscoped"] = record.unscoped;
  if (!detail.empty()) object["detail"] = detail;
  return object;
}

// GetReview on the store thread, in steps: the walk, then the keys that the findings list.
class ReviewWalk {
 public:
  ReviewWalk(const ReviewTerms& terms, LiveSettingsPtr live, UnixSeconds now)
      : now_(now), review_(terms, std::move(live), now) {
    filter_.now = now;
  }

  // As ManagementStep.
  Result<bool> Step(store::Tables& tables, ManagementOutcome& outcome) {
    if (!started_) {
      started_ = true;
      const auto last = tables.keys.LastRef();
      if (!last) return last.error();
      walk_ = RefWalk({1, *last}, store::KeyRepository::kWalkStep);
    }
    if (!walk_.done()) {
      if (const Status scanned = Scan(tables); !scanned) return scanned.error();
    } else if (kind_ < kFindingKinds) {
      if (const Status read = ReadFinding(tables); !read) return read.error();
    }
    if (kind_ < kFindingKinds) return false;
    outcome.reply = review_.Totals();
    outcome.reply["findings"] = std::move(findings_);
    return true;
  }

 private:
  // How many keys of a finding one step reads.
  static constexpr std::size_t kReadStep = 100;

  Status Scan(store::Tables& tables) {
    const auto summaries = tables.keys.Summaries(filter_, walk_.Next());
    if (!summaries) return summaries.error();
    for (const store::KeySummary& key : *summaries) review_.Add(key);
    return Ok();
  }

  Status ReadFinding(store::Tables& tables) {
    const auto kind = static_cast<FindingKind>(kind_);
    const FindingList& finding = review_.finding(kind);
    const std::vector<FoundKey> found = finding.Keys();
    const std::size_t end = std::min(found.size(), read_ + kReadStep);
    for (; read_ < end; ++read_) {
      // One by one: a key that has gone meanwhile must not move the details of the others.
      const std::array ref = {found[read_].ref};
      const auto key = tables.keys.Read(ref);
      if (!key) return key.error();
      if (!key->empty()) listed_.push_back(ReviewedKeyJson(key->front(), found[read_].detail, now_));
    }
    if (read_ < found.size()) return Ok();
    findings_.push_back({{"kind", FindingName(kind)},
                         {"count", finding.count()},
                         {"keys", std::exchange(listed_, boost::json::array())}});
    read_ = 0;
    ++kind_;
    return Ok();
  }

  const UnixSeconds now_;
  Review review_;
  store::KeyFilter filter_;
  bool started_ = false;
  RefWalk walk_;
  std::size_t kind_ = 0, read_ = 0;  // the finding that is read, and how many of its keys were
  boost::json::array listed_;        // of that finding
  boost::json::array findings_;
};

}  // namespace

Disposition HandleGetReview(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"expiring_within", ParameterType::kInt, false},
                                             Parameter{"unused_for", ParameterType::kInt, false},
                                             Parameter{"never_used_for", ParameterType::kInt, false},
                                             Parameter{"lifetime_over", ParameterType::kInt, false},
                                             Parameter{"limit", ParameterType::kInt, false}};
  constexpr std::size_t kLimit = 4;
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  ReviewTerms terms;
  const std::array<std::int64_t*, kLimit> lengths = {&terms.expiring_within, &terms.unused_for,
                                                     &terms.never_used_for, &terms.lifetime_over};
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    *lengths[i] = parameters.OptionalInt(i).value_or(*lengths[i]);
    if (*lengths[i] < 0 || *lengths[i] > kLongestTerm) return context.InvalidParameter(kParameters[i].name);
  }
  const auto limit = parameters.OptionalInt(kLimit).value_or(static_cast<std::int64_t>(terms.limit));
  if (limit < 1 || limit > store::kMaxPageSize) return context.InvalidParameter("limit");
  terms.limit = static_cast<std::size_t>(limit);
  auto walk = std::make_shared<ReviewWalk>(terms, context.loop.live, context.loop.now);
  return RunInSteps(context, store::WorkKind::kRead,
                    [walk = std::move(walk)](store::Tables& tables, ManagementOutcome& outcome) {
                      return walk->Step(tables, outcome);
                    });
}

}  // namespace claviger::api
