// Who is at the other end of a connected socket.
#pragma once

#include "base/result.h"
#include "protocol/peer.h"

namespace claviger::server {

// SO_PEERCRED, SO_PEERGROUPS, and for the record the unit and command of the peer's pid, "" if they cannot be
// told. Control characters in them are escaped. kUnavailable if the kernel does not name the peer.
Result<protocol::Peer> ReadPeer(int socket);

}  // namespace claviger::server
