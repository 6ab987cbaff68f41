// The chained record of acts. Each act is written in the same transaction as what it records: both are there,
// or neither.
//
// Record i of an epoch carries mac(i) = HMAC-SHA-256(K(i), canonical record i || mac of the record before it,
// in whichever epoch). K(0) = HMAC(audit key in the token, "claviger/audit/1" || installation id || epoch);
// K(i+1) = SHA-256("claviger/audit-ratchet/1" || K(i)), and K(i) is wiped: who reads the process's memory
// cannot forge what was written before. Every start, rollback of written rows, and checkpoint begins
// an epoch. What the chain alone does not show: that its newest records were cut off, and a forgery by
// someone who can use the token (it gives K(0) of every epoch). Both show by checkpoints (checkpoint.h) that
// are kept elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/token_purpose.h"
#include "daemon/store/database.h"

namespace claviger::audit {

// Who did it, from the socket's peer credentials; never from what the peer says.
struct Actor {
  std::string user;  // name, or "uid:1234" if the host knows none
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t pid = 0;  // 0 = the daemon itself
  std::string unit;      // systemd unit; "" if none
  std::string command;   // the process's comm, for people; a process can set its own
};

struct Act {
  Actor actor;
  std::string name;     // "key.create", "key.rotate", "key.revoke", "token.unlock", ...
  std::string subject;  // key id; "" if the act is not about a key
  std::string before;   // JSON object without secrets and verifiers; "" if there was nothing before
  std::string after;    // likewise
};

struct AuditRecord {
  std::int64_t sequence = 0;  // from 1, without gaps
  std::int64_t epoch = 0;
  std::int64_t index = 0;  // in its epoch, from 0
  UnixSeconds at = 0;
  Act act;
  Mac mac{};
};

// Makes K(0) of an epoch in the token.
using EpochKeySource = std::function<Result<Mac>(std::int64_t epoch)>;

// Thread-compatible; lives on the store thread.
class AuditLog {
 public:
  explicit AuditLog(EpochKeySource epoch_key) : epoch_key_(std::move(epoch_key)) {}

  // Appends in the caller's transaction; the record's sequence. Blocks on the token once an epoch; its error
  // means that nothing was appended.
  Result<std::int64_t> Append(store::Database& database, const Act& act, UnixSeconds now);
  // To be called after any rollback and when the database is closed: the next Append reads the chain's end
  // anew and begins an epoch. Also before a checkpoint, so that no walk from one must go through the keys of
  // a long epoch.
  void Invalidate();

  // Newest first; at most `limit` (1 to 500) records with a sequence below `before` (nullopt: from the
  // newest), about `subject` unless it is "". MACs are not checked.
  Result<std::vector<AuditRecord>> List(store::Database& database, std::string_view subject,
                                        std::optional<std::int64_t> before, int limit);
  // For a walk over the chain (ChainWalk).
  const EpochKeySource& epoch_key() const { return epoch_key_; }

  // The acts of a transaction are handed out only once it is durable. What the work that has just ended
  // appended stays in its transaction, or is undone; then the transaction ends.
  void WorkEnded(bool kept);
  void TransactionEnded(bool durable);
  // The acts that have become durable since the last call, in their order.
  std::vector<AuditRecord> TakeDurable();

 private:
  struct Chain {  // where the next record goes
    std::int64_t sequence;
    std::int64_t epoch;
    std::int64_t index;
    SecretArray<32> key;
    Mac previous;
  };
  Status BeginEpoch(store::Database& database);

  EpochKeySource epoch_key_;
  std::optional<Chain> chain_;
  std::vector<AuditRecord> of_work_, of_transaction_, durable_;
};

}  // namespace claviger::audit
