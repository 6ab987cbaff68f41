#include "hsm/token_supervisor.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <utility>

namespace claviger::hsm {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPinCheckInterval{500};
constexpr milliseconds kReapInterval{50};
// A new worker waits so long for the old one, since some tokens serve one process at a time.
constexpr milliseconds kTimeForOldWorker{200};
// A worker that has served for so long is not a failed attempt when it is lost.
constexpr milliseconds kProvenTime{200};

// How long after a state the next attempt is made; nullopt where only a PIN or a command helps.
std::optional<milliseconds> RetryInterval(TokenState state, int failures) {
  switch (state) {
    case TokenState::kFailed: {
      if (failures <= 1) return milliseconds(0);
      return std::min(milliseconds(10 << std::min(failures - 2, 7)), milliseconds(1000));
    }
    case TokenState::kModuleAbsent:
    case TokenState::kTokenAbsent:
      return milliseconds(500);
    case TokenState::kForeignToken:
      return milliseconds(1000);
    case TokenState::kKeysMissing:
      return milliseconds(2000);  // each attempt logs in
    case TokenState::kUnsupported:
    case TokenState::kPinBlocked:
      return milliseconds(5000);
    default:
      return std::nullopt;
  }
}

}  // namespace

TokenSupervisor::TokenSupervisor(TokenSettings settings, TokenUri uri,
                                 std::optional<Installation> installation, Mailbox& mailbox,
                                 StatusBoard& board)
    : settings_(std::move(settings)),
      uri_(std::move(uri)),
      installation_(std::move(installation)),
      mailbox_(mailbox),
      board_(board),
      pins_(settings_.pin_file),
      refused_(settings_.state_directory),
      next_attempt_(SteadyNow()) {
  if (installation_) board_.SetInstallationId(installation_->id);
  board_.Show({TokenState::kStarting, "the token is being opened; try again in a moment"});
}

void TokenSupervisor::Run() {
  while (!mailbox_.stopping()) {
    RunCommands();
    if (pipeline_) {
      Serve();
    } else if (SteadyNow() >= next_attempt_) {
      BringUp();
    } else {
      Rest();
    }
  }
  RunCommands();
  StopServing({TokenState::kFailed, "clavigerd is stopping"}, RetiredWorkers::Manner::kInOrder);
  retired_.WaitForAll();
}

void TokenSupervisor::RunCommands() {
  while (auto command = mailbox_.TakeCommand()) (*command)();
}

void TokenSupervisor::Serve() {
  if (pipeline_->Run() != CallPipeline::End::kLost) return;
  const auto manner =
      pipeline_->worker_is_sound() ? RetiredWorkers::Manner::kInOrder : RetiredWorkers::Manner::kByForce;
  if (SteadyNow() - serving_since_ >= kProvenTime) failures_ = 0;
  const Standing failed{TokenState::kFailed, fmt::format("{}; it is being replaced", pipeline_->reason())};
  StopServing(failed, manner);
  ScheduleAfter(failed);
}

void TokenSupervisor::Rest() {
  retired_.Sweep();
  SteadyTime until = next_attempt_;
  const SteadyTime now = SteadyNow();
  if (waits_for_pin_) until = std::min(until, now + kPinCheckInterval);
  if (!retired_.empty()) until = std::min(until, now + kReapInterval);
  int timeout = -1;
  if (until != SteadyTime::max()) {
    timeout = static_cast<int>(
        std::max<milliseconds::rep>(std::chrono::ceil<milliseconds>(until - now).count(), 0));
  }
  pollfd watched{mailbox_.wakeup().fd(), POLLIN, 0};
  if (poll(&watched, 1, timeout) > 0) mailbox_.wakeup().Drain();
  if (waits_for_pin_ && pins_.Fingerprint() != pin_fingerprint_) next_attempt_ = SteadyNow();
}

Result<WorkerLink> TokenSupervisor::StartWorker() {
  retired_.Wait(kTimeForOldWorker);
  board_.CountWorker();
  return WorkerLink::Start({settings_.worker_path, settings_.module_path, settings_.uri});
}

void TokenSupervisor::BringUp() {
  if (locked_) return StayDown(LockedByOperator());
  auto started = StartWorker();
  if (!started) return StayDown({TokenState::kFailed, started.error().message()});
  WorkerLink link = std::move(*started);
  TokenSetup setup(settings_, link, mailbox_);
  const Standing standing = OpenAndLogIn(setup);
  if (standing.state == TokenState::kReady) {
    StartServing(std::move(link));
    return;
  }
  const bool orderly = standing.state != TokenState::kFailed;
  retired_.Add(std::move(link),
               orderly ? RetiredWorkers::Manner::kInOrder : RetiredWorkers::Manner::kByForce);
  StayDown(standing);
}

