// Every method that the daemon answers, its handler, and who may call it.
#pragma once

#include <span>
#include <string_view>

#include "daemon/api/call_context.h"
#include "daemon/keys/principal.h"
#include "protocol/peer.h"

namespace claviger::api {

using Handler = protocol::Disposition (*)(CallContext&);

struct Method {
  std::string_view name;
  bool on_verify_face;    // all are on the admin face
  keys::RoleSet allowed;  // any of these; empty: everyone who can connect
  Handler handler;
};

std::span<const Method> Methods();
// nullptr: no such method on this face.
const Method* FindMethod(std::string_view name, protocol::Face face);

}  // namespace claviger::api
