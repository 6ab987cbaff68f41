#include "daemon/api/cache_snapshot.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "daemon/api/token_inputs.h"
#include "daemon/store/statement.h"

namespace claviger::api {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kIgnored = "what the cache knew before the restart is not used: ";

SealedKeySource KeySourceOf(const CacheSnapshot::Place& place) {
  return [&place](const SealedNonce& nonce) { return SnapshotKey(place.token, place.installation, nonce); };
}

Error Malformed() { return Error(ErrorCode::kCorrupt, "it holds what this version does not understand"); }

}  // namespace

Result<StoreMoment> MomentOf(store::Database& database) {
  StoreMoment moment;
  auto schema = store::Statement::Prepare(database, "PRAGMA user_version");
  if (!schema) return schema.error();
  const auto version = schema->Step();
  if (!version) return version.error();
  if (*version) moment.schema = schema->Int(0);
  auto newest =
      store::Statement::Prepare(database, "SELECT sequence, mac FROM audit ORDER BY sequence DESC LIMIT 1");
  if (!newest) return newest.error();
  const auto row = newest->Step();
  if (!row) return row.error();
  if (!*row) return moment;
  const std::span<const std::uint8_t> mac = newest->Blob(1);
  if (mac.size() != moment.newest_act.size()) return Error(ErrorCode::kCorrupt, "an audit record has no MAC");
  moment.sequence = newest->Int(0);
  std::ranges::copy(mac, moment.newest_act.begin());
  return moment;
}

// What was claimed, and where its loading stands.
struct CacheSnapshot::Loading {
  SealedPieceReader reader;
  const LiveSettingsPtr live;
  SteadyTime claimed_at;
  milliseconds passed{0};  // between the writing and the claim, by the clock that says more
  std::vector<keys::KeyProfilePtr> profiles;
  std::uint64_t entries = 0;  // that follow, at most
  std::uint64_t taken = 0;
};

CacheSnapshot::CacheSnapshot(const Parts& parts, Log log) : parts_(parts), log_(std::move(log)) {}

CacheSnapshot::~CacheSnapshot() {
  ends_ = true;
  if (thread_.joinable()) thread_.join();
  if (loading_) parts_.cache.EndLoading();
}

bool CacheSnapshot::Claim(const Place& place, const StoreMoment& moment, const LiveSettingsPtr& live) {
  // Before anything is looked at, so that no Clear and no DropProofs is missed.
  parts_.cache.BeginLoading();
  auto reader = SealedPieceReader::Take(place.path, KeySourceOf(place));
  Status claimed = Ok();
  if (reader) {
    loading_ = std::make_unique<Loading>(Loading{std::move(*reader), live, SteadyNow(), {}, {}, 0, 0});
    claimed = ReadHead(moment);
  } else {
    claimed = reader.error();
  }
  if (claimed) return true;
  loading_.reset();
  parts_.cache.EndLoading();
  if (claimed.error().code() != ErrorCode::kNotFound) {
    log_(Severity::kInfo, std::string(kIgnored) + claimed.error().message());
  }
  return false;
}

Status CacheSnapshot::ReadHead(const StoreMoment& moment) {
  const auto piece = loading_->reader.Next();
  if (!piece) return piece.error();
  SnapshotHead head;
  std::span<const std::uint8_t> rows = piece->value_or(std::span<const std::uint8_t>());
  if (rows.empty() || rows.front() != static_cast<std::uint8_t>(SnapshotRows::kHead)) return Malformed();
  rows = rows.subspan(1);
  if (!TakeHeadRow(rows, head) || !rows.empty()) return Malformed();
  if (head.moment != moment) {
    return Error(ErrorCode::kConflict, "the database is another than it was then, or was changed since");
  }
  (void)parts_.clock.Now();  // it judges the clock when it is asked
  const UnixSeconds wall = parts_.time.Wall();
  if (parts_.clock.suspect() || wall < head.wall) {
    return Error(ErrorCode::kConflict, "the clock is not to be trusted, or was set back");
  }
  // The boot clock cannot be set; if the host was started anew it says less than the wall clock, or more than
  // is true, which only ends proofs early.
  const std::int64_t seconds = std::max(wall - head.wall, parts_.time.Boottime() - head.boottime);
  // Both count whole seconds: one more may have passed.
  loading_->passed =
      std::chrono::seconds(std::min<std::int64_t>(seconds, std::numeric_limits<std::int32_t>::max()) + 1);
  loading_->entries = head.entries;
  parts_.proof_key.TakeOver(head.proof_key.Expose());
  return Ok();
}

