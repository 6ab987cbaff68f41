#include "daemon/keys/key_cache_shard.h"

#include <algorithm>
#include <utility>

namespace claviger::keys {
namespace {

using Place = std::uint64_t;  // KeyCache::Shard
constexpr Place kFree = 0;
constexpr Place kGivenUp = 1;
constexpr unsigned kAddressBits = 48;
constexpr Place kAddressMask = (Place{1} << kAddressBits) - 1;
constexpr std::size_t kFewestPlaces = 8;
constexpr std::size_t kLimboSize = 32;  // entries out of reach that wait for readers before someone looks

Place PlaceOf(const KeyEntry* entry, std::uint64_t hash) {
  return (reinterpret_cast<std::uintptr_t>(entry) & kAddressMask) | (hash & 0xFFFF) << kAddressBits;
}
KeyEntry* EntryOf(Place place) {
  return place <= kGivenUp ? nullptr : reinterpret_cast<KeyEntry*>(place & kAddressMask);
}
bool Marked(Place place, std::uint64_t hash) {
  return place > kGivenUp && place >> kAddressBits == (hash & 0xFFFF);
}

// Whether at least a quarter of a table of `size` places stays free, so that every search ends.
bool HasRoom(std::size_t size, std::size_t used) { return used * 4 <= size * 3; }

}  // namespace

std::uint64_t KeyCache::Shard::HashOf(const KeyId& id) {
  // The lower bits of an id's hash are random, those of one second may have the upper ones in common; each
  // bit of this product depends on all below it.
  return std::hash<KeyId>()(id) * 0x9E3779B97F4A7C15U;
}

KeyCache::Shard::Shard() : table_(new Table(kFewestPlaces)) {}

KeyCache::Shard::~Shard() {
  const std::unique_ptr<Table> table(table_.load());
  for (std::size_t at = 0; at < table->size(); ++at) {
    if (KeyEntry* const entry = EntryOf(table->places[at].load())) intrusive_ptr_release(entry);
  }
}

void KeyCache::Shard::SetUp(ReadEpochs& epochs, std::size_t capacity, std::atomic<std::size_t>& all) {
  all_ = &all;
  epochs_ = &epochs;
  capacity_ = capacity;
}

void KeyCache::Shard::Prefetch(std::uint64_t hash) const {
  const Table& now = table();
  __builtin_prefetch(&now.places[now.StartOf(hash)]);
}

void KeyCache::Shard::PrefetchEntry(std::uint64_t hash) const {
  const Table& now = table();
  // As Peek does: of many keys a quarter to a third are not in their first place.
  for (std::size_t at = now.StartOf(hash);; at = now.Next(at)) {
    const Place place = now.places[at].load(std::memory_order_relaxed);
    if (place == kFree) return;
    if (!Marked(place, hash)) continue;
    const char* const entry = reinterpret_cast<const char*>(EntryOf(place));
    __builtin_prefetch(entry);
    __builtin_prefetch(entry + 64);
    return;
  }
}

std::atomic<Place>* KeyCache::Shard::PlaceFor(std::uint64_t hash, const KeyId& id) const {
  const Table& now = table();
  for (std::size_t at = now.StartOf(hash);; at = now.Next(at)) {
    const Place place = now.places[at].load(std::memory_order_seq_cst);
    if (place == kFree) return nullptr;
    if (Marked(place, hash) && EntryOf(place)->id() == id) return &now.places[at];
  }
}

KeyEntry* KeyCache::Shard::Peek(std::uint64_t hash, const KeyId& id) const {
  const Table& now = table();
  for (std::size_t at = now.StartOf(hash);; at = now.Next(at)) {
    const Place place = now.places[at].load(std::memory_order_seq_cst);
    if (place == kFree) return nullptr;
    if (!Marked(place, hash)) continue;
    KeyEntry* const entry = EntryOf(place);
    if (entry->id() != id) continue;
    if (!entry->asked_for_.load(std::memory_order_relaxed))
      entry->asked_for_.store(true, std::memory_order_relaxed);
    return entry;
  }
}

KeyEntryPtr KeyCache::Shard::Find(std::uint64_t hash, const KeyId& id) {
  const MutexLock lock(mutex_);
  return KeyEntryPtr(Peek(hash, id));
}

void KeyCache::Shard::Put(std::uint64_t hash, const KeyEntryPtr& entry) {
  const MutexLock lock(mutex_);
  if (loading_) changed_.insert(entry->id());
  if (std::atomic<Place>* const place = PlaceFor(hash, entry->id())) {
    KeyEntry* const old = EntryOf(place->load());
    if (old == entry.get()) return;
    intrusive_ptr_add_ref(entry.get());
    place->store(PlaceOf(entry.get(), hash));
    old->Supersede();
    Retire({KeyEntryPtr(old, false), nullptr, epochs_->Close()});
    return;
  }
  if (IsFull() && held_ != 0) MakeRoom();
  Insert(hash, entry);
}

KeyCache::Loaded KeyCache::Shard::Load(std::uint64_t hash, const KeyEntryPtr& entry) {
  const MutexLock lock(mutex_);
  if (!loading_) return Loaded::kEnded;
  if (IsFull() || changed_.contains(entry->id()) || PlaceFor(hash, entry->id()) != nullptr) {
    return Loaded::kLeft;
  }
  Insert(hash, entry);
  return Loaded::kTaken;
}

void KeyCache::Shard::BeginLoading() {
  const MutexLock lock(mutex_);
  loading_ = true;
}

void KeyCache::Shard::ExpectToHold(std::size_t count) {
  const MutexLock lock(mutex_);
  std::size_t size = kFewestPlaces;
  while (!HasRoom(size, count)) size *= 2;
  if (size > table().size()) Rehash(size);
}

void KeyCache::Shard::EndLoading() {
  const MutexLock lock(mutex_);
  StopLoading();
}

void KeyCache::Shard::StopLoading() {
  loading_ = false;
  changed_ = {};
}

void KeyCache::Shard::Insert(std::uint64_t hash, const KeyEntryPtr& entry) {
  if (!HasRoom(table().size(), used_ + 1)) Resize();
  const Table& now = table();
  std::size_t at = now.StartOf(hash);
  while (now.places[at].load(std::memory_order_relaxed) > kGivenUp) at = now.Next(at);
  if (now.places[at].load(std::memory_order_relaxed) == kFree) ++used_;
  intrusive_ptr_add_ref(entry.get());
  now.places[at].store(PlaceOf(entry.get(), hash));
  ++held_;
  all_->fetch_add(1, std::memory_order_relaxed);
}

// Twice round at most: the first takes the second chances, the second finds who had none. An entry that
// someone holds stays if it can, since its holder may be about to answer with it and must learn of changes.
// The count is exact enough: new holders come only from Find(), which needs the mutex; readers that hold none
// look at superseded().
void KeyCache::Shard::MakeRoom() {
  const Table& now = table();
  std::atomic<Place>* chosen = nullptr;
  for (std::size_t step = 0; step < 2 * now.size(); ++step) {
    hand_ = now.Next(hand_);
    std::atomic<Place>& place = now.places[hand_];
    const KeyEntry* const entry = EntryOf(place.load(std::memory_order_relaxed));
    if (entry == nullptr) continue;
    chosen = &place;
    if (!entry->asked_for_.load(std::memory_order_relaxed) && entry->references_.load() == 1) break;
    const_cast<KeyEntry*>(entry)->asked_for_.store(false, std::memory_order_relaxed);
  }
  if (chosen != nullptr) GiveUp(*chosen);
}

void KeyCache::Shard::Resize() {
  std::size_t size = kFewestPlaces;
  while (size < 2 * (held_ + 1)) size *= 2;
  Rehash(size);
}

// Readers go on in the old table; what they find there is right as long as nothing is unlinked, which only
// the new one is asked for from here on: a reader that misses a change in it has entered before.
void KeyCache::Shard::Rehash(std::size_t size) {
  const Table& old = table();
  auto larger = std::make_unique<Table>(size);
  for (std::size_t at = 0; at < old.size(); ++at) {
    const Place place = old.places[at].load(std::memory_order_relaxed);
    if (place <= kGivenUp) continue;
    std::size_t to = larger->StartOf(HashOf(EntryOf(place)->id()));
    while (larger->places[to].load(std::memory_order_relaxed) != kFree) to = larger->Next(to);
    larger->places[to].store(place, std::memory_order_relaxed);
  }
  used_ = held_;
  hand_ = 0;
  std::unique_ptr<Table> retired(table_.exchange(larger.release()));
  Retire({nullptr, std::move(retired), epochs_->Close()});
}

void KeyCache::Shard::GiveUp(std::atomic<Place>& place) {
  KeyEntryPtr entry(EntryOf(place.exchange(kGivenUp)), false);
  entry->Supersede();
  --held_;
  all_->fetch_sub(1, std::memory_order_relaxed);
  Retire({std::move(entry), nullptr, epochs_->Close()});
}

void KeyCache::Shard::Retire(Limbo limbo) {
  limbo_.push_back(std::move(limbo));
  if (limbo_.size() >= kLimboSize) EmptyLimbo();
}

void KeyCache::Shard::EmptyLimbo() {
  std::erase_if(limbo_, [this](const Limbo& limbo) { return epochs_->HasPassed(limbo.epoch); });
}

bool KeyCache::Shard::NoteChange(std::uint64_t hash, const KeyId& id) {
  const MutexLock lock(mutex_);
  if (loading_) changed_.insert(id);
  return PlaceFor(hash, id) != nullptr;
}

void KeyCache::Shard::Erase(std::uint64_t hash, const KeyId& id) {
  const MutexLock lock(mutex_);
  if (loading_) changed_.insert(id);
  if (std::atomic<Place>* const place = PlaceFor(hash, id)) GiveUp(*place);
  EmptyLimbo();
}

void KeyCache::Shard::Clear() {
  const MutexLock lock(mutex_);
  StopLoading();
  if (used_ == 0) return;
  const Table& old = table();
  for (std::size_t at = 0; at < old.size(); ++at) {
    if (old.places[at].load(std::memory_order_relaxed) > kGivenUp) GiveUp(old.places[at]);
  }
  Resize();
  EmptyLimbo();
}

void KeyCache::Shard::DropProofs() {
  EndLoading();
  ForEach([](KeyEntry& entry) { entry.DropProofs(); });
}

void KeyCache::Shard::ForEach(const std::function<void(KeyEntry&)>& each) const {
  const MutexLock lock(mutex_);
  const Table& now = table();
  for (std::size_t at = 0; at < now.size(); ++at) {
    if (KeyEntry* const entry = EntryOf(now.places[at].load(std::memory_order_relaxed))) each(*entry);
  }
}

}  // namespace claviger::keys
