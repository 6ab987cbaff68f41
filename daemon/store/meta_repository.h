// Reads and writes the small tables: `meta` (highest time seen) and `request` (request ids that were done).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/key_string.h"
#include "daemon/store/statement.h"

namespace claviger::store {

inline constexpr std::size_t kMaxRequestIdBytes = 64;
// Seconds for which the id of a request is remembered at least.
inline constexpr std::int64_t kRequestMemory = 30 * 86400;

// Thread-compatible; lives on the store thread; `database` must outlive it.
class MetaRepository {
 public:
  static Result<std::unique_ptr<MetaRepository>> Create(Database& database);

  // 0 = never recorded. kCorrupt if its row is gone.
  Result<UnixSeconds> HighWater();
  // Keeps the larger of the stored and the given time.
  Status RaiseHighWater(UnixSeconds time);
  // Keeps the given time, whatever was stored: an operator says that a later one was wrong.
  Status SetHighWater(UnixSeconds time);

  // The key that the request `request_id` of `creator` made or rotated; nullopt = not done yet.
  Result<std::optional<keys::KeyId>> FindRequest(std::string_view creator, std::string_view request_id);
  // kConflict if it is remembered already; kInvalidArgument for a request id that is empty or longer than
  // kMaxRequestIdBytes.
  Status RememberRequest(std::string_view creator, std::string_view request_id, const keys::KeyId& id,
                         UnixSeconds now);
  // Forgets requests that were remembered before `before`, the oldest first, at most `limit`. How many those
  // were. Who calls it leaves kRequestMemory to those who repeat a request.
  Result<int> PruneRequests(UnixSeconds before, int limit);

 private:
  MetaRepository(Database& database, std::vector<Statement> statements)
      : database_(database), statements_(std::move(statements)) {}

  Database& database_;
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
