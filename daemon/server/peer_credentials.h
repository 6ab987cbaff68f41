// Who is at the other end of a connected socket.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "protocol/peer.h"

namespace claviger::server {

// SO_PEERCRED, SO_PEERGROUPS, and for the record the unit and command of the peer's pid, "" if they cannot be
// told. Control characters in them are escaped. kUnavailable if the kernel does not name the peer.
Result<protocol::Peer> ReadPeer(int socket);

// The address that the peer has bound its socket to, an abstract one with its leading NUL; "" if it has none.
std::string ReadPeerAddress(int socket);

// The control group of a process, "/system.slice/app.service"; "" if it cannot be told.
std::string ReadControlGroup(pid_t pid);

}  // namespace claviger::server
