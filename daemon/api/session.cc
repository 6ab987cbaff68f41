#include "daemon/api/session.h"

#include <pwd.h>

#include <array>

namespace claviger::api {

const std::string& UserOf(PeerSession& session) {
  if (!session.user.empty()) return session.user;
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer;
  if (::getpwuid_r(session.peer.uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    session.user = found->pw_name;
  } else {
    session.user = "uid:" + std::to_string(session.peer.uid);
  }
  return session.user;
}

audit::Actor ActorOf(PeerSession& session) {
  audit::Actor actor;
  actor.user = UserOf(session);
  actor.uid = session.peer.uid;
  actor.gid = session.peer.gid;
  actor.pid = session.peer.pid;
  actor.unit = session.peer.unit;
  actor.command = session.peer.command;
  return actor;
}

}  // namespace claviger::api
