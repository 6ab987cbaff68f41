// The commands that an operator gives, carried out on the client's thread.
#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "hsm/token_supervisor.h"

namespace claviger::hsm {
namespace {

constexpr std::chrono::milliseconds kTimeForRetired{2000};
constexpr std::chrono::milliseconds kMeasureDeadline{2000};

Status CheckPinLength(const Secret& pin) {
  if (pin.size() <= kMaxPinBytes) return Ok();
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("a PIN has at most {} bytes; choose a shorter one", kMaxPinBytes));
}

TokenCapabilities ToCapabilities(const TokenDescription& token) {
  TokenCapabilities capabilities;
  capabilities.library = token.library;
  capabilities.label = token.label;
  capabilities.manufacturer = token.manufacturer;
  capabilities.model = token.model;
  capabilities.serial = token.serial;
  capabilities.can_generate_generic_secret = token.Has(TokenFacts::kGeneratesSecrets);
  capabilities.can_hmac_sha256 = token.Has(TokenFacts::kMakesHmacs);
  capabilities.can_generate_random = token.Has(TokenFacts::kMakesRandom);
  return capabilities;
}

}  // namespace

Status TokenSupervisor::Unlock(Secret pin) {
  if (pipeline_) return Ok();
  if (!installation_) {
    return Error(ErrorCode::kUnavailable,
                 "this installation is not bound to a token yet; run `claviger token init`");
  }
  if (Status checked = CheckPinLength(pin); !checked) return checked;
  const bool given = !pin.empty();
  if (!given) {
    if (const auto configured = pins_.Read(); !configured) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("give a PIN, since {}", configured.error().message()));
    }
  }
  Secret previous = given ? pins_.Remember(std::move(pin)) : Secret();
  const bool was_locked = std::exchange(locked_, false);
  BringUp();
  if (pipeline_) return Ok();
  // Nothing has changed, save that the token may have refused the PIN.
  locked_ = was_locked;
  if (given) pins_.Remember(std::move(previous));
  const TokenStatus status = board_.status();
  return AsStatus({status.state, status.message});
}

Status TokenSupervisor::Lock() {
  pins_.Remember(Secret());
  locked_ = true;
  StayDown(LockedByOperator());
  retired_.Wait(kTimeForRetired);
  return Ok();
}

Result<Pin> TokenSupervisor::InitialisationPin(const TokenInitialisation& request) const {
  if (request.pin.empty()) {
    auto configured = pins_.Read();
    if (configured) return configured;
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("no PIN is at hand, because {}; give the token's user PIN to `claviger token init`",
                    configured.error().message()));
  }
  if (const Status checked = CheckPinLength(request.pin); !checked) return checked.error();
  return Pin{request.pin.Duplicate(), "`claviger token init`"};
}

Status TokenSupervisor::Initialise(TokenInitialisation request) {
  if (installation_) {
    return Error(
        ErrorCode::kConflict,
        fmt::format("this installation is bound to the token {} already; see `claviger token status`",
                    fmt::join(installation_->serials, ", ")));
  }
  const auto pin = InitialisationPin(request);
  if (!pin) return pin.error();
  auto started = StartWorker();
  if (!started) return started.error();
  WorkerLink link = std::move(*started);
  TokenSetup setup(settings_, link, mailbox_);
  const Standing opened = setup.Open(nullptr);
  const bool half_initialised = setup.description() && !setup.description()->Has(TokenFacts::kPinInitialised);
  if (opened.state == TokenState::kReady && !half_initialised) return Bind(std::move(link), *pin);
  retired_.Add(std::move(link), RetiredWorkers::Manner::kInOrder);
  if (!setup.nothing_matches() && !half_initialised) return AsStatus(opened);

  if (Status initialised = InitialiseToken(request, *pin); !initialised) return initialised;
  // That worker's login is spent; another one goes on.
  auto second = StartWorker();
  if (!second) return second.error();
  WorkerLink second_link = std::move(*second);
  TokenSetup second_setup(settings_, second_link, mailbox_);
  const Standing reopened = second_setup.Open(nullptr);
  if (reopened.state == TokenState::kReady) return Bind(std::move(second_link), *pin);
  retired_.Add(std::move(second_link), RetiredWorkers::Manner::kInOrder);
  return AsStatus(reopened);
}

