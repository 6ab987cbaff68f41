#include "cli/daemon.h"

#include <fmt/format.h>

#include <utility>

#include "cli/repetition.h"

namespace claviger::cli {

Outcome<client::Reply> Daemon::Admin(std::string_view method, const boost::json::object& parameters,
                                     std::span<const client::SecretParameter> secrets) {
  return Call(admin_, kAdminInterface, method, parameters, secrets);
}

Outcome<client::Reply> Daemon::Verify(std::string_view method, const boost::json::object& parameters,
                                      std::span<const client::SecretParameter> secrets) {
  return Call(verify_, kVerifyInterface, method, parameters, secrets);
}

std::string Daemon::SocketOf(std::string_view interface) const {
  return fmt::format("{}/{}", socket_directory_, interface);
}

Outcome<client::Reply> Daemon::Call(std::optional<client::Connection>& connection, std::string_view interface,
                                    std::string_view method, const boost::json::object& parameters,
                                    std::span<const client::SecretParameter> secrets) {
  auto reply = CallOnce(connection, interface, method, parameters, secrets);
  if (reply || loss_ == client::Loss::kNone) return reply;
  if (loss_ == client::Loss::kBeforeTheReply && !MayBeRepeated(method, parameters)) return reply;
  // The daemon is being restarted: this connection waits until it serves again.
  return CallOnce(connection, interface, method, parameters, secrets);
}

Outcome<client::Reply> Daemon::CallOnce(std::optional<client::Connection>& connection,
                                        std::string_view interface, std::string_view method,
                                        const boost::json::object& parameters,
                                        std::span<const client::SecretParameter> secrets) {
  loss_ = client::Loss::kNone;
  if (!connection) {
    const std::string path = SocketOf(interface);
    auto opened = client::Connection::Open(path, timeout_);
    if (!opened) return FailureOfConnect(opened.error(), path);
    connection.emplace(std::move(*opened));
  }
  auto reply = connection->Call(fmt::format("{}.{}", interface, method), parameters, secrets);
  if (!reply) {
    Failure failure = FailureOfCall(method, reply.error(), connection->refusal());
    loss_ = connection->loss();
    if (!connection->refusal()) connection.reset();  // the next call begins on a new one
    return failure;
  }
  return std::move(*reply);
}

}  // namespace claviger::cli
