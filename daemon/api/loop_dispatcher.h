// Takes frames from one loop to the handlers.
#pragma once

#include "daemon/api/call_context.h"
#include "daemon/api/verify_batch.h"
#include "protocol/dispatcher.h"

namespace claviger::api {

// One per loop; used on its thread only. `authority` must outlive it.
class LoopDispatcher final : public protocol::Dispatcher {
 public:
  explicit LoopDispatcher(Authority& authority);

  Result<std::unique_ptr<protocol::Session>> Accept(protocol::Peer peer, protocol::Face face) override;
  void BeginBatch(SteadyTime now) override;
  void EndBatch() override;
  std::size_t AnswerTogether(protocol::Session& session, std::span<const std::span<char>> frames,
                             WipingBuffer& out, std::size_t room) override;
  protocol::Disposition Dispatch(protocol::Session& session, std::span<char> frame, WipingBuffer& out,
                                 protocol::TicketOffer& offer) override;
  void HandOver(protocol::CredentialRequest request, protocol::Ticket ticket) override;

 private:
  void FollowSettings(PeerSession& session) const;

  Authority& authority_;
  LoopState loop_;
  protocol::CallParser parser_;
  VerifyBatch batch_;
  const keys::RoleSet may_verify_;
};

}  // namespace claviger::api