Status TokenSupervisor::Adopt(Installation installation) {
  if (installation_) {
    return Error(ErrorCode::kConflict,
                 "this installation is bound to a token already; see `claviger token status`");
  }
  installation_ = std::move(installation);
  board_.SetInstallationId(installation_->id);
  BringUp();
  Status adopted = Ok();
  if (!pipeline_) {
    const TokenStatus status = board_.status();
    adopted = AsStatus({status.state, status.message});
  }
  if (adopted) adopted = SaveInstallation(settings_.state_directory, *installation_);
  if (adopted) return adopted;
  installation_.reset();
  board_.SetInstallationId("");
  StayDown({TokenState::kUninitialised,
            "this installation is not bound to a token yet; run `claviger token init`"});
  return adopted;
}

Status TokenSupervisor::InitialiseToken(const TokenInitialisation& request, const Pin& pin) {
  if (request.so_pin.empty()) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("no initialised token matches {}; connect it, or give an SO PIN so that a blank token is "
                    "initialised",
                    settings_.uri));
  }
  const std::string label = request.label.empty() ? uri_.label() : request.label;
  if (label.empty()) return Error(ErrorCode::kInvalidArgument, "give the label that the token shall have");
  if (!uri_.label().empty() && label != uri_.label()) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("the label {} is not the one in {}; leave it out, or correct the uri in claviger.toml",
                    label, settings_.uri));
  }
  RequestFrame frame;
  if (Status encoded =
          EncodeTokenInitialisation({request.so_pin.ExposeBytes(), pin.value.ExposeBytes(), label}, frame);
      !encoded) {
    return encoded;
  }
  auto started = StartWorker();
  if (!started) return started.error();
  WorkerLink link = std::move(*started);
  TokenSetup setup(settings_, link, mailbox_);
  const Standing done = setup.InitialiseToken(frame);
  retired_.Add(std::move(link), RetiredWorkers::Manner::kInOrder);
  return AsStatus(done);
}

Status TokenSupervisor::Bind(WorkerLink link, const Pin& pin) {
  TokenSetup setup(settings_, link, mailbox_);
  Installation installation;
  Standing standing = setup.Open(nullptr);
  if (standing.state == TokenState::kReady) standing = LogIn(setup, pin);
  if (standing.state == TokenState::kReady) standing = setup.MakeKeys(MakeInstallationId(), installation);
  Status saved = AsStatus(standing);
  if (saved) saved = SaveInstallation(settings_.state_directory, installation);
  if (!saved) {
    retired_.Add(std::move(link), RetiredWorkers::Manner::kInOrder);
    return saved;
  }
  description_ = setup.description();
  board_.Show(*description_);
  board_.SetInstallationId(installation.id);
  installation_ = std::move(installation);
  // As after Unlock: a replaced worker must be able to log in again.
  if (const auto configured = pins_.Read();
      !configured || !EqualInConstantTime(configured->value.ExposeBytes(), pin.value.ExposeBytes())) {
    pins_.Remember(pin.value.Duplicate());
  }
  StartServing(std::move(link));
  return Ok();
}

Result<TokenCapabilities> TokenSupervisor::Probe() {
  if (pipeline_) return Measure();
  auto started = StartWorker();
  if (!started) return started.error();
  WorkerLink link = std::move(*started);
  TokenSetup setup(settings_, link, mailbox_);
  const Standing standing = setup.Open(nullptr);
  retired_.Add(std::move(link), RetiredWorkers::Manner::kInOrder);
  if (!setup.description()) {
    const Status status = AsStatus(standing);
    return status ? Error(ErrorCode::kInternal, "the token was opened without a description")
                  : status.error();
  }
  return ToCapabilities(*setup.description());
}

Result<TokenCapabilities> TokenSupervisor::Measure() {
  RequestFrame request;
  request.op = static_cast<std::uint16_t>(Op::kMeasure);
  request.purpose = static_cast<std::uint8_t>(TokenPurpose::kVerify);
  request.generation = kKeyGeneration;
  ReplyFrame reply;
  const Status answered = link_->Exchange(request, reply, kMeasureDeadline, mailbox_);
  if (!answered || reply.reply_code() != ReplyCode::kOk) {
    const std::string why = answered ? "the token failed while it was measured" : answered.error().message();
    const Standing failed{TokenState::kFailed, fmt::format("{}; it is being replaced", why)};
    StopServing(failed, RetiredWorkers::Manner::kByForce);
    ScheduleAfter(failed);
    return Error(ErrorCode::kUnavailable, why);
  }
  Measurement measurement;
  std::memcpy(&measurement, reply.output, sizeof(measurement));
  TokenCapabilities capabilities = ToCapabilities(*description_);
  capabilities.can_copy_to_session = measurement.copied == 1;
  capabilities.hmac_microseconds = static_cast<double>(measurement.hmac_nanoseconds) / 1000;
  return capabilities;
}

}  // namespace claviger::hsm
