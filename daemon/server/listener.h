// The daemon's listening sockets: taken over from systemd, or bound here.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "protocol/peer.h"

namespace claviger::server {

// A listening, non-blocking, close-on-exec Unix stream socket, and what is spoken on it.
struct Listening {
  UniqueFd fd;
  protocol::Face face;
};

// The sockets of socket activation (sd_listen_fds(3)), told apart by name: "verify", "io.claviger.Verify" or
// "claviger.socket", "admin", "io.claviger.Admin" or "claviger-admin.socket", and "credential",
// "credential.sock" or "claviger-credential.socket" (FileDescriptorName=, or the name of the socket unit,
// which is systemd's default). Empty if none were handed over. kConfiguration for other names, and for
// sockets that are not listening Unix stream sockets. Call once, before any thread is started: LISTEN_FDS and
// its companions are taken out of the environment.
Result<std::vector<Listening>> InheritListeners();

// Binds and listens at `path`. Makes its directory (mode 0755: each socket has a mode of its own) if missing,
// but not that directory's parents. The socket can be connected to only once it has `mode` and, if given,
// `group`; the umask plays no part. kConfiguration, with what to do, for a path of more than 107 bytes, a
// directory that belongs to another user or that others can replace files in, and a path where something else
// is: only a socket of this user that nobody answers on is replaced. kConflict if somebody answers there.
// kUnavailable for what the kernel refuses.
Result<Listening> Bind(const std::string& path, protocol::Face face, mode_t mode,
                       std::optional<gid_t> group = std::nullopt);

}  // namespace claviger::server