Standing TokenSupervisor::OpenAndLogIn(TokenSetup& setup) {
  Standing standing = setup.Open(installation_ ? &*installation_ : nullptr);
  if (setup.description()) {
    description_ = setup.description();
    board_.Show(*description_);
  }
  if (!installation_) {
    return {TokenState::kUninitialised,
            "this installation is not bound to a token yet; run `claviger token init`"};
  }
  if (standing.state != TokenState::kReady) return standing;
  pin_fingerprint_ = pins_.Fingerprint();
  const auto pin = pins_.Read();
  if (!pin) {
    return {TokenState::kLocked,
            fmt::format("the token is locked, because {}; {}", pin.error().message(), pins_.Advice())};
  }
  standing = LogIn(setup, *pin);
  if (standing.state != TokenState::kReady) return standing;
  return setup.Prove(*installation_);
}

Standing TokenSupervisor::LogIn(TokenSetup& setup, const Pin& pin) {
  const std::string& serial = setup.description()->serial;
  if (const Status loaded = refused_.Load(); !loaded)
    return {TokenState::kPinRefused, loaded.error().message()};
  const auto refused_before = refused_.Contains(pin.value, serial);
  if (!refused_before) return {TokenState::kPinRefused, refused_before.error().message()};
  if (*refused_before) {
    return {TokenState::kPinRefused, fmt::format("the token refused the PIN of {} before, so it is not tried "
                                                 "again; {}. If it is right now, remove "
                                                 "{} and run `claviger unlock`",
                                                 pin.origin, pins_.Advice(), refused_.path())};
  }
  if (login_uncertain_ && setup.description()->Has(TokenFacts::kPinFailedBefore)) {
    return Refuse(pin, serial, "the last login got no answer, and the token has counted a failure");
  }
  Standing standing = setup.LogIn(pin);
  login_uncertain_ = setup.login_is_uncertain();
  if (standing.state == TokenState::kPinRefused) return Refuse(pin, serial, standing.message);
  return standing;
}

Standing TokenSupervisor::Refuse(const Pin& pin, std::string_view serial, std::string_view why) {
  login_uncertain_ = false;
  const Status noted = refused_.Add(pin.value, serial);
  std::string message =
      fmt::format("the PIN of {} is not tried again: {}; correct it, or {}", pin.origin, why, pins_.Advice());
  if (!noted) message += fmt::format(". This could not be noted ({})", noted.error().message());
  return {TokenState::kPinRefused, std::move(message)};
}

void TokenSupervisor::StartServing(WorkerLink link) {
  link_ = std::make_unique<WorkerLink>(std::move(link));
  pipeline_ = std::make_unique<CallPipeline>(*link_, mailbox_, *installation_, settings_.deadline, [this] {
    if (!retired_.empty()) retired_.Sweep();
  });
  serving_since_ = SteadyNow();
  waits_for_pin_ = false;
  mailbox_.Open();
  board_.Show({TokenState::kReady, "the token is logged in and its keys are proved"});
}

void TokenSupervisor::StopServing(const Standing& standing, RetiredWorkers::Manner manner) {
  // Callers are answered before anything else is done.
  const Error error(ErrorCode::kUnavailable, standing.message);
  for (const auto& batch : mailbox_.Close(error)) batch->Fail(error);
  if (pipeline_) {
    pipeline_->FailAll(error);
    pipeline_.reset();
    retired_.Add(std::move(*link_), manner);
    link_.reset();
  }
  board_.Show(standing);
}

void TokenSupervisor::StayDown(const Standing& standing) {
  StopServing(standing, RetiredWorkers::Manner::kInOrder);
  ScheduleAfter(standing);
}

Standing TokenSupervisor::LockedByOperator() {
  return {TokenState::kLocked, "the token was locked with `claviger lock`; run `claviger unlock`"};
}

void TokenSupervisor::ScheduleAfter(const Standing& standing) {
  const TokenState state = standing.state;
  failures_ = state == TokenState::kFailed ? failures_ + 1 : 0;
  const auto interval = standing.needs_operator ? std::nullopt : RetryInterval(state, failures_);
  next_attempt_ = interval ? SteadyNow() + *interval : SteadyTime::max();
  waits_for_pin_ = !locked_ && (state == TokenState::kLocked || state == TokenState::kPinRefused ||
                                standing.needs_operator);
}

}  // namespace claviger::hsm
