// Reads and writes the table `usage`: who used a key when. Written behind, in batches; never part of a
// record.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/key_string.h"
#include "daemon/store/statement.h"

namespace claviger::store {

struct Usage {
  UnixSeconds first_used = 0;  // 0 here and in last_used = never used, only denied
  UnixSeconds last_used = 0;
  std::uint32_t last_uid = 0;  // of the use at last_used
  std::int64_t uses = 0;
  std::int64_t denials = 0;
};

// What to add to the stored usage of one key.
struct UsageIncrement {
  keys::KeyId id;
  std::int64_t uses = 0;
  std::int64_t denials = 0;
  UnixSeconds last_used = 0;  // 0 = not used, only denied
  std::uint32_t last_uid = 0;
};

// Thread-compatible; lives on the store thread; `database` must outlive it.
class UsageRepository {
 public:
  static Result<std::unique_ptr<UsageRepository>> Create(Database& database);
  // kNotFound if there is no such key. An increment older than what is stored adds to the counts and may move
  // first_used back.
  Status Add(const UsageIncrement& increment);
  // nullopt = never presented.
  Result<std::optional<Usage>> Find(const keys::KeyId& id);

 private:
  UsageRepository(Database& database, std::vector<Statement> statements)
      : database_(database), statements_(std::move(statements)) {}

  Database& database_;
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
