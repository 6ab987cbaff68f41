// Reads and writes the small tables: `meta` (highest time seen) and `request` (request ids that were done).
#pragma once

#include <cstddef>
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

// Thread-compatible; lives on the store thread; `database` must outlive it.
class MetaRepository {
 public:
  static Result<std::unique_ptr<MetaRepository>> Create(Database& database);

  // 0 = never recorded. kCorrupt if its row is gone.
  Result<UnixSeconds> HighWater();
  // Keeps the larger of the stored and the given time.
  Status RaiseHighWater(UnixSeconds time);

  // The key that the request `request_id` of `creator` made or rotated; nullopt = not done yet.
  Result<std::optional<keys::KeyId>> FindRequest(std::string_view creator, std::string_view request_id);
  // kConflict if it is remembered already; kInvalidArgument for a request id that is empty or longer than
  // kMaxRequestIdBytes.
  Status RememberRequest(std::string_view creator, std::string_view request_id, const keys::KeyId& id,
                         UnixSeconds now);

 private:
  explicit MetaRepository(std::vector<Statement> statements) : statements_(std::move(statements)) {}
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
