// What the key cache knew when the daemon ended as planned, for the one that starts after it: sealed under a
// key of the token, used once, and only if no key can have changed between the two.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/api/event.h"
#include "daemon/api/live_settings.h"
#include "daemon/api/sealed_pieces.h"
#include "daemon/api/snapshot_rows.h"
#include "daemon/keys/key_cache.h"
#include "daemon/keys/key_profile.h"
#include "daemon/keys/proof.h"
#include "daemon/keys/token_mac.h"
#include "daemon/store/database.h"

namespace claviger::api {

// Of an open database, on the store thread.
Result<StoreMoment> MomentOf(store::Database& database);

// Taken by one thread after the other; what it loads, it loads on a thread of its own.
class CacheSnapshot {
 public:
  // All of these outlive the snapshot.
  struct Parts {
    keys::KeyCache& cache;
    keys::KeyProfiles& profiles;
    keys::ProofKey& proof_key;
    const TimeSource& time;
    GuardedClock& clock;
  };
  // Who has the token and where the snapshot lies.
  struct Place {
    std::string path;
    keys::TokenMac& token;
    std::string installation;  // its id
  };
  using Log = std::function<void(Severity, const std::string&)>;

  CacheSnapshot(const Parts& parts, Log log);
  // Ends the loading.
  ~CacheSnapshot();
  CacheSnapshot(const CacheSnapshot&) = delete;
  CacheSnapshot& operator=(const CacheSnapshot&) = delete;

  // Writes the active keys that have a proof, under the catalogue of `live`, also those that are still being
  // loaded: it waits for them. Blocks on the token. Nothing else may change an entry meanwhile: on the store
  // thread, with all changes in force that `moment` has seen. How many were written.
  Result<std::uint64_t> Write(const Place& place, const StoreMoment& moment, const LiveSettings& live);
  // So long the writing takes at most; what was not written by then is left out.
  static constexpr std::chrono::seconds kLongestWriting{10};

  // Takes the file away and, if it belongs to `moment`, goes on with the proofs that it holds, each for the
  // rest of its time. On the store thread, before any change is in force, any proof is made, and any loop
  // runs. Blocks on the token. False: there is nothing to load, for a reason that was logged unless there was
  // no file.
  bool Claim(const Place& place, const StoreMoment& moment, const LiveSettingsPtr& live);
  // Has what was claimed loaded while others work. Once.
  void StartLoading();
  // Takes away what nobody has claimed.
  static void Discard(const std::string& path);

 private:
  struct Loading;

  Status ReadHead(const StoreMoment& moment);
  void Load();
  // Of these, false: the loading has been ended.
  Result<bool> LoadPieces();
  Result<bool> LoadPiece(std::span<const std::uint8_t> rows);
  Result<bool> LoadEntries(std::span<const std::uint8_t> rows);
  std::optional<SteadyTime> HoldsUntil(const SnapshotProof& proof) const;

  const Parts parts_;
  const Log log_;
  std::unique_ptr<Loading> loading_;  // what was claimed
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

}  // namespace claviger::api
