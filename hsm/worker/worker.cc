#include "hsm/worker/worker.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "hsm/worker/mechanism.h"

namespace claviger::hsm {
namespace {

constexpr std::size_t kMaxMeasurements = 300;
// Measuring must not delay the calls behind it by more than this.
constexpr std::chrono::milliseconds kMeasuringTime{40};

// A client that waits for the first of several answers need not wait much longer for it than for one alone.
constexpr std::chrono::microseconds kLongestWait{100};

template <class T>
void SetReply(ReplyFrame& reply, const T& value) {
  reply.SetPayload(std::span(reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)));
}

std::uint32_t FlagIf(bool condition, TokenFacts::Flag flag) { return condition ? std::uint32_t{flag} : 0U; }

}  // namespace

// What has come together is answered together, unless that would let an answer wait: the client takes a
// worker that is silent for too long for dead.
bool Worker::Serve(int socket) {
  while (true) {
    const std::size_t count = Receive(socket);
    if (count == 0) return true;
    std::size_t answered = 0;
    Clock::time_point last_sent = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      const bool closed = request_sizes_[i] == 0;
      if (closed || !CheckRequest(requests_[i], request_sizes_[i])) {
        Send(socket, answered, i);
        return closed;
      }
      Answer(requests_[i], replies_[i]);
      requests_[i].Clear();
      if (i + 1 != count && Clock::now() - last_sent < kLongestWait) continue;
      if (!Send(socket, answered, i + 1)) return true;
      answered = i + 1;
      last_sent = Clock::now();
    }
  }
}

std::size_t Worker::Receive(int socket) {
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts[i] = {&requests_[i], sizeof(RequestFrame)};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int received = 0;
  do {
    received = recvmmsg(socket, messages.data(), kBatch, MSG_TRUNC | MSG_WAITFORONE, nullptr);
  } while (received < 0 && errno == EINTR);
  if (received <= 0) return 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i)
    request_sizes_[i] = messages[i].msg_len;
  return static_cast<std::size_t>(received);
}

