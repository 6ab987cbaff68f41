#include "tests/unit/server/client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace claviger::server {
namespace {

constexpr timeval kPatience{60, 0};

}  // namespace

ScratchDirectory::ScratchDirectory() : path_("/tmp/claviger-server-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Client::Client() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
}

Client::Client(const std::string& path) : Client() {
  if (!Connect(path)) std::abort();
}

bool Client::Connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

bool Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::SendFrames(const std::vector<std::string>& frames) {
  std::string bytes;
  for (const std::string& frame : frames) (bytes += frame) += '\0';
  return Send(bytes);
}

std::size_t Client::SendWithoutWaiting(std::string_view bytes) {
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void Client::EndSending() { ::shutdown(fd_.get(), SHUT_WR); }

bool Client::Fill() {
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t count = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    received_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
  }
}

std::string Client::Receive() {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t nul = received_.find('\0', searched);
    if (nul != std::string::npos) {
      std::string frame = received_.substr(0, nul);
      received_.erase(0, nul + 1);
      return frame;
    }
    searched = received_.size();
    if (!Fill()) return "<end>";
  }
}

std::vector<std::string> Client::Receive(std::size_t frames) {
  std::vector<std::string> all;
  while (all.size() < frames) all.push_back(Receive());
  return all;
}

std::string Client::Ask(std::string_view frame) {
  return SendFrames({std::string(frame)}) ? Receive() : "<end>";
}

bool Client::ReadToEnd() {
  while (Fill()) received_.clear();
  return errno != EAGAIN;
}

}  // namespace claviger::server
