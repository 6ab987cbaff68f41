#include "daemon/server/peer_credentials.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-login.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
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

std::string ReadControlGroup(pid_t pid) {
  char* path = nullptr;
  if (pid <= 0 || ::sd_pid_get_cgroup(pid, &path) < 0) return {};
  std::string group = path;
  std::free(path);
  return group;
}

std::string ReadPeerAddress(int socket) {
  sockaddr_un address{};
  socklen_t size = sizeof(address);
  constexpr std::size_t kBefore = offsetof(sockaddr_un, sun_path);
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 || size <= kBefore) return {};
  return std::string(address.sun_path, std::min<std::size_t>(size, sizeof(address)) - kBefore);
}

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
