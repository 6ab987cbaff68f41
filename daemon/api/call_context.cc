#include "daemon/api/call_context.h"

#include "daemon/api/refusal.h"
#include "protocol/limits.h"
#include "protocol/reply.h"

namespace claviger::api {

void Answer::SendReply(const boost::json::object& parameters) && {
  WipingBuffer frame;
  protocol::AppendReply(frame, parameters);
  std::move(*this).Send(std::move(frame));
}

void Answer::SendError(const Error& error) && {
  WipingBuffer frame;
  protocol::AppendError(frame, error);
  std::move(*this).Send(std::move(frame));
}

protocol::Disposition CallContext::Reply(const boost::json::object& parameters) {
  protocol::AppendReply(out, parameters);
  return protocol::Disposition::kReplied;
}

protocol::Disposition CallContext::InvalidParameter(std::string_view parameter) {
  protocol::AppendInvalidParameter(out, parameter);
  return protocol::Disposition::kReplied;
}

protocol::Disposition CallContext::Fail(const Error& error) {
  protocol::AppendError(out, error);
  return protocol::Disposition::kReplied;
}

protocol::Disposition CallContext::Fail(std::string_view wire_name, const boost::json::object& parameters) {
  protocol::AppendError(out, wire_name, parameters);
  return protocol::Disposition::kReplied;
}

protocol::Disposition CallContext::Refuse(const Error& error) {
  const Refusal refusal = RefusalOf(error);
  return Fail(refusal.wire_name, refusal.parameters);
}

Answer CallContext::Defer(std::chrono::milliseconds deadline, WipingBuffer fallback) {
  if (call.oneway) fallback.clear();
  return Answer(offer.Take(loop.steady_now + deadline, std::move(fallback)), call.oneway);
}

Answer CallContext::DeferManagement() {
  WipingBuffer fallback;
  protocol::AppendError(
      fallback, "io.claviger.Admin.Unavailable",
      {{"message", "no answer from token or store in time; whether the change was made is not known"},
       {"unknown_outcome", true}});
  return Defer(protocol::kAdminDeadline, std::move(fallback));
}

}  // namespace claviger::api
