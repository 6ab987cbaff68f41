#include "daemon/api/usage_ledger.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace claviger::api {
namespace {

constexpr std::size_t kFirstPlaces = 1024;
constexpr unsigned kPositionBits = 19;
constexpr std::uint32_t kPositionMask = (std::uint32_t{1} << kPositionBits) - 1;
static_assert(UsageLedger::kMaxHeld <= kPositionMask);

std::size_t HashOf(const UsageNote& note, const CallerPtr& caller) {
  const std::size_t which = note.generation * 31 + static_cast<std::size_t>(note.code);
  const std::size_t hash =
      std::hash<keys::KeyId>()(note.id) ^ (std::hash<CallerPtr>()(caller) >> 4) ^ (which << 7);
  return hash * 0x9E3779B97F4A7C15U;  // each bit of it depends on all below it
}

// The highest bits of the hash, as they stand in a place.
std::uint32_t MarkOf(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32) & ~kPositionMask; }
std::uint32_t PlaceWith(std::size_t position, std::size_t hash) {
  return MarkOf(hash) | static_cast<std::uint32_t>(position + 1);
}
bool Marked(std::uint32_t place, std::size_t hash) { return (place & ~kPositionMask) == MarkOf(hash); }
std::size_t PositionIn(std::uint32_t place) { return (place & kPositionMask) - 1; }

}  // namespace

CallerPtr Callers::Of(std::uint32_t uid, const std::string& unit) {
  const MutexLock lock(mutex_);
  std::weak_ptr<const store::Caller>& known = known_[store::Caller{uid, unit}];
  if (CallerPtr caller = known.lock()) return caller;
  CallerPtr caller = std::make_shared<store::Caller>(store::Caller{uid, unit});
  known = caller;
  if (known_.size() > prune_at_) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    prune_at_ = std::max<std::size_t>(1024, 2 * known_.size());
  }
  return caller;
}

UsageLedger::UsageLedger() : places_(kFirstPlaces) { kinds_.reserve(kFirstPlaces / 2); }

void UsageLedger::Note(std::span<const UsageNote> notes, const CallerPtr& caller, UnixSeconds now) {
  const MutexLock lock(mutex_);
  if (notes.size() > 1) {
    for (const UsageNote& note : notes) __builtin_prefetch(&places_[FirstPlaceOf(HashOf(note, caller))]);
  }
  for (const UsageNote& note : notes) NoteOne(note, caller, now);
}

std::size_t UsageLedger::FirstPlaceOf(std::size_t hash) const { return hash >> 16 & (places_.size() - 1); }

UsageLedger::Place& UsageLedger::PlaceOf(std::size_t hash, const UsageNote& note, const CallerPtr& caller) {
  const auto is_it = [&](const Kind& kind) {
    return kind.what.id == note.id && kind.what.generation == note.generation &&
           kind.what.code == note.code && kind.caller == caller;
  };
  for (std::size_t at = FirstPlaceOf(hash);; at = (at + 1) & (places_.size() - 1)) {
    Place& place = places_[at];
    if (place == 0 || (Marked(place, hash) && is_it(kinds_[PositionIn(place)]))) return place;
  }
}

void UsageLedger::NoteOne(const UsageNote& note, const CallerPtr& caller, UnixSeconds now) {
  const std::size_t hash = HashOf(note, caller);
  Place* place = &PlaceOf(hash, note, caller);
  if (*place == 0) {
    if (kinds_.size() >= kMaxHeld) return;
    if (2 * (kinds_.size() + 1) > places_.size()) {
      Grow();
      place = &PlaceOf(hash, note, caller);
    }
    kinds_.push_back({note, caller, 0, 0});
    *place = PlaceWith(kinds_.size() - 1, hash);
  }
  Kind& kind = kinds_[PositionIn(*place)];
  ++kind.count;
  kind.last = std::max(kind.last, now);
}

void UsageLedger::Grow() {
  places_.assign(2 * places_.size(), 0);
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const std::size_t hash = HashOf(kinds_[i].what, kinds_[i].caller);
    PlaceOf(hash, kinds_[i].what, kinds_[i].caller) = PlaceWith(i, hash);
  }
}

std::size_t UsageLedger::Room() {
  const MutexLock lock(mutex_);
  return room_;
}

void UsageLedger::NoteAsked(const keys::KeyId& id, std::string_view scope, UnixSeconds now) {
  const MutexLock lock(mutex_);
  if (asked_.size() < kMaxHeld) asked_.push_back({id, {std::string(scope), now}});
}

void UsageLedger::AddTo(store::UsageIncrement& increment, const Kind& kind) {
  if (kind.what.code == keys::VerdictCode::kValid) {
    increment.uses.push_back({kind.what.generation, *kind.caller, 0, kind.last, kind.count});
    return;
  }
  increment.denials += kind.count;
  if (kind.last < increment.last_denied) return;
  increment.last_denied = kind.last;
  increment.last_denied_uid = kind.caller->uid;
  increment.last_denial = kind.what.code;
}

void UsageLedger::TakeInto(UsageByKey& increments, std::vector<Denial>& denials) {
  std::vector<Kind> kinds;
  std::vector<Asked> asked;
  // What the loop goes on with has as much room as it needed lately, so that it need not make any.
  const std::size_t room = Room();
  Places places(std::max(kFirstPlaces, std::bit_ceil(2 * room)));
  kinds.reserve(places.size() / 2);
  {
    const MutexLock lock(mutex_);
    if (kinds_.empty() && asked_.empty()) return;
    kinds.swap(kinds_);
    asked.swap(asked_);
    places.swap(places_);
    room_ = std::max(kinds.size(), room / 2);
  }
  const auto of = [&](const keys::KeyId& id) -> store::UsageIncrement& {
    store::UsageIncrement& increment = increments[id];
    increment.id = id;
    return increment;
  };
  for (const Kind& kind : kinds) {
    AddTo(of(kind.what.id), kind);
    if (kind.what.code != keys::VerdictCode::kValid)
      denials.push_back({kind.what.id, kind.what.code, kind.caller, kind.count});
  }
  for (Asked& one : asked) of(one.id).asked.push_back(std::move(one.scope));
}

}  // namespace claviger::api
