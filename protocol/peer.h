// Who is at the other end of a connection: from the kernel at accept, never from what the peer says.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace claviger::protocol {

struct Peer {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  std::vector<gid_t> groups;  // supplementary, at the time of connect (SO_PEERGROUPS)
  pid_t pid = 0;              // for the record only: a pid can be reused, so nothing is decided by it
  std::string unit;           // systemd unit of that pid; "" if none; for the record only
  std::string command;        // its comm; for the record only
};

// Which of the daemon's sockets a connection came in by.
enum class Face { kVerify, kAdmin, kCredential };

// Someone wants a credential, and says by the address of its socket which: nothing is sent to us.
struct CredentialRequest {
  Peer peer;
  std::string address;        // as getpeername gives it: an abstract name begins with NUL
  std::string control_group;  // of the peer's pid, "/system.slice/app.service"; "" if it cannot be told
};

}  // namespace claviger::protocol
