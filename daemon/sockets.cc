#include "daemon/sockets.h"

#include <array>
#include <utility>

namespace claviger {

Result<std::vector<server::Listening>> TakeSockets(const Config& config) {
  struct Socket {
    const char* name;
    protocol::Face face;
    mode_t mode;
  };
  constexpr std::array kSockets = {Socket{"/io.claviger.Verify", protocol::Face::kVerify, 0660},
                                   Socket{"/io.claviger.Admin", protocol::Face::kAdmin, 0660},
                                   Socket{"/credential.sock", protocol::Face::kCredential, 0600}};
  auto inherited = server::InheritListeners();
  if (!inherited || !inherited->empty()) return inherited;
  std::vector<server::Listening> sockets;
  for (const auto& [name, face, mode] : kSockets) {
    auto bound = server::Bind(config.socket_directory + name, face, mode);
    if (!bound) return bound.error();
    sockets.push_back(std::move(*bound));
  }
  return sockets;
}

}  // namespace claviger
