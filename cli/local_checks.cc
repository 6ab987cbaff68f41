#include "cli/local_checks.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/json/object.hpp>
#include <cerrno>
#include <chrono>

#include "cli/check_rows.h"
#include "client/connection.h"

namespace claviger::cli {
namespace {

constexpr std::chrono::seconds kConnectTimeout{2};

boost::json::object CheckFolder(const std::string& path) {
  constexpr std::string_view kName = "socket directory";
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const Error error = ErrnoError(ErrorCode::kUnavailable, path, errno);
    return CheckRow(kName, "failed", error.message(),
                    "start clavigerd, or name the right one with --socket-directory DIR");
  }
  if (!S_ISDIR(status.st_mode)) {
    return CheckRow(kName, "failed", path + " is no directory",
                    "name the right one with --socket-directory DIR");
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    return CheckRow(kName, "warning", path + " can be written by everyone",
                    "chmod o-w: others could put a socket of their own there");
  }
  return CheckRow(kName, "ok", path);
}

boost::json::object CheckSocket(std::string_view name, const std::string& path) {
  const auto connection = client::Connection::Open(path, kConnectTimeout);
  if (!connection) {
    const Failure failure = FailureOfConnect(connection.error(), path);
    return CheckRow(name, "failed", failure.message, failure.hint);
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IRWXO) != 0) {
    return CheckRow(name, "warning", path + " is open to every user of this host",
                    "chmod 0660: its group should decide");
  }
  const std::string group = GroupOfSocket(path);
  return CheckRow(name, "ok", group.empty() ? path : fmt::format("{}, for the group {}", path, group));
}

}  // namespace

boost::json::array LocalChecks(const Daemon& daemon) {
  boost::json::array rows;
  rows.push_back(CheckFolder(daemon.socket_directory()));
  rows.push_back(CheckSocket("verify socket", daemon.SocketOf(kVerifyInterface)));
  rows.push_back(CheckSocket("admin socket", daemon.SocketOf(kAdminInterface)));
  return rows;
}

}  // namespace claviger::cli
