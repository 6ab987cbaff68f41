// The steps of `setup` that deal with units, the daemon and its token.
#include <fmt/format.h>

#include <iterator>
#include <thread>

#include "cli/credential_store.h"
#include "cli/json_view.h"
#include "cli/setup.h"
#include "cli/units.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr std::chrono::seconds kTimeToAnswer{30};
constexpr std::chrono::milliseconds kPause{200};
constexpr std::string_view kCredentialInUse = "/run/credentials/claviger.service/hsm-pin";

Outcome<ProgramEnd> Systemctl(const Setup& setup, std::vector<std::string> words, std::string hint) {
  auto end = setup.host.Run("systemctl", std::move(words));
  if (!end) return SetupFailure(end.error(), "setup works with systemd's units");
  if (end->succeeded()) return std::move(*end);
  return Failure{protocol::kExitFailure, "systemctl: " + end->Complaint(), std::move(hint)};
}

Outcome<std::vector<UnitProperties>> Units(const Setup& setup) {
  auto units = AskUnits(setup.host);
  if (!units) return SetupFailure(units.error(), "setup works with systemd's units");
  return std::move(*units);
}

// A connection of its own each time: the service may have been started anew in between.
Outcome<client::Reply> Ask(const Setup& setup, std::string_view method,
                           std::span<const client::SecretParameter> secrets = {},
                           const boost::json::object& parameters = {}) {
  Daemon daemon(setup.socket_directory);
  return daemon.Admin(method, parameters, secrets);
}

// Asks for the status until `enough` says so or the time is over; the last answer.
Outcome<client::Reply> AwaitStatus(const Setup& setup, bool (*enough)(const boost::json::object&)) {
  const SteadyTime deadline = SteadyNow() + kTimeToAnswer;
  for (;;) {
    auto reply = Ask(setup, "GetStatus");
    if ((reply && enough(reply->parameters)) || SteadyNow() >= deadline) return reply;
    std::this_thread::sleep_for(kPause);
  }
}

bool IsServing(const boost::json::object& status) { return BoolOf(status, "serving"); }
bool IsAnything(const boost::json::object&) { return true; }

// Whether the service started before what it reads at its start was as it is now.
bool IsStale(const Setup& setup) {
  if (setup.changed) return true;
  const std::string credential = CredentialPath(kPinCredential);
  if (setup.host.Has(credential) && !setup.host.Has(kCredentialInUse)) return true;
  const auto reply = Ask(setup, "GetStatus");
  if (!reply) return true;
  const auto started = ParseTime(TextOf(reply->parameters, "started_at"));
  if (!started) return true;
  for (const std::string& path : {credential, std::string(kConfigPath)}) {
    const auto status = setup.host.Look(path);
    if (status && status->st_mtim.tv_sec > *started) return true;
  }
  return false;
}

}  // namespace

Outcome<StepFinding> CheckUnits(Setup& setup) {
  const auto units = Units(setup);
  if (!units) return units.error();
  bool done = true;
  for (std::size_t i = 0; i < std::size(kUnits); ++i) {
    const UnitProperties& unit = (*units)[i];
    if (!unit.exists()) {
      return Failure{protocol::kExitFailure,
                     fmt::format("systemd does not know the unit {} ({})", kUnits[i].name, unit["LoadState"]),
                     "install the package claviger whole; a masked unit is set free by systemctl unmask"};
    }
    done = done && unit.enabled() && (unit.active() || kUnits[i].kind == UnitKind::kService);
  }
  return StepFinding{done, done ? "sockets and timers are enabled and active"
                                : "enables the service, its sockets and its timers"};
}

