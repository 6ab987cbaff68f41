#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <vector>

#include "base/text.h"
#include "cli/daemon.h"
#include "cli/json_view.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

// What the parameters of the interface are called on the command line.
struct ParameterName {
  std::string_view wire;
  std::string_view option;
};
constexpr std::array kParameterNames = {
    ParameterName{"key_id", "KEY_ID"},           ParameterName{"name", "--name"},
    ParameterName{"scopes", "--scope"},          ParameterName{"unscoped_reason", "--unscoped-reason"},
    ParameterName{"owner", "--owner"},           ParameterName{"team", "--team"},
    ParameterName{"expires_at", "--expires"},    ParameterName{"lifetime", "--expires"},
    ParameterName{"grace", "--grace"},           ParameterName{"not_before", "--not-before"},
    ParameterName{"state", "--state"},           ParameterName{"description", "--description"},
    ParameterName{"after", "--after"},           ParameterName{"limit", "--limit"},
    ParameterName{"before", "--before"},         ParameterName{"subject", "--key"},
    ParameterName{"action", "--action"},         ParameterName{"domain", "--domain"},
    ParameterName{"reason", "--reason"},         ParameterName{"request id", "--request-id"},
    ParameterName{"request_id", "--request-id"}, ParameterName{"bundles", "--bundle"},
    ParameterName{"replaces", "--replaces"},     ParameterName{"source", "--source"},
    ParameterName{"search", "--search"},         ParameterName{"creator", "--creator"},
    ParameterName{"gives_scope", "--scope"},     ParameterName{"holds_action", "--action"},
    ParameterName{"states", "--state"},          ParameterName{"sort", "--sort"},
};

std::string OptionOf(std::string_view wire) {
  const auto* found = std::find_if(kParameterNames.begin(), kParameterNames.end(),
                                   [&](const ParameterName& name) { return name.wire == wire; });
  return found == kParameterNames.end() ? EscapeForDisplay(wire) : std::string(found->option);
}

// "expires_at: is in the past" as "--expires: is in the past".
std::string InOurWords(const std::string& message) {
  const std::size_t colon = message.find(": ");
  if (colon == std::string::npos) return message;
  return OptionOf(message.substr(0, colon)) + message.substr(colon);
}

int StatusOfWireName(std::string_view wire_name) {
  const auto names = protocol::ErrorNames();
  const auto row = std::find_if(names.begin(), names.end(),
                                [&](const protocol::ErrorName& name) { return name.wire_name == wire_name; });
  return row == names.end() ? protocol::kExitFailure : row->exit_status;
}

Failure Translate(std::string_view name, int status, const boost::json::object& parameters) {
  if (name == "PermissionDenied") {
    return {status, "you may not do this: none of your roles allows it",
            "roles are given in the table [roles] of claviger.toml; ask an administrator"};
  }
  if (name == "InvalidParameter") {
    const std::string parameter = ShownText(parameters, "parameter");
    if (parameter == "after") {
      return {protocol::kExitUsage, OptionOf(parameter) + ": no such list has ended there",
              "it takes what the list before has told, with the same filters and the same --sort"};
    }
    if (parameter == "key_id" || parameter == "subject") {
      return {protocol::kExitUsage, OptionOf(parameter) + ": that is not a key id",
              "a key id has 17 letters and digits; claviger key list shows them"};
    }
    return {protocol::kExitUsage, OptionOf(parameter) + ": the daemon does not accept this value", ""};
  }
  if (name == "KeyNotFound") {
    return {status, "there is no key " + ShownText(parameters, "key_id"), "claviger key list shows all keys"};
  }
  if (name == "ScopeNotFound") {
    const std::string nearest = ShownText(parameters, "nearest");
    return {status, fmt::format("there is no scope \"{}\" in the catalogue", ShownText(parameters, "name")),
            nearest.empty() ? "claviger scope list shows all scopes" : "did you mean: " + nearest};
  }
  if (name == "RequestAlreadyDone") {
    const std::string id = ShownText(parameters, "key_id");
    return {status,
            fmt::format("this request was done before, with key {}; its secret cannot be shown again", id),
            fmt::format("if the secret was lost: claviger key rotate {} --grace 0", id)};
  }
  if (name == "MethodNotFound" || name == "InterfaceNotFound" || name == "MethodNotImplemented") {
    return {status, "the daemon does not know this command", "update clavigerd to the version of claviger"};
  }
  Failure failure{status, InOurWords(ShownText(parameters, "message")), ""};
  failure.field = ShownText(parameters, "field");
  if (!failure.field.empty()) {
    failure.message = fmt::format("{}: {}", OptionOf(failure.field), failure.message);
  }
  return failure;
}

// The call may have been carried out although no reply came.
std::string HintAfterUnknownOutcome(std::string_view method) {
  if (method != "CreateKey" && method != "RotateKey") return "try again";
  return "it may have been done: look with claviger key list, or repeat it if it had a --request-id";
}

}  // namespace

Failure FailureOfCall(std::string_view method, const Error& error,
                      const std::optional<client::Refusal>& refusal) {
  if (!refusal) {
    Failure failure = FailureOf(error);
    if (error.code() == ErrorCode::kInvalidArgument) {
      failure.exit_status = protocol::kExitUsage;
      failure.message = InOurWords(failure.message);
    } else if (error.code() == ErrorCode::kUnavailable) {
      failure.hint = HintAfterUnknownOutcome(method);
    }
    return failure;
  }
  const std::string_view name = refusal->wire_name;
  Failure failure = Translate(name.substr(name.rfind('.') + 1), StatusOfWireName(name), refusal->parameters);
  if (failure.message.empty())
    failure.message = EscapeForDisplay("the daemon answered " + refusal->wire_name);
  if (failure.hint.empty() && BoolOf(refusal->parameters, "unknown_outcome")) {
    failure.hint = HintAfterUnknownOutcome(method);
  }
  return failure;
}

Failure FailureOfConnect(const Error& error, const std::string& path) {
  const std::string message = "the daemon is out of reach: " + EscapeForDisplay(error.message());
  switch (error.code()) {
    case ErrorCode::kDenied: {
      const std::string group = GroupOfSocket(path);
      if (group.empty())
        return {protocol::kExitDenied, message, "ask an administrator for access to this socket"};
      return {protocol::kExitDenied, message,
              fmt::format(
                  "only root and the group {} may use it; to join it: usermod -aG {} USER, then log in again",
                  group, group)};
    }
    case ErrorCode::kUnavailable:
      return {protocol::kExitUnreachable, message,
              "check that clavigerd runs; if its sockets are elsewhere, use --socket-directory DIR"};
    case ErrorCode::kInvalidArgument:
      return {protocol::kExitUsage, message,
              "--socket-directory DIR names the folder of the daemon's sockets"};
    default:
      return {protocol::NameOf(error.code()).exit_status, message, "try again in a moment"};
  }
}

std::string GroupOfSocket(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || status.st_gid == 0) return "";
  std::vector<char> room(16 * 1024);
  group entry{};
  group* found = nullptr;
  if (::getgrgid_r(status.st_gid, &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
    return fmt::format("gid:{}", status.st_gid);
  }
  return EscapeForDisplay(found->gr_name);
}

}  // namespace claviger::cli
