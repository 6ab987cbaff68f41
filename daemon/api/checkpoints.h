// The checkpoints of the audit log that this installation keeps beside its database.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "daemon/audit/checkpoint.h"
#include "daemon/keys/token_mac.h"
#include "daemon/store/database.h"

namespace claviger::api {

// What the newest checkpoint says of the database that is open.
struct CheckpointStanding {
  std::optional<audit::Checkpoint> newest;
  std::string fault;  // "" if the database is not older than it, and holds what it has seen
};

// Thread-safe.
class Checkpoints {
 public:
  explicit Checkpoints(const std::string& state_directory) : path_(state_directory + "/checkpoints") {}

  const std::string& path() const { return path_; }
  CheckpointStanding standing() const EXCLUDES(mutex_);

  // Compares the newest checkpoint with the chain in `database`, and keeps what came of it. Blocks on the
  // token, on the store thread.
  void Judge(store::Database& database, keys::TokenMac& token) EXCLUDES(mutex_);
  // Has the token vouch for `checkpoint`, and adds it to the file. On the store thread.
  Status Seal(audit::Checkpoint& checkpoint, keys::TokenMac& token) EXCLUDES(mutex_);
  // The database is about to be replaced by an older one, by order of an operator: the checkpoints so far are
  // put aside as <path>.before-restore, where those of an earlier restore give way.
  Status BeginNewLine() EXCLUDES(mutex_);

 private:
  const std::string path_;
  mutable Mutex mutex_;
  CheckpointStanding standing_ GUARDED_BY(mutex_);
};

// Whether the token vouches for `checkpoint`. Blocks on it.
Result<bool> IsOurs(const audit::Checkpoint& checkpoint, keys::TokenMac& token);

}  // namespace claviger::api
