// The writing half of CacheSnapshot.
#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include "daemon/api/cache_snapshot.h"
#include "daemon/api/token_inputs.h"

namespace claviger::api {
namespace {

using std::chrono::milliseconds;

// About so large a piece becomes before it is written: some thousand entries.
constexpr std::size_t kPieceBytes = 256 * 1024;

// Gathers rows of one kind after the other into pieces.
class Pieces {
 public:
  Pieces(SealedPieceWriter& writer, SteadyTime until) : writer_(writer), until_(until) {
    piece_.reserve(kPieceBytes + kPieceBytes / 4);
  }

  // Where the next row of `kind` goes; nullptr: no more can be written.
  WipingBuffer* Begin(SnapshotRows kind) {
    if (!piece_.empty() && (piece_.size() >= kPieceBytes || kind != kind_)) Send(false);
    if (!failed_ && piece_.empty()) {
      late_ = late_ || SteadyNow() >= until_;
      kind_ = kind;
      piece_.push_back(static_cast<char>(kind));
    }
    return failed_ || late_ ? nullptr : &piece_;
  }
  Status End() {
    Send(true);
    return std::move(outcome_);
  }

 private:
  void Send(bool last) {
    if (failed_) return;
    outcome_ = writer_.Write(piece_, last);
    failed_ = !outcome_;
  }

  SealedPieceWriter& writer_;
  const SteadyTime until_;
  WipingBuffer piece_;
  SnapshotRows kind_ = SnapshotRows::kHead;
  Status outcome_ = Ok();
  bool failed_ = false;
  bool late_ = false;
};

SnapshotProof LifeOf(const std::optional<keys::HeldProof>& held, SteadyTime now) {
  if (!held) return {};
  constexpr auto kLongest = milliseconds(std::numeric_limits<std::uint32_t>::max());
  return {held->proof, std::min(std::chrono::floor<milliseconds>(held->until - now), kLongest)};
}

// The places of the profiles, in the order in which they are written.
using ProfilePlaces = std::unordered_map<const keys::KeyProfile*, std::uint32_t>;

ProfilePlaces WriteProfiles(const keys::KeyProfiles& profiles, const keys::Catalogue& catalogue,
                            Pieces& pieces) {
  ProfilePlaces places;
  profiles.ForEach(catalogue, [&](const keys::KeyProfile& profile, const keys::KeyRecord& record) {
    WipingBuffer* const piece = pieces.Begin(SnapshotRows::kProfiles);
    if (piece == nullptr) return;
    places.emplace(&profile, static_cast<std::uint32_t>(places.size()));
    AppendProfileRow(*piece, record);
  });
  return places;
}

std::uint64_t WriteEntries(const keys::KeyCache& cache, const ProfilePlaces& places, UnixSeconds wall,
                           SteadyTime now, Pieces& pieces) {
  std::uint64_t written = 0;
  cache.ForEach([&](const keys::KeyEntry& entry) {
    SnapshotEntry row;
    row.parts = entry.parts();
    if (row.parts.state != keys::RecordState::kActive || row.parts.expires <= wall) return;
    const auto place = places.find(&entry.profile());
    if (place == places.end()) return;
    row.profile = place->second;
    row.current = LifeOf(entry.ProofOf(row.parts.generation, now), now);
    if (row.parts.previous) row.previous = LifeOf(entry.ProofOf(row.parts.previous->number, now), now);
    if (row.current.life <= milliseconds(0) && row.previous.life <= milliseconds(0)) return;
    WipingBuffer* const piece = pieces.Begin(SnapshotRows::kEntries);
    if (piece == nullptr) return;
    AppendEntryRow(*piece, row);
    ++written;
  });
  return written;
}

}  // namespace

Result<std::uint64_t> CacheSnapshot::Write(const Place& place, const StoreMoment& moment,
                                           const LiveSettings& live) {
  if (parts_.clock.suspect()) return Error(ErrorCode::kConflict, "the clock is suspect");
  if (thread_.joinable()) thread_.join();
  auto writer = SealedPieceWriter::Create(place.path, [&place](const SealedNonce& nonce) {
    return SnapshotKey(place.token, place.installation, nonce);
  });
  if (!writer) return writer.error();
  const SteadyTime now = SteadyNow();
  SnapshotHead head{moment, parts_.time.Wall(), parts_.time.Boottime(), parts_.cache.size(), {}};
  std::ranges::copy(parts_.proof_key.Expose(), head.proof_key.ExposeForWriting().begin());
  Pieces pieces(*writer, now + kLongestWriting);
  if (WipingBuffer* const piece = pieces.Begin(SnapshotRows::kHead)) AppendHeadRow(*piece, head);
  const ProfilePlaces places = WriteProfiles(parts_.profiles, *live.catalogue, pieces);
  const std::uint64_t written = WriteEntries(parts_.cache, places, head.wall, now, pieces);
  if (Status s = pieces.End(); !s) return s.error();
  if (Status s = writer->Finish(); !s) return s.error();
  return written;
}

}  // namespace claviger::api
