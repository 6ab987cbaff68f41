// One call on its way through a handler, and the ways to answer it.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/read_epochs.h"
#include "base/secret.h"
#include "daemon/api/authority.h"
#include "daemon/api/session.h"
#include "protocol/call.h"
#include "protocol/dispatcher.h"

namespace claviger::api {

// What one loop keeps between calls; used only on its thread.
struct LoopState {
  explicit LoopState(ReadEpochs& cache_epochs) : cache_reader(cache_epochs) {}

  LiveSettingsPtr live;
  std::uint64_t settings_epoch = 0;
  SteadyTime steady_now;
  UnixSeconds now = 0;
  const ReadEpochs::Reader cache_reader;
  LoopCounters* counters = nullptr;  // the authority's; so is `usage`
  UsageLedger* usage = nullptr;
  std::uint64_t answered = 0;  // verifications in this turn
};

// An answer that comes later, from any thread. Move-only; an answer that is dropped closes its connection.
class Answer {
 public:
  Answer(protocol::Ticket ticket, bool oneway) : ticket_(std::move(ticket)), oneway_(oneway) {}

  // `frame` is a whole reply with its NUL.
  void Send(WipingBuffer frame) && { std::move(ticket_).Reply(oneway_ ? WipingBuffer() : std::move(frame)); }
  void SendReply(const boost::json::object& parameters) &&;
  void SendError(const Error& error) &&;

 private:
  protocol::Ticket ticket_;
  bool oneway_;
};

struct CallContext {
  Authority& authority;
  LoopState& loop;
  PeerSession& session;
  const protocol::Call& call;
  WipingBuffer& out;
  protocol::TicketOffer& offer;

  // The immediate answers. The dispatcher takes them back for a oneway call.
  protocol::Disposition Reply(const boost::json::object& parameters);
  protocol::Disposition InvalidParameter(std::string_view parameter);
  protocol::Disposition Fail(const Error& error);
  protocol::Disposition Fail(std::string_view wire_name, const boost::json::object& parameters);
  // The answer to an error of the policy, of a ceiling or of a text, as RefusalOf makes it.
  protocol::Disposition Refuse(const Error& error);
  // The answer that comes later; `fallback` is sent if it does not come in time.
  Answer Defer(std::chrono::milliseconds deadline, WipingBuffer fallback);
  // As above, for management: after kAdminDeadline the outcome is told to be unknown.
  Answer DeferManagement();
};

}  // namespace claviger::api