void CacheSnapshot::StartLoading() {
  if (!loading_ || thread_.joinable()) return;
  thread_ = std::thread([this] { Load(); });
}

void CacheSnapshot::Discard(const std::string& path) {
  ::unlink(path.c_str());
  ::unlink(SealedPieceWriter::UnfinishedPath(path).c_str());
}

void CacheSnapshot::Load() {
  pthread_setname_np(pthread_self(), "claviger-load");
  const Result<bool> loaded = LoadPieces();
  parts_.cache.EndLoading();
  const std::string taken =
      std::to_string(loading_->taken) + " keys are confirmed as they were before the restart";
  if (!loaded) {
    log_(Severity::kWarning,
         taken + "; the rest of what the cache knew then is not used: " + loaded.error().message());
  } else if (*loaded) {
    log_(Severity::kInfo, taken);
  } else if (!ends_) {
    log_(Severity::kInfo, "what the cache knew before the restart is not used: it was emptied meanwhile");
  }
  loading_.reset();
}

Result<bool> CacheSnapshot::LoadPieces() {
  parts_.cache.ExpectToHold(loading_->entries);
  while (!ends_) {
    const auto piece = loading_->reader.Next();
    if (!piece) return piece.error();
    if (!*piece) return true;
    Result<bool> goes_on = LoadPiece(**piece);
    if (!goes_on || !*goes_on) return goes_on;
  }
  return false;
}

Result<bool> CacheSnapshot::LoadPiece(std::span<const std::uint8_t> rows) {
  const auto kind = static_cast<SnapshotRows>(rows.front());
  rows = rows.subspan(1);
  if (kind == SnapshotRows::kEntries) return LoadEntries(rows);
  if (kind != SnapshotRows::kProfiles) return Malformed();
  while (!rows.empty()) {
    keys::KeyRecord record;
    if (!TakeProfileRow(rows, record)) return Malformed();
    loading_->profiles.push_back(parts_.profiles.Of(record, loading_->live->catalogue));
  }
  return true;
}

Result<bool> CacheSnapshot::LoadEntries(std::span<const std::uint8_t> rows) {
  while (!rows.empty() && !ends_) {
    SnapshotEntry row;
    if (!TakeEntryRow(rows, row) || row.profile >= loading_->profiles.size()) return Malformed();
    const auto current = HoldsUntil(row.current), previous = HoldsUntil(row.previous);
    if (!current && !previous) continue;
    const keys::KeyEntryPtr entry = keys::KeyEntry::Make(row.parts, loading_->profiles[row.profile]);
    if (current) entry->HoldProof(row.parts.generation, row.current.proof, *current);
    if (previous) entry->HoldProof(row.parts.previous->number, row.previous.proof, *previous);
    const auto loaded = parts_.cache.Load(entry);
    if (loaded == keys::KeyCache::Loaded::kEnded) return false;
    if (loaded == keys::KeyCache::Loaded::kTaken) ++loading_->taken;
  }
  return true;
}

std::optional<SteadyTime> CacheSnapshot::HoldsUntil(const SnapshotProof& proof) const {
  // Settings may have become stricter.
  const milliseconds left =
      std::min(proof.life - loading_->passed,
               std::chrono::duration_cast<milliseconds>(loading_->live->proof_lifetime));
  if (left <= milliseconds(0)) return std::nullopt;
  return loading_->claimed_at + left;
}

}  // namespace claviger::api
