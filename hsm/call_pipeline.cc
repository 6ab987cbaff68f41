#include "hsm/call_pipeline.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "hsm/ckr.h"

namespace claviger::hsm {
namespace {

// Enough to keep the worker busy while a reply is on its way, few enough that a lost worker takes little
// along.
constexpr std::size_t kMaxInFlight = 64;
// The token's own object is used once a second: nothing else shows that the token is still there.
constexpr std::chrono::milliseconds kHealthInterval{1000};
// An idle worker shows this often that it is alive; it touches no token for it.
constexpr std::chrono::milliseconds kPingInterval{250};
// For so long after a call others are expected.
constexpr std::chrono::milliseconds kActiveTime{1000};

Error TooSlow(std::chrono::milliseconds deadline) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("the token did not answer within {} ms; try again later", deadline.count()));
}

}  // namespace

CallPipeline::CallPipeline(WorkerLink& link, Mailbox& mailbox, const Installation& installation,
                           std::chrono::milliseconds deadline, std::function<void()> on_pass)
    : link_(link),
      mailbox_(mailbox),
      installation_(installation),
      deadline_(deadline),
      on_pass_(std::move(on_pass)),
      sender_([this](const std::shared_ptr<CallBatch>& batch) { return SendDirectly(batch); }),
      next_health_(SteadyNow() + kHealthInterval) {}

CallPipeline::End CallPipeline::Run() {
  mailbox_.SetAwake();
  const End end = RunAwake();
  mailbox_.Park(nullptr);
  return end;
}

CallPipeline::End CallPipeline::RunAwake() {
  while (true) {
    if (mailbox_.stopping()) return End::kStop;
    const bool command_waits = mailbox_.HasCommand();
    if (command_waits && link_.in_flight() == 0) return End::kCommand;
    if (!command_waits && (!SendCalls() || !SendChecks() || !Flush())) return End::kLost;
    const bool alive = Wait(!command_waits);
    on_pass_();
    if (!Receive()) return End::kLost;
    if (!alive) {
      reason_ = link_.Gone().message();
      return End::kLost;
    }
    if (WorkerHangs()) return End::kLost;
    ExpireCalls();
  }
}

void CallPipeline::FailAll(const Error& error) {
  targets_.clear();
  unsent_.clear();
  for (const auto& batch : std::exchange(active_, {})) batch->Fail(error);
}

bool CallPipeline::SendCalls() {
  const std::size_t known = unsent_.size();
  mailbox_.TakeCalls(unsent_);
  for (std::size_t i = known; i < unsent_.size(); ++i) {
    active_.push_back(unsent_[i]);
    next_expiry_ = std::min(next_expiry_, unsent_[i]->last_progress() + deadline_);
  }
  while (!unsent_.empty() && link_.in_flight() < Window()) {
    const std::shared_ptr<CallBatch>& batch = unsent_.front();
    if (batch->ended() || batch->next_to_send == batch->size()) {
      unsent_.pop_front();
      continue;
    }
    if (ComesTooLate(*batch)) {
      batch->Fail(TooSlow(deadline_));
      continue;
    }
    if (!MakeRoom()) return !broken_;
    StageCall(batch);
  }
  return true;
}

void CallPipeline::StageCall(const std::shared_ptr<CallBatch>& batch) {
  batch->Fill(batch->next_to_send, link_.NextFrame());
  link_.Stage(batch->random_length());
  targets_.push_back({batch, batch->next_to_send++, false, {}});
}

// Only what needs no decision: there is room for all of it, and it will be in time.
bool CallPipeline::SendDirectly(const std::shared_ptr<CallBatch>& batch) {
  const SteadyTime expiry = batch->last_progress() + deadline_;
  if (link_is_full_ || !unsent_.empty() || link_.in_flight() + batch->size() > Window() ||
      !link_.CanStage(batch->size()) || expiry < wakes_at_ || ComesTooLate(*batch)) {
    return false;
  }
  active_.push_back(batch);
  next_expiry_ = std::min(next_expiry_, expiry);
  while (batch->next_to_send != batch->size()) StageCall(batch);
  // What does not leave, or cannot, is the client's thread's to see.
  if (link_.Flush() != WorkerLink::Flushed::kAll) mailbox_.wakeup().Signal();
  return true;
}

// The worker answers in order, so what a slow token has in flight delays all that comes after it: half a
// deadline's worth is enough.
std::size_t CallPipeline::Window() const {
  const SteadyTime::duration each = link_.service_time();
  if (each <= deadline_ / (2 * kMaxInFlight)) return kMaxInFlight;
  return std::max<std::size_t>(static_cast<std::size_t>(deadline_ / (2 * each)), 1);
}

// A call that cannot be answered in time is not begun, so that those behind it still can.
bool CallPipeline::ComesTooLate(const CallBatch& batch) const {
  if (batch.next_to_send != 0 || link_.in_flight() == 0) return false;
  const auto wait = link_.service_time() * static_cast<std::int64_t>(link_.in_flight() + 1);
  return SteadyNow() + wait > batch.last_progress() + deadline_;
}

