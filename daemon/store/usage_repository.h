// Reads and writes the tables `usage`, `usage_caller` and `usage_scope`: who used a key when. Written behind,
// in batches; never part of a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/keys/key_string.h"
#include "daemon/keys/verdict.h"
#include "daemon/store/statement.h"

namespace claviger::store {

struct Usage {
  UnixSeconds first_used = 0;  // 0 here and in last_used = never used, only denied
  UnixSeconds last_used = 0;
  std::uint32_t last_uid = 0;  // of the use at last_used
  std::int64_t uses = 0;
  std::int64_t denials = 0;
  UnixSeconds last_denied = 0;  // 0 = never, or not known
  std::uint32_t last_denied_uid = 0;
  std::optional<keys::VerdictCode> last_denial;
  // The last time that a secret was presented whose generation had ended; 0 = never.
  UnixSeconds ended_secret_presented = 0;
  std::uint32_t ended_generation = 0;  // that one
};

// The local service that presents keys: its uid and, if systemd runs it, its unit.
struct Caller {
  std::uint32_t uid = 0;
  std::string unit;  // "" = none, or one too many of this uid
  friend auto operator<=>(const Caller&, const Caller&) = default;
};

// The uses of one generation by one caller.
struct CallerUse {
  std::uint32_t generation = 0;
  Caller caller;
  UnixSeconds first_used = 0;
  UnixSeconds last_used = 0;
  std::int64_t uses = 0;
};
// A generation keeps so many callers; further ones are counted as {uid, ""}, and beyond that not told apart
// from the first of them, which is one row more.
inline constexpr int kMaxCallersPerGeneration = 64;
// The newest generations that callers are kept of.
inline constexpr int kGenerationsWithCallers = 4;
inline constexpr std::size_t kMaxUnitBytes = 255;  // as systemd; a longer unit is counted as none

// A scope that was asked of an unscoped key.
struct AskedScope {
  std::string scope;
  UnixSeconds last_asked = 0;
};

// A key keeps so many; further ones are not kept. As many as a catalogue can have.
inline constexpr int kMaxAskedScopesPerKey = 4096;

// What to add to the stored usage of one key.
struct UsageIncrement {
  keys::KeyId id;
  std::vector<CallerUse> uses;  // first_used is not looked at
  std::int64_t denials = 0;
  UnixSeconds last_denied = 0;
  std::uint32_t last_denied_uid = 0;
  std::optional<keys::VerdictCode> last_denial;
  std::vector<AskedScope> asked;
};

// Thread-compatible; lives on the store thread; `database` must outlive it.
class UsageRepository {
 public:
  static Result<std::unique_ptr<UsageRepository>> Create(Database& database);
  // The key's place in the table, by which its usage is ordered, too. kNotFound if there is no such key.
  Result<std::int64_t> RefOf(const keys::KeyId& id);
  // kNotFound if there is no such key. An increment older than what is stored adds to the counts and may move
  // first_used back.
  Status Add(const UsageIncrement& increment);
  // nullopt = never presented.
  Result<std::optional<Usage>> Find(const keys::KeyId& id);
  // Latest use first.
  Result<std::vector<CallerUse>> Callers(const keys::KeyId& id);
  // In order of name.
  Result<std::vector<AskedScope>> AskedScopes(const keys::KeyId& id);
  // Notes that a secret of an ended generation was presented. kNotFound if there is no such key.
  Status NoteEndedSecret(const keys::KeyId& id, std::uint32_t generation, UnixSeconds now);

 private:
  UsageRepository(Database& database, std::vector<Statement> statements)
      : database_(database), statements_(std::move(statements)) {}
  Status AddTotals(std::int64_t ref, const UsageIncrement& increment);
  Status AddCaller(std::int64_t ref, const CallerUse& use);
  Result<std::int64_t> CountCallers(std::int64_t ref, std::uint32_t generation);
  // Of generations that are too old to be of interest once `generation` is used.
  Status ForgetCallers(std::int64_t ref, std::uint32_t generation);
  Status AddScope(std::int64_t ref, const AskedScope& asked);

  Database& database_;
  std::vector<Statement> statements_;
};

}  // namespace claviger::store
