// What the tests of the audit log share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "daemon/audit/audit_log.h"
#include "daemon/audit/chain_walk.h"
#include "tests/unit/store/sample.h"

namespace claviger::audit {

// Stands for the token: a key for every epoch, and a note of the epochs that were asked for.
class SampleToken {
 public:
  EpochKeySource Source() {
    return [this](std::int64_t epoch) -> Result<Mac> {
      if (absent) return Error(ErrorCode::kUnavailable, "no token");
      epochs.push_back(epoch);
      const std::string text = "epoch " + std::to_string(epoch);
      return Sha256(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    };
  }
  bool absent = false;
  std::vector<std::int64_t> epochs;
};

// Walks to the end.
inline Result<ChainCheck> WalkAll(store::Database& database, ChainWalk walk) {
  while (true) {
    const Result<bool> over = walk.Step(database);
    if (!over) return over.error();
    if (*over) return walk.check();
  }
}

// The whole chain, by itself.
inline Result<ChainCheck> VerifyAll(store::Database& database, const AuditLog& log) {
  return WalkAll(database, ChainWalk(log.epoch_key(), std::vector<Checkpoint>()));
}

inline Act SampleAct(int number) {
  Act act;
  act.actor.user = "alice";
  act.actor.uid = 1000;
  act.actor.gid = 1001;
  act.actor.pid = 4242 + number;
  act.actor.unit = "session-3.scope";
  act.actor.command = "claviger";
  act.name = number % 2 == 0 ? "key.create" : "key.revoke";
  act.subject = "key-" + std::to_string(number / 2);
  act.before = number % 2 == 0 ? "" : R"({"state":"active"})";
  act.after = R"({"n":)" + std::to_string(number) + "}";
  return act;
}

}  // namespace claviger::audit