bool CallPipeline::SendChecks() {
  const SteadyTime now = SteadyNow();
  const bool health = now >= next_health_;
  const bool ping = !health && link_.in_flight() == 0 && now - link_.last_reply() >= kPingInterval;
  if (!health && !ping) return true;
  if (!MakeRoom()) return !broken_;
  RequestFrame& frame = link_.NextFrame();
  const TokenPurpose purpose = kTokenPurposes[health_turn_ % kTokenPurposes.size()];
  if (health) {
    const std::string message = CheckMessage(installation_.id);
    frame.op = static_cast<std::uint16_t>(Op::kTokenMac);
    frame.purpose = static_cast<std::uint8_t>(purpose);
    frame.generation = kKeyGeneration;
    frame.SetPayload(std::span(reinterpret_cast<const std::uint8_t*>(message.data()), message.size()));
    next_health_ = now + kHealthInterval;
    ++health_turn_;
  }
  link_.Stage();
  targets_.push_back({nullptr, 0, health, purpose});
  return true;
}

bool CallPipeline::MakeRoom() { return link_.CanStage() || (Flush() && link_.CanStage()); }

bool CallPipeline::Flush() {
  const WorkerLink::Flushed flushed = link_.Flush();
  link_is_full_ = flushed == WorkerLink::Flushed::kFull;
  broken_ = flushed == WorkerLink::Flushed::kBroken;
  if (broken_) reason_ = link_.Gone().message();
  return !broken_;
}

bool CallPipeline::Receive() {
  while (true) {
    const auto received = link_.Receive();
    if (!received) {
      reason_ = received.error().message();
      return false;
    }
    if (*received == nullptr) return true;
    const Target target = std::move(targets_.front());
    targets_.pop_front();
    if (target.batch) active_until_ = link_.last_reply() + kActiveTime;
    if (!Take(target, **received)) return false;
  }
}

bool CallPipeline::Take(const Target& target, const ReplyFrame& reply) {
  if (reply.reply_code() == ReplyCode::kOk) {
    if (target.batch) target.batch->Accept(target.index, reply);
    return !target.is_health || CheckHealth(target.purpose, reply);
  }
  if (reply.reply_code() != ReplyCode::kTokenError) {
    reason_ = "the token has lost a key";
    worker_is_sound_ = true;
    return false;
  }
  const Error error = CkrError(reply.ckr, EscapeForDisplay(reply.text()));
  // Only what every worker would answer again concerns the call alone.
  if (target.batch &&
      (error.code() == ErrorCode::kUnsupported || error.code() == ErrorCode::kInvalidArgument)) {
    target.batch->Fail(error);
    return true;
  }
  reason_ = error.message();
  worker_is_sound_ = true;
  return false;
}

bool CallPipeline::CheckHealth(TokenPurpose purpose, const ReplyFrame& reply) {
  Mac mac{};
  std::ranges::copy(reply.payload(), mac.begin());
  if (CheckValue(mac) == installation_.check_values[static_cast<std::size_t>(purpose)]) return true;
  reason_ = fmt::format("the token's key {} has changed", TokenPurposeName(purpose));
  worker_is_sound_ = true;
  return false;
}

bool CallPipeline::WorkerHangs() {
  if (link_.in_flight() == 0 || SteadyNow() - link_.waiting_since() < deadline_) return false;
  reason_ = fmt::format("the worker claviger-token did not answer within {} ms", deadline_.count());
  return true;
}

void CallPipeline::ExpireCalls() {
  const SteadyTime now = SteadyNow();
  if (now < next_expiry_) return;
  next_expiry_ = SteadyTime::max();
  for (const auto& batch : active_) {
    const SteadyTime expiry = batch->last_progress() + deadline_;
    if (!batch->ended() && expiry <= now) {
      batch->Fail(TooSlow(deadline_));
    }
    if (!batch->ended()) next_expiry_ = std::min(next_expiry_, expiry);
  }
  std::erase_if(active_, [](const auto& batch) { return batch->ended(); });
}

SteadyTime CallPipeline::NextEvent() const {
  SteadyTime next = std::min(next_expiry_, next_health_);
  if (link_.in_flight() != 0) return std::min(next, link_.waiting_since() + deadline_);
  return std::min(next, link_.last_reply() + kPingInterval);
}

bool CallPipeline::Wait(bool takes_calls) {
  const short socket_events = link_is_full_ ? POLLIN | POLLOUT : POLLIN;
  std::array<pollfd, 3> watched{pollfd{link_.process().socket(), socket_events, 0},
                                pollfd{link_.process().pidfd(), POLLIN, 0},
                                pollfd{mailbox_.wakeup().fd(), POLLIN, 0}};
  const SteadyTime now = SteadyNow();
  wakes_at_ = NextEvent();
  // So that a call which is sent without waking us has its deadline watched.
  if (now < active_until_) wakes_at_ = std::min(wakes_at_, now + deadline_ / 3);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(wakes_at_ - now);
  const bool more = mailbox_.Park(takes_calls ? &sender_ : nullptr) && takes_calls;
  const auto timeout = more ? 0 : std::max<std::chrono::milliseconds::rep>(left.count(), 0);
  poll(watched.data(), watched.size(), static_cast<int>(timeout));
  mailbox_.SetAwake();
  if (watched[2].revents != 0) mailbox_.wakeup().Drain();
  return watched[1].revents == 0;
}

}  // namespace claviger::hsm
