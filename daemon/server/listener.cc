#include "daemon/server/listener.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace claviger::server {
namespace {

constexpr std::size_t kMaxPathBytes = sizeof(sockaddr_un::sun_path) - 1;
constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn

Error Misplaced(std::string message) { return Error(ErrorCode::kConfiguration, std::move(message)); }

Status CheckPath(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return Misplaced("the socket path is empty or holds a NUL");
  if (path.size() > kMaxPathBytes) {
    return Misplaced("the socket path " + path + " has " + std::to_string(path.size()) +
                     " bytes, but the kernel allows " + std::to_string(kMaxPathBytes) +
                     "; choose a directory with a shorter path");
  }
  return Ok();
}

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The directory, made if it was missing, fit to hold a socket that only this user can replace, and locked: of
// two processes that bind in it at once, the second waits until the first listens, and then sees that it
// answers.
Result<UniqueFd> OpenDirectory(const std::string& directory) {
  constexpr mode_t kDirectoryMode = 0755;
  if (::mkdir(directory.c_str(), kDirectoryMode) == 0) {
    if (::chmod(directory.c_str(), kDirectoryMode) != 0) {  // the umask may have taken some of it
      return ErrnoError(ErrorCode::kUnavailable, "set the mode of " + directory, errno);
    }
  } else if (errno != EEXIST) {
    return ErrnoError(ErrorCode::kUnavailable, "make the socket directory " + directory, errno);
  }
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "open the socket directory " + directory, errno);
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return Misplaced("the socket directory " + directory +
                     " belongs to another user, who could replace the socket; choose another, or chown it");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (status.st_mode & S_ISVTX) == 0) {
    return Misplaced("others can replace files in the socket directory " + directory + "; chmod go-w " +
                     directory);
  }
  if (::flock(fd.get(), LOCK_EX) != 0) return ErrnoError(ErrorCode::kUnavailable, "lock " + directory, errno);
  return Result<UniqueFd>(std::move(fd));
}

Result<UniqueFd> MakeSocket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return ErrnoError(ErrorCode::kUnavailable, "make a socket", errno);
  return Result<UniqueFd>(std::move(fd));
}

const sockaddr* Generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

// Removes a socket of this user at `path` that nobody answers on; refuses everything else.
Status RemoveStale(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? Ok() : Status(ErrnoError(ErrorCode::kUnavailable, "examine " + path, errno));
  }
  if (!S_ISSOCK(status.st_mode)) {
    return Misplaced(path + " exists and is not a socket; move it away or choose another directory");
  }
  if (status.st_uid != ::geteuid()) {
    return Misplaced(path + " is a socket of another user; have it removed or choose another directory");
  }
  auto probe = MakeSocket();
  if (!probe) return probe.error();
  if (::connect(probe->get(), Generic(address), sizeof(address)) == 0 || errno == EAGAIN) {
    return Error(ErrorCode::kConflict, "another process answers at " + path + "; stop it first");
  }
  if (errno != ECONNREFUSED) return ErrnoError(ErrorCode::kUnavailable, "try who answers at " + path, errno);
  if (::unlink(path.c_str()) != 0)
    return ErrnoError(ErrorCode::kUnavailable, "remove the old socket " + path, errno);
  return Ok();
}

}  // namespace

Result<Listening> Bind(const std::string& path, protocol::Face face, mode_t mode,
                       std::optional<gid_t> group) {
  if (auto valid = CheckPath(path); !valid) return valid.error();
  const auto directory = OpenDirectory(DirectoryOf(path));
  if (!directory) return directory.error();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (auto removed = RemoveStale(path, address); !removed) return removed.error();
  auto fd = MakeSocket();
  if (!fd) return fd.error();
  if (::bind(fd->get(), Generic(address), sizeof(address)) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "bind " + path, errno);
  }
  // Until it listens, every connection is refused: mode and group are never too wide.
  if (group && ::lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, "give " + path + " to its group", errno);
  }
  if (::chmod(path.c_str(), mode) != 0)
    return ErrnoError(ErrorCode::kUnavailable, "set the mode of " + path, errno);
  if (::listen(fd->get(), kBacklog) != 0)
    return ErrnoError(ErrorCode::kUnavailable, "listen at " + path, errno);
  return Listening{std::move(*fd), face};
}

}  // namespace claviger::server
