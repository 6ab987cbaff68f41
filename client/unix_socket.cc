#include "client/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace claviger::client {
namespace {

// The NUL needs a byte too.
constexpr std::size_t kMaxPathBytes = sizeof(sockaddr_un::sun_path) - 1;

Error ConnectError(const std::string& path, int errno_value) {
  switch (errno_value) {
    case EACCES:
    case EPERM:
      return ErrnoError(ErrorCode::kDenied, "connect to " + path, errno_value);
    case EAGAIN:
      return Error(ErrorCode::kBusy, "connect to " + path + ": the queue of connections stays full");
    default:
      return ErrnoError(ErrorCode::kUnavailable, "connect to " + path, errno_value);
  }
}

// Connecting to a Unix socket blocks only while the listener's queue is full; this bounds it.
Status LimitConnect(int fd, SteadyTime deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - SteadyNow());
  const auto microseconds = std::max<std::int64_t>(left.count(), 1);
  timeval limit{};
  limit.tv_sec = microseconds / 1'000'000;
  limit.tv_usec = microseconds % 1'000'000;
  if (::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0) {
    return ErrnoError(ErrorCode::kInternal, "setsockopt SO_SNDTIMEO", errno);
  }
  return Ok();
}

// `directory` stays open while the address is in use.
struct Address {
  sockaddr_un value{};
  UniqueFd directory;
};

Result<Address> MakeAddress(const std::string& path) {
  Address address;
  address.value.sun_family = AF_UNIX;
  std::string short_path = path;
  if (path.size() > kMaxPathBytes) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    address.directory = UniqueFd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!address.directory) return ConnectError(path, errno);
    short_path = "/proc/self/fd/" + std::to_string(address.directory.get()) + "/" + path.substr(slash + 1);
  }
  if (path.empty() || short_path.size() > kMaxPathBytes || path.find('\0') != std::string::npos) {
    return Error(ErrorCode::kInvalidArgument, "\"" + path + "\" cannot be the path of a socket");
  }
  std::memcpy(address.value.sun_path, short_path.data(), short_path.size());
  return address;
}

}  // namespace

Result<UniqueFd> ConnectUnix(const std::string& path, SteadyTime deadline) {
  const auto address = MakeAddress(path);
  if (!address) return address.error();
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return ErrnoError(ErrorCode::kUnavailable, "socket", errno);
  if (const Status limited = LimitConnect(fd.get(), deadline); !limited) return limited.error();
  const auto* generic = reinterpret_cast<const sockaddr*>(&address->value);
  while (::connect(fd.get(), generic, sizeof address->value) != 0) {
    if (errno != EINTR) return ConnectError(path, errno);
  }
  return fd;
}

}  // namespace claviger::client