Outcome<std::string> EnableUnits(Setup& setup) {
  const auto units = Units(setup);
  if (!units) return units.error();
  std::vector<std::string> enable = {"enable"}, start = {"start"};
  bool socket_missing = false;
  for (std::size_t i = 0; i < std::size(kUnits); ++i) {
    enable.emplace_back(kUnits[i].name);
    if (kUnits[i].kind == UnitKind::kService || (*units)[i].active()) continue;
    start.emplace_back(kUnits[i].name);
    socket_missing = socket_missing || kUnits[i].kind == UnitKind::kSocket;
  }
  const std::string hint = "systemctl status 'claviger*' shows more";
  if (auto done = Systemctl(setup, enable, hint); !done) return done.error();
  // systemd starts no socket of a service that runs.
  if (socket_missing) {
    if (auto done = Systemctl(setup, {"stop", std::string(kServiceUnit)}, hint); !done) return done.error();
  }
  if (start.size() > 1) {
    if (auto done = Systemctl(setup, start, hint); !done) return done.error();
  }
  return "service, sockets and timers are enabled";
}

Outcome<StepFinding> CheckService(Setup& setup) {
  const auto units = Units(setup);
  if (!units) return units.error();
  if (!units->front().active()) return StepFinding{false, "starts it"};
  if (IsStale(setup)) return StepFinding{false, "restarts it"};
  return StepFinding{true, "runs"};
}

Outcome<std::string> StartService(Setup& setup) {
  // It may have been given up before; if not, there is nothing to reset.
  const std::string unit(kServiceUnit);
  const std::string hint = fmt::format("journalctl -u {} -n 20 says why", unit);
  static_cast<void>(Systemctl(setup, {"reset-failed", unit}, ""));
  if (auto done = Systemctl(setup, {"restart", unit}, hint); !done) return done.error();
  const auto answer = AwaitStatus(setup, IsAnything);
  if (!answer) return Failure{protocol::kExitFailure, answer.error().message, hint};
  setup.changed = false;
  return "started, with all of the above";
}

Outcome<StepFinding> CheckBinding(Setup& setup) {
  if (IsBound(setup.host, setup.settings)) return StepFinding{true, "bound to this installation"};
  return StepFinding{false,
                     MayHavePin(setup.host, setup.settings, setup.choice)
                         ? "makes the daemon's keys in it and binds this installation to it"
                         : "initialises it, makes the daemon's keys in it and binds this installation to it"};
}

Outcome<std::string> BindToken(Setup& setup) {
  Secret so_pin = std::move(setup.choice.so_pin);
  if (so_pin.empty() && setup.choice.is_softhsm() && setup.host.Has(CredentialPath(kSoPinCredential))) {
    auto loaded = LoadCredential(setup.host, kSoPinCredential);
    if (!loaded) return SetupFailure(loaded.error(), "remove it, if this token is not in use yet");
    so_pin = std::move(*loaded);
  }
  std::vector<client::SecretParameter> secrets;
  if (!so_pin.empty()) secrets.push_back({"so_pin", so_pin});
  boost::json::object parameters;
  if (setup.choice.uri.find("token=") == std::string::npos && !so_pin.empty())
    parameters["label"] = "claviger";
  const auto reply = Ask(setup, "InitialiseToken", secrets, parameters);
  if (!reply) {
    return Failure{protocol::kExitFailure, reply.error().message,
                   fmt::format("if the PIN is wrong: rm {}, then claviger setup with the right one",
                               CredentialPath(kPinCredential))};
  }
  return fmt::format("bound: \"{}\", serial {}", ShownText(reply->parameters, "label"),
                     ShownText(reply->parameters, "serial"));
}

Outcome<StepFinding> CheckServing(Setup& setup) {
  const auto reply = Ask(setup, "GetStatus");
  if (reply && IsServing(reply->parameters)) return StepFinding{true, "verifications are answered"};
  return StepFinding{false, "waits until verifications are answered"};
}

Outcome<std::string> AwaitServing(Setup& setup) {
  const auto reply = AwaitStatus(setup, IsServing);
  if (!reply) return reply.error();
  if (IsServing(reply->parameters)) return "verifications are answered";
  return Failure{protocol::kExitFailure,
                 fmt::format("the token is not ready ({})", ShownText(reply->parameters, "token_state")),
                 ShownText(reply->parameters, "token_message")};
}

}  // namespace claviger::cli
