#include "daemon/server/credential_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "protocol/limits.h"

namespace claviger::server {
namespace {

constexpr std::array<char, 64 * 1024> kFiller{};

// What is still to be sent of a refusal.
std::span<const char> RefusalFrom(std::size_t sent) {
  return std::span(kFiller).first(std::min(kFiller.size(), protocol::kRefusalBytes - sent));
}

}  // namespace

CredentialConnection::CredentialConnection(LoopContext& loop, std::uint64_t id, Accepted accepted)
    : loop_(loop),
      id_(id),
      fd_(std::move(accepted.fd)),
      admission_(std::move(accepted.admission)),
      deadline_(loop.now + protocol::kCredentialDeadline) {}

bool CredentialConnection::Open() {
  epoll_event event{};
  event.data.ptr = static_cast<EventSource*>(this);  // without EPOLLIN: what a peer sends is left unread
  loop_.next_deadline = std::min(loop_.next_deadline, deadline_);
  return ::epoll_ctl(loop_.epoll, EPOLL_CTL_ADD, fd_.get(), &event) == 0;
}

// A peer that has only ended its own direction is not told of; systemd does that.
void CredentialConnection::OnEvents(std::uint32_t events) {
  if (closed()) return;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) return Close();
  if (answered_) Send();
}

void CredentialConnection::Complete(std::optional<WipingBuffer> credential) {
  if (closed() || std::exchange(answered_, true)) return;
  if (credential) credential_ = std::move(*credential);
  if (credential_.empty()) Count(loop_.state.refused);
  deadline_ = loop_.now + loop_.state.settings.output_deadline;
  loop_.next_deadline = std::min(loop_.next_deadline, deadline_);
  Send();
}

void CredentialConnection::Send() {
  while (true) {
    const std::span<const char> rest =
        credential_.empty() ? RefusalFrom(sent_) : std::span<const char>(credential_).subspan(sent_);
    if (rest.empty()) return Close();
    const ssize_t sent = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      sent_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      return Watch(EPOLLOUT);
    } else if (errno != EINTR) {
      return Close();  // systemd closes as soon as it has read more than it takes
    }
  }
}

// Half of what the loop waits, so that the refusal itself still gets through.
void CredentialConnection::Drain() {
  if (closed() || answered_) return;
  deadline_ = std::min(deadline_, loop_.now + loop_.state.settings.drain_deadline / 2);
  loop_.next_deadline = std::min(loop_.next_deadline, deadline_);
}

void CredentialConnection::OnDeadline() {
  if (closed()) return;
  if (!answered_) return Complete(std::nullopt);
  Count(loop_.state.closed_by_limit);
  Close();
}

void CredentialConnection::Watch(std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = static_cast<EventSource*>(this);
  if (::epoll_ctl(loop_.epoll, EPOLL_CTL_MOD, fd_.get(), &event) != 0) Close();
}

void CredentialConnection::Close() {
  fd_.Reset();
  deadline_ = SteadyTime::max();
  credential_ = WipingBuffer();
  loop_.closed.push_back(id_);
}

}  // namespace claviger::server
