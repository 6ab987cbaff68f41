#include "tests/unit/server/toy_dispatcher.h"

#include <algorithm>
#include <utility>

namespace claviger::server {
namespace {

using protocol::Disposition;

struct ToySession final : protocol::Session {
  ToySession(ToyDesk& session_desk, protocol::Peer session_peer, protocol::Face session_face)
      : desk(session_desk), peer(std::move(session_peer)), face(session_face) {
    ++desk.sessions;
  }
  ~ToySession() override { --desk.sessions; }

  ToyDesk& desk;
  const protocol::Peer peer;
  const protocol::Face face;
};

Disposition Reply(WipingBuffer& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
  out.push_back('\0');
  return Disposition::kReplied;
}

std::string Describe(const protocol::Peer& peer) {
  const bool has_primary_group =
      std::find(peer.groups.begin(), peer.groups.end(), peer.gid) != peer.groups.end();
  return std::to_string(peer.uid) + " " + std::to_string(peer.gid) + " " + std::to_string(peer.pid) + " " +
         peer.command + " " + (has_primary_group || peer.groups.empty() ? "groups" : "other groups");
}

}  // namespace

WipingBuffer ToBuffer(std::string_view text) { return WipingBuffer(text.begin(), text.end()); }

protocol::Ticket ToyDesk::Await(const std::string& name) {
  const MutexLock lock(mutex_);
  while (tickets_.count(name) == 0) arrived_.Wait(mutex_);
  auto node = tickets_.extract(name);
  return std::move(node.mapped());
}

void ToyDesk::Put(const std::string& name, protocol::Ticket ticket) {
  const MutexLock lock(mutex_);
  tickets_.emplace(name, std::move(ticket));
  arrived_.NotifyAll();
}

Result<std::unique_ptr<protocol::Session>> ToyDispatcher::Accept(protocol::Peer peer, protocol::Face face) {
  if (!desk_.lets_in) return Error(ErrorCode::kDenied, "nobody is let in");
  return Result<std::unique_ptr<protocol::Session>>(
      std::make_unique<ToySession>(desk_, std::move(peer), face));
}

Disposition ToyDispatcher::Dispatch(protocol::Session& base, std::span<char> frame, WipingBuffer& out,
                                    protocol::TicketOffer& offer) {
  ++desk_.dispatched;
  const auto& session = static_cast<ToySession&>(base);
  const std::string_view text(frame.data(), frame.size());
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string_view verb = text.substr(0, space);
  const std::string argument(text.substr(std::min(space + 1, text.size())));
  if (verb == "echo") return Reply(out, argument);
  if (verb == "oneway") return Disposition::kNoReply;
  if (verb == "big") return Reply(out, std::string(std::stoul(argument), 'x'));
  if (verb == "who") return Reply(out, std::to_string(number_));
  if (verb == "peer") return Reply(out, Describe(session.peer));
  if (verb == "face") return Reply(out, session.face == protocol::Face::kAdmin ? "admin" : "verify");
  if (verb == "close") Reply(out, argument);
  if (verb == "close" || verb.empty()) return Disposition::kClose;
  return TakeTicket(verb, argument, offer);
}

std::size_t ToyDispatcher::AnswerTogether(protocol::Session&, std::span<const std::span<char>> frames,
                                          WipingBuffer& out, std::size_t room) {
  const std::size_t before = out.size();
  std::size_t answered = 0;
  for (; answered < frames.size() && out.size() - before <= room; ++answered) {
    const std::string_view text(frames[answered].data(), frames[answered].size());
    if (!text.starts_with("all ")) break;
    Reply(out, std::string(text.substr(4)));
  }
  desk_.most_together = std::max(desk_.most_together.load(), answered);
  return answered;
}

Disposition ToyDispatcher::TakeTicket(std::string_view verb, const std::string& argument,
                                      protocol::TicketOffer& offer) {
  constexpr std::chrono::hours kLong{1};
  if (verb == "lie") return Disposition::kPending;
  const auto deadline =
      verb == "due" ? std::chrono::milliseconds(std::stoul(argument)) : std::chrono::milliseconds(kLong);
  protocol::Ticket ticket = offer.Take(now_ + deadline, ToBuffer(std::string_view("late\0", 5)));
  if (verb == "later" || verb == "due") {
    desk_.Put(argument, std::move(ticket));
  } else if (verb == "now") {
    std::move(ticket).Reply(ToBuffer(argument + '\0'));
  }
  return verb == "cheat" ? Disposition::kReplied : Disposition::kPending;
}

}  // namespace claviger::server
