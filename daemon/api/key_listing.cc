#include "daemon/api/key_listing.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "daemon/api/key_json.h"

namespace claviger::api {

using store::KeyCursor;
using store::KeyRepository;
using store::RefRange;

KeyListing::KeyListing(store::KeyQuery query)
    : query_(std::move(query)), in_walk_order_(query_.sort == store::KeySort::kCreated) {
  ++query_.limit;
}

Result<RefWalk> KeyListing::Start(store::Tables& tables) const {
  const auto last = tables.keys.LastRef();
  if (!last) return last.error();
  RefRange range{1, *last};
  if (in_walk_order_ && query_.after) {
    if (query_.descending) {
      range.last = std::min(range.last, query_.after->ref - 1);
    } else {
      range.first = std::max(range.first, query_.after->ref + 1);
    }
  }
  return RefWalk(range, KeyRepository::kScanStep, in_walk_order_ && query_.descending);
}

Result<bool> KeyListing::Step(store::Tables& tables, ManagementOutcome& outcome) {
  if (!started_) {
    started_ = true;
    auto walk = Start(tables);
    if (!walk) return walk.error();
    walk_ = *walk;
    outcome.reply["keys"] = boost::json::array();
  }
  if (const Status done = scanned_ ? Read(tables, outcome) : Scan(tables, outcome); !done)
    return done.error();
  return scanned_ && read_ == found_.size();
}

Status KeyListing::Scan(store::Tables& tables, ManagementOutcome& outcome) {
  const auto limit = static_cast<std::size_t>(query_.limit);
  if (!walk_.done()) {
    auto part = tables.keys.Search(query_, walk_.Next());
    if (!part) return part.error();
    const auto old = static_cast<std::ptrdiff_t>(found_.size());
    found_.insert(found_.end(), std::make_move_iterator(part->begin()), std::make_move_iterator(part->end()));
    const auto before = [this](const KeyCursor& a, const KeyCursor& b) {
      return store::ComesBefore(query_, a, b);
    };
    std::inplace_merge(found_.begin(), found_.begin() + old, found_.end(), before);
    if (found_.size() > limit) found_.resize(limit);
  }
  if (walk_.done() || (in_walk_order_ && found_.size() == limit)) EndScan(outcome);
  return Ok();
}

void KeyListing::EndScan(ManagementOutcome& outcome) {
  scanned_ = true;
  if (found_.size() < static_cast<std::size_t>(query_.limit)) return;
  found_.pop_back();
  outcome.reply["next_after"] = found_.back().ToString();
}

Status KeyListing::Read(store::Tables& tables, ManagementOutcome& outcome) {
  std::vector<std::int64_t> refs;
  const std::size_t end = std::min(found_.size(), read_ + kReadStep);
  for (; read_ < end; ++read_) refs.push_back(found_[read_].ref);
  const auto listed = tables.keys.Read(refs);
  if (!listed) return listed.error();
  boost::json::array& keys = outcome.reply["keys"].as_array();
  for (const store::ListedKey& key : *listed)
    keys.push_back(KeyJson(key.record, key.usage, query_.filter.now, keys.storage()));
  return Ok();
}

Result<bool> KeyCounting::Step(store::Tables& tables, ManagementOutcome& outcome) {
  if (!started_) {
    started_ = true;
    const auto last = tables.keys.LastRef();
    if (!last) return last.error();
    walk_ = RefWalk({1, *last}, KeyRepository::kScanStep);
  }
  if (!walk_.done()) {
    const auto part = tables.keys.CountMatches(filter_, walk_.Next());
    if (!part) return part.error();
    count_ += *part;
  }
  if (walk_.done()) outcome.reply["keys"] = count_;
  return walk_.done();
}

}  // namespace claviger::api
