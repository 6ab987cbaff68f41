#include <array>
#include <boost/json/array.hpp>

#include "daemon/api/handlers.h"
#include "protocol/interfaces.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::ParameterType;

}  // namespace

Disposition HandleGetInfo(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  boost::json::array interfaces;
  for (const auto& interface : protocol::Interfaces()) {
    if (context.session.face == protocol::Face::kAdmin || interface.name != "io.claviger.Admin") {
      interfaces.emplace_back(interface.name);
    }
  }
  return context.Reply({{"vendor", "Claviger"},
                        {"product", "clavigerd"},
                        {"version", CLAVIGER_VERSION},
                        {"url", "man:io.claviger(7)"},
                        {"interfaces", std::move(interfaces)}});
}

Disposition HandleGetInterfaceDescription(CallContext& context) {
  static constexpr std::array kParameters = {protocol::Parameter{"interface", ParameterType::kString, true}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  const std::string_view name = parameters.Text(0);
  for (const auto& interface : protocol::Interfaces()) {
    if (interface.name == name &&
        (context.session.face == protocol::Face::kAdmin || name != "io.claviger.Admin")) {
      return context.Reply({{"description", interface.text}});
    }
  }
  return context.Fail("org.varlink.service.InterfaceNotFound", {{"interface", name}});
}

Disposition HandleWhoAmI(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  constexpr std::array kRoleNames = {
      std::pair{keys::Role::kAdmin, "admin"}, std::pair{keys::Role::kAuditor, "auditor"},
      std::pair{keys::Role::kIssuer, "issuer"}, std::pair{keys::Role::kVerifier, "verifier"}};
  boost::json::array roles;
  for (const auto& [role, name] : kRoleNames) {
    if (context.session.roles.Has(role)) roles.emplace_back(name);
  }
  boost::json::object reply = {{"uid", context.session.peer.uid}, {"gid", context.session.peer.gid}};
  if (const std::string& user = UserOf(context.session); !user.starts_with("uid:")) reply["user"] = user;
  if (!context.session.peer.unit.empty()) reply["unit"] = context.session.peer.unit;
  reply["roles"] = std::move(roles);
  return context.Reply(reply);
}

}  // namespace claviger::api
