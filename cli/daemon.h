// The daemon as the CLI sees it: calls, and their failures in words.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/failure.h"
#include "client/connection.h"

namespace claviger::cli {

inline constexpr std::string_view kDefaultSocketDirectory = "/run/claviger";
inline constexpr std::string_view kVerifyInterface = "io.claviger.Verify";
inline constexpr std::string_view kAdminInterface = "io.claviger.Admin";
inline constexpr std::int64_t kLargestPage = 500;  // the most that ListKeys and ListAudit give at once

// Connects when first called; a connection for each interface. A call that is lost because the daemon ends is
// made once more, if that can do no harm (cli/repetition.h). Thread-compatible.
class Daemon {
 public:
  explicit Daemon(std::string socket_directory) : socket_directory_(std::move(socket_directory)) {}

  // How long each call may take, from the next connection on: for what the daemon works on for minutes.
  void AllowTime(std::chrono::milliseconds timeout) {
    timeout_ = timeout;
    admin_.reset();
  }

  // Calls `method` of io.claviger.Admin, such as "ListKeys".
  Outcome<client::Reply> Admin(std::string_view method, const boost::json::object& parameters = {},
                               std::span<const client::SecretParameter> secrets = {});
  // The same of io.claviger.Verify.
  Outcome<client::Reply> Verify(std::string_view method, const boost::json::object& parameters,
                                std::span<const client::SecretParameter> secrets);

  std::string SocketOf(std::string_view interface) const;
  const std::string& socket_directory() const { return socket_directory_; }

 private:
  Outcome<client::Reply> Call(std::optional<client::Connection>& connection, std::string_view interface,
                              std::string_view method, const boost::json::object& parameters,
                              std::span<const client::SecretParameter> secrets);
  Outcome<client::Reply> CallOnce(std::optional<client::Connection>& connection, std::string_view interface,
                                  std::string_view method, const boost::json::object& parameters,
                                  std::span<const client::SecretParameter> secrets);

  std::string socket_directory_;
  std::chrono::milliseconds timeout_ = client::Connection::kDefaultTimeout;
  std::optional<client::Connection> admin_;
  std::optional<client::Connection> verify_;
  client::Loss loss_ = client::Loss::kNone;  // of the last call
};

// The failure for an error of a call of `method`; `refusal` as client::Connection::refusal().
Failure FailureOfCall(std::string_view method, const Error& error,
                      const std::optional<client::Refusal>& refusal);
// The failure for not getting through to the socket at `path`: names the group to join where that helps.
Failure FailureOfConnect(const Error& error, const std::string& path);
// The group that may use the socket at `path`; "" if that cannot be found out or is root's.
std::string GroupOfSocket(const std::string& path);

}  // namespace claviger::cli
