#include "hsm/token_setup.h"

#include <fmt/format.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "hsm/ckr.h"

namespace claviger::hsm {
namespace {

// A worker that runs answers a ping at once; this is for a host under load.
constexpr std::chrono::milliseconds kPingDeadline{2000};
// Modules talk to devices and networks while they are set up.
constexpr std::chrono::milliseconds kSetupDeadline{10000};
constexpr std::chrono::milliseconds kInitialisationDeadline{60000};

const Standing kGoOn{TokenState::kReady, "the token is logged in and its keys are proved"};

Standing Failed(const Error& error) {
  return {TokenState::kFailed, fmt::format("{}; it is being replaced", error.message())};
}

bool IsPinFault(unsigned long ckr) {
  return ckr == CKR_PIN_INCORRECT || ckr == CKR_PIN_INVALID || ckr == CKR_PIN_LEN_RANGE ||
         ckr == CKR_PIN_EXPIRED;
}

// The pinned serials as CK_TOKEN_INFO pads them, as many as fit.
std::vector<std::uint8_t> PaddedSerials(const Installation* installation) {
  std::vector<std::uint8_t> padded;
  if (installation == nullptr) return padded;
  for (const std::string& serial : installation->serials) {
    if (padded.size() + kTokenSerialBytes > kMaxFrameInput) break;
    std::string field = serial.substr(0, kTokenSerialBytes);
    field.resize(kTokenSerialBytes, ' ');
    padded.insert(padded.end(), field.begin(), field.end());
  }
  return padded;
}

std::string Label(TokenPurpose purpose) {
  return fmt::format("claviger/{}/{}", TokenPurposeName(purpose), kKeyGeneration);
}

Standing NotImported(TokenPurpose purpose) {
  return {TokenState::kKeysMissing,
          fmt::format("the token cannot make keys and holds no key {}; import an HMAC key of 32 random bytes "
                      "under this label with the token's own tool, then try again",
                      Label(purpose))};
}

}  // namespace

Status AsStatus(const Standing& standing) {
  switch (standing.state) {
    case TokenState::kReady:
      return Ok();
    case TokenState::kPinRefused:
    case TokenState::kPinBlocked:
      return Error(ErrorCode::kDenied, standing.message);
    case TokenState::kUnsupported:
      return Error(ErrorCode::kUnsupported, standing.message);
    default:
      return Error(ErrorCode::kUnavailable, standing.message);
  }
}

Standing TokenSetup::Open(const Installation* installation) {
  RequestFrame ping;
  ReplyFrame reply;
  if (const Status answered = link_.Exchange(ping, reply, kPingDeadline, mailbox_); !answered) {
    return Failed(answered.error());
  }
  RequestFrame open;
  open.op = static_cast<std::uint16_t>(Op::kOpen);
  open.SetPayload(PaddedSerials(installation));
  if (const Status answered = link_.Exchange(open, reply, kSetupDeadline, mailbox_); !answered) {
    return Failed(answered.error());
  }
  nothing_matches_ = reply.reply_code() == ReplyCode::kTokenAbsent;
  if (reply.reply_code() != ReplyCode::kOk) return FromReply(reply, TokenPurpose::kMint);
  TokenFacts facts;
  std::memcpy(&facts, reply.output, sizeof(facts));
  description_ = Describe(facts);
  if (installation != nullptr &&
      std::ranges::find(installation->serials, description_->serial) == installation->serials.end()) {
    return {
        TokenState::kForeignToken,
        fmt::format(
            "the token has the serial {}, but this installation is bound to {}; connect the right token, or "
            "restore it from its backup",
            description_->serial, fmt::join(installation->serials, ", "))};
  }
  return CheckCapabilities();
}

Standing TokenSetup::CheckCapabilities() const {
  std::string lacking;
  if (!description_->Has(TokenFacts::kMakesHmacs)) lacking = "CKM_SHA256_HMAC for signing";
  if (!description_->Has(TokenFacts::kMakesRandom)) {
    lacking += lacking.empty() ? "a random generator" : " and a random generator";
  }
  if (lacking.empty()) return kGoOn;
  return {TokenState::kUnsupported,
          fmt::format("the token lacks {}; use another token, and see `claviger doctor`", lacking)};
}

Standing TokenSetup::LogIn(const Pin& pin) {
  if (description_->Has(TokenFacts::kPinLocked)) {
    return {TokenState::kPinBlocked,
            "the token's user PIN is locked; set it anew with the SO PIN and the token's own tool"};
  }
  if (description_->Has(TokenFacts::kPinFinalTry)) {
    return {TokenState::kPinBlocked,
            "one more wrong PIN would lock the token, so none is tried; log in once with the token's own "
            "tool, for "
            "example `pkcs11-tool --login`"};
  }
  RequestFrame login;
  login.op = static_cast<std::uint16_t>(Op::kLogin);
  login.SetPayload(pin.value.ExposeBytes());
  ReplyFrame reply;
  if (const Status answered = link_.Exchange(login, reply, kSetupDeadline, mailbox_); !answered) {
    login_is_uncertain_ = true;
    return Failed(answered.error());
  }
  if (reply.reply_code() == ReplyCode::kTokenError) {
    if (IsPinFault(reply.ckr)) {
      return {TokenState::kPinRefused, CkrError(reply.ckr, "C_Login").message()};
    }
    if (reply.ckr == CKR_PIN_LOCKED || reply.ckr == CKR_USER_PIN_NOT_INITIALIZED) {
      return {TokenState::kPinBlocked, CkrError(reply.ckr, "C_Login").message(), true};
    }
  }
  return FromReply(reply, TokenPurpose::kMint);
}

Standing TokenSetup::Prove(const Installation& installation) {
  for (const TokenPurpose purpose : kTokenPurposes) {
    ReplyFrame reply;
    if (Standing found = KeyCall(Op::kFindKey, purpose, "", reply); found.state != TokenState::kReady)
      return found;
    if (Standing made = KeyCall(Op::kMac, purpose, CheckMessage(installation.id), reply);
        made.state != TokenState::kReady) {
      return made;
    }
    Mac mac{};
    std::ranges::copy(reply.payload(), mac.begin());
    if (CheckValue(mac) != installation.check_values[static_cast<std::size_t>(purpose)]) {
      return {
          TokenState::kForeignToken,
          fmt::format(
              "the token's key {} is not the one that this installation was bound to; restore the token from "
              "its backup",
              Label(purpose))};
    }
  }
  return kGoOn;
}

Standing TokenSetup::MakeKeys(const std::string& id, Installation& installation) {
  installation.id = id;
  installation.serials = {description_->serial};
  // A token that cannot make the keys may hold imported ones.
  const bool generates = description_->Has(TokenFacts::kGeneratesSecrets);
  for (const TokenPurpose purpose : kTokenPurposes) {
    ReplyFrame reply;
    Standing made = KeyCall(generates ? Op::kMakeKey : Op::kFindKey, purpose, "", reply);
    if (made.state == TokenState::kKeysMissing) return NotImported(purpose);
    if (made.state == TokenState::kReady) made = KeyCall(Op::kTokenMac, purpose, CheckMessage(id), reply);
    if (made.state != TokenState::kReady) return made;
    Mac mac{};
    std::ranges::copy(reply.payload(), mac.begin());
    installation.check_values[static_cast<std::size_t>(purpose)] = CheckValue(mac);
  }
  return kGoOn;
}

Standing TokenSetup::InitialiseToken(RequestFrame& request) {
  request.op = static_cast<std::uint16_t>(Op::kInitialiseToken);
  ReplyFrame reply;
  if (const Status answered = link_.Exchange(request, reply, kInitialisationDeadline, mailbox_); !answered) {
    return Failed(answered.error());
  }
  if (reply.reply_code() == ReplyCode::kTokenError && IsPinFault(reply.ckr)) {
    return {TokenState::kPinRefused,
            fmt::format("the token refused the SO PIN or the new user PIN ({}: {}); check both", reply.text(),
                        CkrName(reply.ckr))};
  }
  return FromReply(reply, TokenPurpose::kMint);
}

Standing TokenSetup::KeyCall(Op op, TokenPurpose purpose, std::string_view message, ReplyFrame& reply) {
  RequestFrame request;
  request.op = static_cast<std::uint16_t>(op);
  request.purpose = static_cast<std::uint8_t>(purpose);
  request.generation = kKeyGeneration;
  request.SetPayload(std::span(reinterpret_cast<const std::uint8_t*>(message.data()), message.size()));
  if (const Status answered = link_.Exchange(request, reply, kSetupDeadline, mailbox_); !answered) {
    return Failed(answered.error());
  }
  return FromReply(reply, purpose);
}

Standing TokenSetup::FromReply(const ReplyFrame& reply, TokenPurpose purpose) const {
  switch (reply.reply_code()) {
    case ReplyCode::kOk:
      return kGoOn;
    case ReplyCode::kModuleAbsent:
      return {
          TokenState::kModuleAbsent,
          fmt::format(
              "the PKCS#11 module {} cannot be loaded ({}); install it, or correct its path in claviger.toml",
              settings_.module_path, EscapeForDisplay(reply.text()))};
    case ReplyCode::kTokenAbsent:
      return {
          TokenState::kTokenAbsent,
          fmt::format("no token matches {}; connect it, or correct the uri in claviger.toml", settings_.uri)};
    case ReplyCode::kTokenAmbiguous:
      return {
          TokenState::kTokenAbsent,
          fmt::format("several tokens match {}; name the one that is meant by adding serial= to the uri in "
                      "claviger.toml",
                      settings_.uri)};
    case ReplyCode::kNoBlankToken:
      return {
          TokenState::kTokenAbsent,
          fmt::format(
              "no token matches {}, and there is no blank one to initialise; connect a token, or correct the "
              "uri in claviger.toml",
              settings_.uri)};
    case ReplyCode::kKeyMissing:
    case ReplyCode::kKeyAmbiguous:
    case ReplyCode::kKeyExposed:
      return KeyStanding(reply.reply_code(), purpose);
    case ReplyCode::kTokenError:
      return TokenErrorStanding(reply);
    case ReplyCode::kLoginSpent:
    case ReplyCode::kNotOpen:
      break;
  }
  return {TokenState::kFailed, "the worker claviger-token refused a call out of order; it is being replaced"};
}

Standing TokenSetup::KeyStanding(ReplyCode code, TokenPurpose purpose) const {
  switch (code) {
    case ReplyCode::kKeyMissing:
      return {TokenState::kKeysMissing,
              fmt::format(
                  "the token has no key {}; restore the token from its backup: a new key would open nothing",
                  Label(purpose))};
    case ReplyCode::kKeyAmbiguous:
      return {
          TokenState::kForeignToken,
          fmt::format(
              "the token has several keys {}; delete those that are not Claviger's with the token's own tool",
              Label(purpose))};
    default:
      return {TokenState::kForeignToken, fmt::format("the token's key {} can be read out of the token, so it "
                                                     "is not used; restore the token from its "
                                                     "backup, or delete the key before `claviger token init`",
                                                     Label(purpose))};
  }
}

Standing TokenSetup::TokenErrorStanding(const ReplyFrame& reply) const {
  const std::string function = EscapeForDisplay(reply.text());
  const Error error = CkrError(reply.ckr, function);
  if (MeansTokenIsGone(reply.ckr)) return {TokenState::kTokenAbsent, error.message()};
  if (function == "C_Initialize" || function == "C_GetFunctionList") {
    return {TokenState::kModuleAbsent,
            fmt::format("the PKCS#11 module {} does not start: {}", settings_.module_path, error.message())};
  }
  if (error.code() == ErrorCode::kUnsupported) return {TokenState::kUnsupported, error.message()};
  return {TokenState::kFailed, error.message()};
}

}  // namespace claviger::hsm