bool Worker::Send(int socket, std::size_t first, std::size_t end) {
  while (first != end) {
    std::array<iovec, kBatch> parts;
    std::array<mmsghdr, kBatch> messages{};
    for (std::size_t i = first; i < end; ++i) {
      parts[i] = {&replies_[i], sizeof(ReplyFrame)};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    int sent = 0;
    do {
      sent = sendmmsg(socket, &messages[first], static_cast<unsigned>(end - first), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) return false;
    for (int i = 0; i < sent; ++i) replies_[first++].Clear();
  }
  return true;
}

void Worker::Finish() {
  keys_.reset();
  token_.reset();
  if (module_) module_->Finalise();
}

void Worker::Answer(const RequestFrame& request, ReplyFrame& reply) {
  reply.id = request.id;
  const auto done = Dispatch(request, reply);
  if (done) return;
  const Fault& fault = done.error();
  reply.code = static_cast<std::uint16_t>(fault.code);
  reply.ckr = fault.ckr;
  reply.SetPayload(
      std::span(reinterpret_cast<const std::uint8_t*>(fault.detail.data()), fault.detail.size()));
}

TokenResult<void> Worker::Dispatch(const RequestFrame& request, ReplyFrame& reply) {
  switch (static_cast<Op>(request.op)) {
    case Op::kPing:
      return Done();
    case Op::kOpen:
      return Open(request, reply);
    case Op::kInitialiseToken:
      return InitialiseToken(request);
    case Op::kLogin:
      return Login(request);
    case Op::kFindKey:
    case Op::kMakeKey:
    case Op::kMac:
    case Op::kTokenMac:
    case Op::kRandom:
    case Op::kMeasure:
    case Op::kMint:
      return Keyed(request, reply);
  }
  return Fault{ReplyCode::kNotOpen, 0, "unknown operation"};
}

TokenResult<void> Worker::Open(const RequestFrame& request, ReplyFrame& reply) {
  if (auto loaded = LoadModule(); !loaded) return loaded;
  auto token = ChooseToken(request.payload());
  if (!token) return token.error();
  auto facts = Facts(*token);
  if (!facts) return facts.error();
  token_ = *token;
  SetReply(reply, *facts);
  return Done();
}

TokenResult<void> Worker::LoadModule() {
  if (module_) return Done();
  auto module = Module::Load(module_path_);
  if (!module) return module.error();
  if (auto initialised = (*module)->Initialise(); !initialised) return initialised;
  module_ = std::move(*module);
  return Done();
}

TokenResult<Token> Worker::ChooseToken(std::span<const std::uint8_t> preferred_serials) const {
  auto slots = module_->SlotsWithToken();
  if (!slots) return slots.error();
  std::vector<Token> matching;
  for (const Slot& slot : *slots) {
    const auto info = slot.token().Info();
    // A slot that does not answer must not hide the token in another one.
    if (!info || (info->flags & CKF_TOKEN_INITIALIZED) == 0 || !uri_.Matches(*info)) continue;
    for (auto rest = preferred_serials; rest.size() >= kTokenSerialBytes;
         rest = rest.subspan(kTokenSerialBytes)) {
      if (std::memcmp(rest.data(), info->serialNumber, kTokenSerialBytes) == 0) return slot.token();
    }
    matching.push_back(slot.token());
  }
  if (matching.empty()) return Fault{ReplyCode::kTokenAbsent, 0, ""};
  if (matching.size() > 1) return Fault{ReplyCode::kTokenAmbiguous, 0, ""};
  return matching.front();
}

TokenResult<Token> Worker::ChooseBlankToken() const {
  auto slots = module_->SlotsWithToken();
  if (!slots) return slots.error();
  for (const Slot& slot : *slots) {
    const auto info = slot.token().Info();
    if (info && (info->flags & CKF_TOKEN_INITIALIZED) == 0 && uri_.MatchesBlank(*info)) return slot.token();
  }
  return Fault{ReplyCode::kNoBlankToken, 0, ""};
}

TokenResult<TokenFacts> Worker::Facts(const Token& token) const {
  auto info = token.Info();
  if (!info) return info.error();
  TokenFacts facts;
  std::memcpy(facts.label, info->label, sizeof(facts.label));
  std::memcpy(facts.manufacturer, info->manufacturerID, sizeof(facts.manufacturer));
  std::memcpy(facts.model, info->model, sizeof(facts.model));
  std::memcpy(facts.serial, info->serialNumber, sizeof(facts.serial));
  if (const auto library = module_->Info()) {
    std::memcpy(facts.library, library->libraryDescription, sizeof(facts.library));
  }
  facts.flags =
      FlagIf(token.Offers(CKM_GENERIC_SECRET_KEY_GEN, CKF_GENERATE), TokenFacts::kGeneratesSecrets) |
      FlagIf(token.Offers(CKM_SHA256_HMAC, CKF_SIGN), TokenFacts::kMakesHmacs) |
      FlagIf((info->flags & CKF_RNG) != 0, TokenFacts::kMakesRandom) |
      FlagIf((info->flags & CKF_USER_PIN_INITIALIZED) != 0, TokenFacts::kPinInitialised) |
      FlagIf((info->flags & CKF_USER_PIN_COUNT_LOW) != 0, TokenFacts::kPinFailedBefore) |
      FlagIf((info->flags & CKF_USER_PIN_FINAL_TRY) != 0, TokenFacts::kPinFinalTry) |
      FlagIf((info->flags & CKF_USER_PIN_LOCKED) != 0, TokenFacts::kPinLocked);
  return facts;
}

TokenResult<void> Worker::InitialiseToken(const RequestFrame& request) {
  if (login_spent_) return Fault{ReplyCode::kLoginSpent, 0, ""};
  if (auto loaded = LoadModule(); !loaded) return loaded;
  const auto input = DecodeTokenInitialisation(request);
  if (!input) return Fault{ReplyCode::kNotOpen, 0, "malformed input"};
  // A matching token without user PIN is one whose initialisation was interrupted: it goes on from there.
  auto token = ChooseToken({});
  if (!token && token.error().code != ReplyCode::kTokenAbsent) return token.error();
  if (!token) {
    token = ChooseBlankToken();
    if (!token) return token.error();
    if (auto done = token->Initialise(input->so_pin, input->label); !done) return done;
  }
  auto session = token->OpenSession(true);
  if (!session) return session.error();
  login_spent_ = true;
  if (auto done = session->Login(CKU_SO, input->so_pin); !done) return done;
  if (auto done = session->InitialisePin(input->pin); !done) return done;
  return session->Logout();
}

TokenResult<void> Worker::Login(const RequestFrame& request) {
  if (login_spent_) return Fault{ReplyCode::kLoginSpent, 0, ""};
  if (!token_) return Fault{ReplyCode::kNotOpen, 0, ""};
  auto session = token_->OpenSession(false);
  if (!session) return session.error();
  login_spent_ = true;
  if (auto done = session->Login(CKU_USER, request.payload()); !done) return done;
  keys_.emplace(*token_, std::move(*session));
  return Done();
}

TokenResult<void> Worker::Keyed(const RequestFrame& request, ReplyFrame& reply) {
  if (!keys_) return Fault{ReplyCode::kNotOpen, 0, ""};
  const KeyName name{static_cast<TokenPurpose>(request.purpose), request.generation};
  switch (static_cast<Op>(request.op)) {
    case Op::kFindKey:
      return keys_->Find(name);
    case Op::kMakeKey:
      return keys_->Make(name);
    case Op::kMeasure:
      return Measure(name, reply);
    case Op::kMint:
      return Mint(request, reply);
    case Op::kRandom: {
      const std::size_t wanted =
          request.length == 1 && request.input[0] != 0 ? request.input[0] : kMaxFrameOutput;
      if (auto done = keys_->session().Random(std::span(reply.output).first(wanted)); !done) return done;
      reply.length = static_cast<std::uint32_t>(wanted);
      return Done();
    }
    default:
      break;
  }
  Mac mac{};
  const bool by_token = static_cast<Op>(request.op) == Op::kTokenMac;
  auto done =
      by_token ? keys_->TokenHmac(name, request.payload(), mac) : keys_->Hmac(name, request.payload(), mac);
  if (done) reply.SetPayload(mac);
  Wipe(std::span<std::uint8_t>(mac));
  return done;
}

TokenResult<void> Worker::Mint(const RequestFrame& request, ReplyFrame& reply) {
  const auto input = DecodeMint(request);
  if (!input) return Fault{ReplyCode::kNotOpen, 0, "malformed input"};
  SecretArray<kMaxMacInput> message;
  const auto room = message.ExposeForWriting();
  const auto random = room.subspan(input->mint_head.size(), kMintRandomBytes);
  std::ranges::copy(input->mint_head, room.begin());
  if (auto drawn = keys_->session().Random(random); !drawn) return drawn;
  Mac secret{}, verifier{};
  auto done = keys_->Hmac({TokenPurpose::kMint, request.generation},
                          room.first(input->mint_head.size() + random.size()), secret);
  if (done) {
    std::ranges::copy(input->verify_head, room.begin());
    std::ranges::copy(secret, room.subspan(input->verify_head.size()).begin());
    done = keys_->Hmac({TokenPurpose::kVerify, request.generation},
                       room.first(input->verify_head.size() + secret.size()), verifier);
  }
  if (done) {
    std::ranges::copy(secret, reply.output);
    std::ranges::copy(verifier, reply.output + secret.size());
    reply.length = kMintOutput;
  }
  Wipe(std::span<std::uint8_t>(secret));
  return done;
}

TokenResult<void> Worker::Measure(KeyName name, ReplyFrame& reply) {
  const std::array<std::uint8_t, 64> message{};
  std::vector<std::chrono::nanoseconds> times;
  times.reserve(kMaxMeasurements);
  const auto end = Clock::now() + kMeasuringTime;
  do {
    Mac mac{};
    const auto start = Clock::now();
    if (auto done = keys_->Hmac(name, message, mac); !done) return done;
    times.push_back(Clock::now() - start);
  } while (times.size() < kMaxMeasurements && Clock::now() < end);
  const auto median = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, median);
  Measurement measurement;
  measurement.hmac_nanoseconds = static_cast<std::uint64_t>(median->count());
  measurement.copied = keys_->HasCopy(name) ? 1 : 0;
  SetReply(reply, measurement);
  return Done();
}

}  // namespace claviger::hsm
