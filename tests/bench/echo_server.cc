// What a Unix socket costs by itself: answers every request of a fixed length with a reply of a fixed length,
// which begins as the request does. One thread with epoll; replies to all that one read brought leave in one
// write.
//
//     echo_server SOCKET REQUEST_BYTES REPLY_BYTES
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/unique_fd.h"
#include "tests/bench/ending.h"

namespace claviger::bench {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024, kMaxMessageBytes = 64 * 1024;
constexpr int kEventsPerWait = 256, kBacklog = 512;

struct Connection {
  UniqueFd fd;
  std::string rest;    // of a request that has come in part
  std::string unsent;  // replies that the socket has not taken yet; nothing is read meanwhile
};

class EchoServer {
 public:
  EchoServer(const std::string& path, std::size_t request_bytes, std::size_t reply_bytes)
      : request_bytes_(request_bytes),
        reply_bytes_(reply_bytes),
        listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        buffer_(kMaxMessageBytes + kReadBytes, '\0') {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) End("the socket's path is too long: " + path);
    path.copy(address.sun_path, path.size());
    ::unlink(path.c_str());
    if (!listener_ || !epoll_ ||
        ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), kBacklog) != 0)
      EndWithErrno("cannot listen on " + path);
    Watch(EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
  }

  [[noreturn]] void Run() {
    for (;;) {
      std::array<epoll_event, kEventsPerWait> events;
      const int ready = ::epoll_wait(epoll_.get(), events.data(), kEventsPerWait, -1);
      for (int i = 0; i < ready; ++i) Serve(events[static_cast<std::size_t>(i)].data.fd);
    }
  }

 private:
  void Watch(int act, int fd, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_.get(), act, fd, &event) != 0) EndWithErrno("cannot wait for a socket");
  }

  void Serve(int fd) {
    if (fd == listener_.get()) {
      UniqueFd accepted(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!accepted) return;
      Watch(EPOLL_CTL_ADD, accepted.get(), EPOLLIN);
      const int number = accepted.get();
      connections_[number] = std::make_unique<Connection>(Connection{std::move(accepted), {}, {}});
      return;
    }
    Connection& connection = *connections_.at(fd);
    if (!(connection.unsent.empty() ? Answer(connection) : Send(connection))) connections_.erase(fd);
  }

  // False when the connection is at its end.
  bool Answer(Connection& connection) {
    const std::size_t before = connection.rest.size();
    connection.rest.copy(buffer_.data(), before);
    const ssize_t got = ::read(connection.fd.get(), buffer_.data() + before, kReadBytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) return false;
    std::string_view received(buffer_.data(), before + static_cast<std::size_t>(got));
    replies_.resize(received.size() / request_bytes_ * reply_bytes_, '.');
    for (char* reply = replies_.data(); received.size() >= request_bytes_; reply += reply_bytes_) {
      std::memcpy(reply, received.data(), std::min(request_bytes_, reply_bytes_));
      received.remove_prefix(request_bytes_);
    }
    connection.rest.assign(received);
    if (replies_.empty()) return true;
    const ssize_t sent = ::send(connection.fd.get(), replies_.data(), replies_.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(replies_.size())) return true;
    if (sent < 0 && errno != EAGAIN) return false;
    connection.unsent = replies_.substr(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    Watch(EPOLL_CTL_MOD, connection.fd.get(), EPOLLOUT);
    return true;
  }

  bool Send(Connection& connection) {
    const ssize_t sent =
        ::send(connection.fd.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    connection.unsent.erase(0, static_cast<std::size_t>(sent));
    if (connection.unsent.empty()) Watch(EPOLL_CTL_MOD, connection.fd.get(), EPOLLIN);
    return true;
  }

  const std::size_t request_bytes_, reply_bytes_;
  UniqueFd listener_, epoll_;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::string buffer_, replies_;
};

std::size_t Length(std::string_view text) {
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc() || end != text.data() + text.size() || bytes < 1 || bytes > kMaxMessageBytes)
    End("a length is a number from 1 to 65536");
  return bytes;
}

}  // namespace
}  // namespace claviger::bench

int main(int count, char** arguments) {
  using claviger::bench::Length;
  if (count != 4) claviger::bench::End("usage: echo_server SOCKET REQUEST_BYTES REPLY_BYTES");
  claviger::bench::EchoServer(arguments[1], Length(arguments[2]), Length(arguments[3])).Run();
}
