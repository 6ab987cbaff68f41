#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "daemon/api/handlers.h"
#include "daemon/api/management.h"
#include "protocol/reply.h"

namespace claviger::api {
namespace {

using protocol::Disposition;
using protocol::Parameter;
using protocol::ParameterType;

// A wrong PIN is no lack of a role: the sentence must reach the operator.
void SendTokenError(Answer answer, const Error& error) {
  if (error.code() != ErrorCode::kDenied) {
    std::move(answer).SendError(error);
    return;
  }
  WipingBuffer frame;
  protocol::AppendError(frame, "io.claviger.Admin.Refused", {{"message", error.message()}});
  std::move(answer).Send(std::move(frame));
}

Secret SecretOr(const std::optional<std::string_view>& text) {
  return text ? Secret::FromText(*text) : Secret();
}

// The token has just served. If it does not answer now the host is busy, and its worker is replaced.
constexpr std::chrono::seconds kTokenPatience{5};
constexpr std::chrono::milliseconds kRetryInterval{50};

// Once the token is ready: the store with it, and the act on record, before anyone is told.
Status OpenAndRecord(Authority& authority, const audit::Actor& actor, std::string_view name) {
  audit::Act act;
  act.actor = actor;
  act.name = name;
  const SteadyTime until = SteadyNow() + kTokenPatience;
  while (true) {
    Status done = authority.OpenStore();
    if (done) done = authority.RecordAct(act);
    if (done || done.error().code() != ErrorCode::kUnavailable || SteadyNow() >= until) return done;
    std::this_thread::sleep_for(kRetryInterval);
  }
}

// A database without an installation has lost the id that its key is made from. Binding anew would make
// another id, and so hide for good what the database holds.
Status CheckNothingToLose(Authority& authority) {
  if (!authority.token().installation_id().empty() || ::access(authority.DatabasePath().c_str(), F_OK) != 0)
    return Ok();
  return Error(ErrorCode::kConflict,
               authority.DatabasePath() +
                   " exists, but the installation.toml that belongs to it is gone; restore that "
                   "file from a backup and restart the daemon, or move the database away");
}

}  // namespace

Disposition HandleInitialiseToken(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"pin", ParameterType::kString, false},
                                             Parameter{"so_pin", ParameterType::kString, false},
                                             Parameter{"label", ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto request = std::make_shared<hsm::TokenInitialisation>();
  request->pin = SecretOr(parameters.OptionalText(0));
  request->so_pin = SecretOr(parameters.OptionalText(1));
  request->label = parameters.OptionalText(2).value_or("");
  return RunAsOperatorTask(
      context, [&authority = context.authority, request, actor = ActorOf(context.session)](Answer answer) {
        if (const Status fine = CheckNothingToLose(authority); !fine) {
          return SendTokenError(std::move(answer), fine.error());
        }
        if (const Status bound = authority.token().Initialise(std::move(*request)); !bound) {
          return SendTokenError(std::move(answer), bound.error());
        }
        if (Status recorded = OpenAndRecord(authority, actor, "token.initialise"); !recorded) {
          return SendTokenError(std::move(answer), recorded.error());
        }
        const hsm::TokenStatus status = authority.token().status();
        std::move(answer).SendReply({{"label", status.label}, {"serial", status.serial}});
      });
}

Disposition HandleUnlock(CallContext& context) {
  static constexpr std::array kParameters = {Parameter{"pin", ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto pin = std::make_shared<Secret>(SecretOr(parameters.OptionalText(0)));
  return RunAsOperatorTask(
      context, [&authority = context.authority, pin, actor = ActorOf(context.session)](Answer answer) {
        if (const Status unlocked = authority.token().Unlock(std::move(*pin)); !unlocked) {
          return SendTokenError(std::move(answer), unlocked.error());
        }
        Status recorded = OpenAndRecord(authority, actor, "token.unlock");
        if (!recorded) return SendTokenError(std::move(answer), recorded.error());
        std::move(answer).SendReply({});
      });
}

Disposition HandleLock(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  return RunAsOperatorTask(context, [&authority = context.authority,
                                     actor = ActorOf(context.session)](Answer answer) {
    if (authority.store().is_open()) {
      audit::Act act;
      act.actor = actor;
      act.name = "token.lock";
      // Locking is how an operator stops everything: it is done even if the record of it cannot be written.
      if (Status recorded = authority.RecordAct(act); !recorded) {
        authority.LogLine(Authority::Severity::kError,
                          "locked by " + actor.user + ", but not on record: " + recorded.error().message());
      }
    }
    const Status locked = authority.token().Lock();
    authority.CloseStore();
    authority.cache().DropProofs();  // after the store, which may be putting an entry into the cache
    if (!locked) return SendTokenError(std::move(answer), locked.error());
    std::move(answer).SendReply({});
  });
}

}  // namespace claviger::api
