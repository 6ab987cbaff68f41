#include "daemon/server/acceptor.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace claviger::server {
namespace {

constexpr int kAcceptsPerWakeUp = 32;
constexpr std::chrono::milliseconds kPause{100};  // when the kernel has nothing left to accept with

UniqueFd OpenReserve() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

UniqueFd AcceptOne(int listener) {
  return UniqueFd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

// Descriptors are never received (recv has no room for them); newer kernels refuse them to the sender
// already.
void RefuseDescriptors(int fd) {
#ifndef SO_PASSRIGHTS
  constexpr int SO_PASSRIGHTS = 83;  // Linux 6.16; older ones do not know it
#endif
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
}

}  // namespace

void Acceptor::Socket::OnEvents(std::uint32_t) { acceptor_.AcceptFrom(*this); }

Status Acceptor::Open(std::span<const Listening> sockets, int epoll) {
  epoll_ = epoll;
  reserve_ = OpenReserve();
  if (!reserve_) return ErrnoError(ErrorCode::kUnavailable, "open /dev/null", errno);
  for (const Listening& listening : sockets) sockets_.emplace_back(*this, listening.fd.get(), listening.face);
  return Watch();
}

Status Acceptor::Watch() {
  for (Socket& socket : sockets_) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    event.data.ptr = static_cast<EventSource*>(&socket);
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.fd(), &event) != 0) {
      return ErrnoError(ErrorCode::kUnavailable, "watch a listening socket", errno);
    }
  }
  return Ok();
}

void Acceptor::Unwatch() {
  for (const Socket& socket : sockets_) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket.fd(), nullptr);
}

void Acceptor::Close() {
  Unwatch();
  closed_ = true;
  resume_at_ = SteadyTime::max();
}

void Acceptor::Pause() {
  Unwatch();
  resume_at_ = SteadyNow() + kPause;
}

void Acceptor::OnDeadline(SteadyTime now) {
  if (now < resume_at_) return;
  resume_at_ = SteadyTime::max();
  if (!reserve_) reserve_ = OpenReserve();
  if (!Watch()) Pause();
}

void Acceptor::AcceptFrom(const Socket& socket) {
  for (int i = 0; i < kAcceptsPerWakeUp && !closed_; ++i) {
    UniqueFd fd = AcceptOne(socket.fd());
    if (fd) {
      LetIn(std::move(fd), socket.face());
      continue;
    }
    if (errno == EAGAIN) return;
    if (errno == EINTR || errno == ECONNABORTED) continue;
    const bool exhausted = errno == EMFILE || errno == ENFILE;
    const Shedding shedding = exhausted ? Shed(socket) : Shedding::kFailed;
    if (shedding == Shedding::kFailed) return Pause();
    if (shedding == Shedding::kNobody) return;
  }
}

Acceptor::Shedding Acceptor::Shed(const Socket& socket) {
  reserve_.Reset();
  UniqueFd fd = AcceptOne(socket.fd());
  const bool nobody = !fd && errno == EAGAIN;
  const bool shed = static_cast<bool>(fd);
  if (shed) Count(state_.refused);
  fd.Reset();
  reserve_ = OpenReserve();
  if (!reserve_) return Shedding::kFailed;
  return shed ? Shedding::kOne : nobody ? Shedding::kNobody : Shedding::kFailed;
}

void Acceptor::LetIn(UniqueFd fd, protocol::Face face) {
  RefuseDescriptors(fd.get());
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return Count(state_.refused);
  Admission admission = state_.census.Admit(credentials.uid, face);
  if (!admission) return Count(state_.refused);
  sink_({std::move(fd), face, std::move(admission)});
}

}  // namespace claviger::server
