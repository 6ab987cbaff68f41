#include "daemon/server/peer_credentials.h"

#include <sys/socket.h>
#include <systemd/sd-login.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace claviger::server {
namespace {

Result<std::vector<gid_t>> ReadGroups(int socket) {
  std::vector<gid_t> groups(32);
  for (;;) {
    auto bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) == 0) {
      groups.resize(bytes / sizeof(gid_t));
      return Result<std::vector<gid_t>>(std::move(groups));
    }
    // ERANGE: `bytes` is what is needed.
    if (errno != ERANGE || bytes / sizeof(gid_t) <= groups.size()) {
      return ErrnoError(ErrorCode::kUnavailable, "read the groups of a peer", errno);
    }
    groups.resize(bytes / sizeof(gid_t));
  }
}

std::string ReadUnit(pid_t pid) {
  char* unit = nullptr;
  if (::sd_pid_get_unit(pid, &unit) < 0) return {};
  std::string name = EscapeForDisplay(unit);
  std::free(unit);
  return name;
}

std::string ReadCommand(pid_t pid) {
  constexpr std::size_t kMaxCommBytes = 64;
  const auto comm = ReadFile("/proc/" + std::to_string(pid) + "/comm", kMaxCommBytes);
  if (!comm) return {};
  return EscapeForDisplay(std::string_view(*comm).substr(0, comm->rfind('\n')));
}

}  // namespace

Result<protocol::Peer> ReadPeer(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "read the credentials of a peer", errno);
  }
  auto groups = ReadGroups(socket);
  if (!groups) return groups.error();
  protocol::Peer peer;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.groups = std::move(*groups);
  peer.pid = credentials.pid;
  if (peer.pid > 0) {  // 0: of another pid namespace
    peer.unit = ReadUnit(peer.pid);
    peer.command = ReadCommand(peer.pid);
  }
  return Result<protocol::Peer>(std::move(peer));
}

}  // namespace claviger::server
