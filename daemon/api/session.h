// What the daemon keeps of one connection's peer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "daemon/api/failure_budget.h"
#include "daemon/api/usage_ledger.h"
#include "daemon/audit/audit_log.h"
#include "daemon/keys/principal.h"
#include "protocol/dispatcher.h"

namespace claviger::api {

struct PeerSession final : protocol::Session {
  protocol::Peer peer;
  protocol::Face face = protocol::Face::kVerify;
  keys::RoleSet roles;
  std::uint64_t settings_epoch = 0;  // of the settings that `roles` were taken from
  std::shared_ptr<FailureBudget> failures;
  CallerPtr caller;  // the peer as usage is counted by
  std::string user;  // name of the uid, or "uid:1234"; "" until someone asks UserOf
};

// The session's user name, looked up once.
const std::string& UserOf(PeerSession& session);
// The peer as the audit log names it.
audit::Actor ActorOf(PeerSession& session);

}  // namespace claviger::api
