// Reads and writes the small tables: `meta` (highest time seen) and `request` (request ids that were done).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/key_string.h"
#include "daemon/store/statement.h"

namespace claviger::store {

inline constexpr std::size_t kMaxRequestIdBytes = 64;

// Thread-compatible; lives on the store thread.
class MetaRepository {
 public:
  static Result<std::unique_ptr<MetaRepository>> Create(Database& database);

  // 0 = never recorded.
  Result<UnixSeconds> HighWater();
  // Keeps the larger of the stored and the given time.
  Status RaiseHighWater(UnixSeconds time);

  // The key that the request `request_id` of `creator` made or rotated; nullopt = not done yet.
  Result<std::optional<keys::KeyId>> FindRequest(std::string_view creator, std::string_view request_id);
  Status RememberRequest(std::string_view creator, std::string_view request_id, const keys::KeyId& id, UnixSeconds now);

 private:
  MetaRepository() = default;
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
