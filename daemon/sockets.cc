#include "daemon/sockets.h"

#include <utility>

namespace claviger {

Result<std::vector<server::Listening>> TakeSockets(const Config& config) {
  constexpr mode_t kGroupMode = 0660;
  auto inherited = server::InheritListeners();
  if (!inherited || !inherited->empty()) return inherited;
  std::vector<server::Listening> sockets;
  for (const auto& [name, face] : {std::pair{"/io.claviger.Verify", protocol::Face::kVerify},
                                   std::pair{"/io.claviger.Admin", protocol::Face::kAdmin}}) {
    auto bound = server::Bind(config.socket_directory + name, face, kGroupMode);
    if (!bound) return bound.error();
    sockets.push_back(std::move(*bound));
  }
  return sockets;
}

}  // namespace claviger
