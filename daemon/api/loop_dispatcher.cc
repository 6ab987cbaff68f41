#include "daemon/api/loop_dispatcher.h"

#include <exception>
#include <utility>

#include "daemon/api/method_table.h"
#include "daemon/api/unit_credentials.h"
#include "protocol/interfaces.h"
#include "protocol/limits.h"
#include "protocol/reply.h"

namespace claviger::api {
namespace {

using protocol::Disposition;

// The interface of a method is all before its last dot.
bool IsKnownInterface(std::string_view method, protocol::Face face) {
  const std::string_view name = method.substr(0, method.rfind('.'));
  for (const auto& interface : protocol::Interfaces()) {
    if (interface.name == name) return face == protocol::Face::kAdmin || name != "io.claviger.Admin";
  }
  return false;
}

void AppendNoSuchMethod(WipingBuffer& out, std::string_view method, protocol::Face face) {
  if (IsKnownInterface(method, face)) {
    protocol::AppendError(out, "org.varlink.service.MethodNotFound", {{"method", method}});
  } else {
    protocol::AppendError(out, "org.varlink.service.InterfaceNotFound",
                          {{"interface", method.substr(0, method.rfind('.'))}});
  }
}

}  // namespace

LoopDispatcher::LoopDispatcher(Authority& authority)
    : authority_(authority),
      loop_(authority.cache().epochs()),
      parser_(protocol::kMaxAdminFrameBytes),
      batch_(authority, loop_),
      may_verify_(FindMethod("io.claviger.Verify.Verify", protocol::Face::kVerify)->allowed) {
  loop_.counters = &authority.AddLoopCounters();
  loop_.usage = &authority.AddUsageLedger();
  BeginBatch(SteadyNow());
}

Result<std::unique_ptr<protocol::Session>> LoopDispatcher::Accept(protocol::Peer peer, protocol::Face face) {
  auto session = std::make_unique<PeerSession>();
  session->failures = authority_.failure_budgets().Of(peer.uid);
  session->caller = authority_.callers().Of(peer.uid, peer.unit);
  session->peer = std::move(peer);
  session->face = face;
  FollowSettings(*session);
  return Result<std::unique_ptr<protocol::Session>>(std::move(session));
}

void LoopDispatcher::BeginBatch(SteadyTime now) {
  loop_.steady_now = now;
  loop_.now = authority_.clock().Now();
  if (const std::uint64_t epoch = authority_.settings().epoch(); epoch != loop_.settings_epoch) {
    loop_.settings_epoch = epoch;
    loop_.live = authority_.settings().Get();
  }
}

void LoopDispatcher::EndBatch() {
  if (loop_.answered == 0) return;
  loop_.counters->NoteTurn(std::exchange(loop_.answered, 0), SteadyNow() - loop_.steady_now);
}

std::size_t LoopDispatcher::AnswerTogether(protocol::Session& base, std::span<const std::span<char>> frames,
                                           WipingBuffer& out, std::size_t room) {
  auto& session = static_cast<PeerSession&>(base);
  FollowSettings(session);
  if (!session.roles.HasAnyOf(may_verify_)) return 0;
  const std::size_t before = out.size();
  try {
    return batch_.Answer(session, frames, out, room);
  } catch (const std::exception& failure) {
    // As in Dispatch, where all of them are now tried one by one.
    authority_.LogLine(Authority::Severity::kError, std::string("verifications: ") + failure.what());
    out.resize(before);
    return 0;
  }
}

void LoopDispatcher::FollowSettings(PeerSession& session) const {
  if (session.settings_epoch == loop_.settings_epoch) return;
  session.settings_epoch = loop_.settings_epoch;
  session.roles = loop_.live->roles.Of(session.peer.uid, session.peer.gid, session.peer.groups);
}

void LoopDispatcher::HandOver(protocol::CredentialRequest request, protocol::Ticket ticket) {
  authority_.unit_credentials().HandOver(std::move(request), std::move(ticket));
}

Disposition LoopDispatcher::Dispatch(protocol::Session& base, std::span<char> frame, WipingBuffer& out,
                                     protocol::TicketOffer& offer) {
  auto& session = static_cast<PeerSession&>(base);
  FollowSettings(session);
  const auto call = parser_.Parse(frame);
  if (!call) return Disposition::kClose;

  const std::size_t before = out.size();
  const Method* method = FindMethod(call->method, session.face);
  Disposition disposition = Disposition::kReplied;
  if (method == nullptr) {
    AppendNoSuchMethod(out, call->method, session.face);
  } else if (!method->allowed.empty() && !session.roles.HasAnyOf(method->allowed)) {
    protocol::AppendError(out, "org.varlink.service.PermissionDenied", {});
  } else {
    CallContext context{authority_, loop_, session, *call, out, offer};
    try {
      disposition = method->handler(context);
    } catch (const std::exception& failure) {
      // Ours throw nothing; a library's bad_alloc must cost one call, not the daemon. Whether a ticket was
      // taken is not known, so the connection goes too.
      authority_.LogLine(Authority::Severity::kError, std::string(method->name) + ": " + failure.what());
      return Disposition::kClose;
    }
  }
  if (call->oneway && disposition == Disposition::kReplied) {
    out.resize(before);
    return Disposition::kNoReply;
  }
  return disposition;
}

}  // namespace claviger::api
