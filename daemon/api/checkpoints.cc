#include "daemon/api/checkpoints.h"

#include <cerrno>
#include <cstdio>
#include <span>
#include <utility>

#include "base/secret.h"
#include "daemon/audit/checkpoint_file.h"
#include "daemon/store/statement.h"

namespace claviger::api {
namespace {

Result<Mac> MacOf(const audit::Checkpoint& checkpoint, keys::TokenMac& token) {
  const MacRequest request{TokenPurpose::kAudit, audit::CheckpointInput(checkpoint)};
  const auto macs = token.Compute(std::span(&request, 1));
  if (!macs) return macs.error();
  return macs->front();
}

// "" if the chain has what the checkpoint has seen.
Result<std::string> FaultOf(const audit::Checkpoint& checkpoint, store::Database& database) {
  auto rows = store::Statement::Prepare(database,
                                        "SELECT epoch, position, mac, (SELECT max(sequence) FROM audit) "
                                        "FROM audit WHERE sequence = ?1");
  if (!rows) return rows.error();
  const auto row = rows->Bind(1, checkpoint.sequence).Step();
  if (!row) return row.error();
  const std::string seen = "the checkpoint of " + FormatTime(checkpoint.at) + " has seen audit record " +
                           std::to_string(checkpoint.sequence);
  if (!*row) {
    return "the database is older than it was: " + seen +
           ", which is missing; find out who put an old copy there, or restore the newest backup";
  }
  const auto mac = rows->Blob(2);
  const bool same = rows->Int(0) == checkpoint.epoch && rows->Int(1) == checkpoint.index &&
                    mac.size() == checkpoint.head.size() && EqualInConstantTime(mac, checkpoint.head);
  if (same) return std::string();
  return "the database is another than it was: " + seen + ", which is not the one that is there now; run " +
         "claviger audit verify";
}

}  // namespace

Result<bool> IsOurs(const audit::Checkpoint& checkpoint, keys::TokenMac& token) {
  Result<Mac> mac = MacOf(checkpoint, token);
  if (!mac) return mac.error();
  return EqualInConstantTime(*mac, checkpoint.mac);
}

CheckpointStanding Checkpoints::standing() const {
  const MutexLock lock(mutex_);
  return standing_;
}

void Checkpoints::Judge(store::Database& database, keys::TokenMac& token) {
  CheckpointStanding found;
  const auto checkpoints = audit::LoadCheckpoints(path_);
  if (!checkpoints) {
    found.fault = checkpoints.error().message();
  } else if (!checkpoints->empty()) {
    found.newest = checkpoints->back();
    const auto ours = IsOurs(*found.newest, token);
    const auto fault = FaultOf(*found.newest, database);
    if (!ours || !fault) {
      found.fault = "the newest checkpoint could not be compared with the database: " +
                    (ours ? fault.error().message() : ours.error().message());
    } else {
      found.fault = *ours ? *fault : path_ + ": its newest checkpoint is not this token's: it was changed";
    }
  }
  const MutexLock lock(mutex_);
  standing_ = std::move(found);
}

Status Checkpoints::Seal(audit::Checkpoint& checkpoint, keys::TokenMac& token) {
  const auto mac = MacOf(checkpoint, token);
  if (!mac) return mac.error();
  checkpoint.mac = *mac;
  const MutexLock lock(mutex_);
  if (Status added = audit::AppendCheckpoint(path_, checkpoint); !added) return added;
  standing_.newest = checkpoint;
  return Ok();
}

Status Checkpoints::BeginNewLine() {
  const MutexLock lock(mutex_);
  standing_ = {};
  const std::string aside = path_ + ".before-restore";
  if (std::rename(path_.c_str(), aside.c_str()) != 0 && errno != ENOENT) {
    return ErrnoError(ErrorCode::kUnavailable, "rename " + path_ + " to " + aside, errno);
  }
  return Ok();
}

}  // namespace claviger::api
