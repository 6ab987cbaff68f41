#include <fcntl.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "daemon/server/listener.h"

namespace claviger::server {
namespace {

using protocol::Face;

constexpr std::array kNames = {
    std::pair{std::string_view("verify"), Face::kVerify},
    std::pair{std::string_view("io.claviger.Verify"), Face::kVerify},
    std::pair{std::string_view("claviger.socket"), Face::kVerify},
    std::pair{std::string_view("admin"), Face::kAdmin},
    std::pair{std::string_view("io.claviger.Admin"), Face::kAdmin},
    std::pair{std::string_view("claviger-admin.socket"), Face::kAdmin},
    std::pair{std::string_view("credential"), Face::kCredential},
    std::pair{std::string_view("credential.sock"), Face::kCredential},
    std::pair{std::string_view("claviger-credential.socket"), Face::kCredential},
};

Result<Listening> TakeOver(UniqueFd fd, std::string_view name) {
  const auto* known =
      std::find_if(kNames.begin(), kNames.end(), [&](const auto& row) { return row.first == name; });
  const std::string what = "the socket \"" + std::string(name) + "\" that systemd handed over ";
  if (known == kNames.end()) {
    return Error(
        ErrorCode::kConfiguration,
        what +
            "has a name that is not known here; set FileDescriptorName= of its unit to verify, admin or "
            "credential");
  }
  if (::sd_is_socket_unix(fd.get(), SOCK_STREAM, 1, nullptr, 0) <= 0) {
    return Error(
        ErrorCode::kConfiguration,
        what + "is not a listening Unix stream socket; use ListenStream= with a path, and Accept=no");
  }
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return ErrnoError(ErrorCode::kUnavailable, what + "cannot be set up", errno);
  }
  return Listening{std::move(fd), known->second};
}

}  // namespace

Result<std::vector<Listening>> InheritListeners() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  if (count < 0) return ErrnoError(ErrorCode::kConfiguration, "the sockets that systemd handed over", -count);
  // All are owned before any is judged, so that a refusal closes all.
  std::vector<std::pair<UniqueFd, std::string>> inherited;
  for (int i = 0; i < count; ++i) {
    inherited.emplace_back(UniqueFd(SD_LISTEN_FDS_START + i), names[i]);
    std::free(names[i]);
  }
  std::free(names);
  std::vector<Listening> listeners;
  for (auto& [fd, name] : inherited) {
    auto listening = TakeOver(std::move(fd), name);
    if (!listening) return listening.error();
    listeners.push_back(std::move(*listening));
  }
  return Result<std::vector<Listening>>(std::move(listeners));
}

}  // namespace claviger::server
