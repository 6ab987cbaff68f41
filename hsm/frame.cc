#include "hsm/frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "hsm/token_facts.h"

namespace claviger::hsm {
namespace {

Status Garbage(std::string what) { return Error(ErrorCode::kCorrupt, std::move(what)); }

// The length of a successful reply's output.
std::size_t OutputLength(const ExpectedReply& expected) {
  switch (expected.op) {
    case Op::kOpen:
      return sizeof(TokenFacts);
    case Op::kMac:
    case Op::kTokenMac:
      return sizeof(Mac);
    case Op::kRandom:
      return expected.random_length;
    case Op::kMeasure:
      return sizeof(Measurement);
    case Op::kMint:
      return kMintOutput;
    case Op::kPing:
    case Op::kInitialiseToken:
    case Op::kLogin:
    case Op::kFindKey:
    case Op::kMakeKey:
      return 0;
  }
  return 0;
}

}  // namespace

void RequestFrame::SetPayload(std::span<const std::uint8_t> bytes) {
  length = static_cast<std::uint32_t>(std::min(bytes.size(), kMaxFrameInput));
  std::ranges::copy(bytes.first(length), input);
}

void ReplyFrame::SetPayload(std::span<const std::uint8_t> bytes) {
  length = static_cast<std::uint32_t>(std::min(bytes.size(), kMaxFrameOutput));
  std::ranges::copy(bytes.first(length), output);
}

void RequestFrame::Clear() {
  Wipe(std::span<std::uint8_t>(input));
  version = kFrameVersion;
  op = 0;
  purpose = 0;
  reserved = 0;
  id = 0;
  generation = 0;
  length = 0;
}

void ReplyFrame::Clear() {
  Wipe(std::span<std::uint8_t>(output));
  version = kFrameVersion;
  code = 0;
  reserved = 0;
  id = 0;
  ckr = 0;
  length = 0;
  reserved2 = 0;
}

Status CheckRequest(const RequestFrame& frame, std::size_t received) {
  if (received != sizeof(RequestFrame)) return Garbage(fmt::format("request of {} bytes", received));
  if (frame.version != kFrameVersion) return Garbage("request of another version");
  if (frame.op >= kOpCount) return Garbage(fmt::format("unknown operation {}", frame.op));
  if (frame.purpose >= kTokenPurposes.size())
    return Garbage(fmt::format("unknown purpose {}", frame.purpose));
  if (frame.length > kMaxFrameInput) return Garbage(fmt::format("input of {} bytes", frame.length));
  return Ok();
}

Status CheckReply(const ReplyFrame& frame, std::size_t received, const ExpectedReply& expected) {
  if (received != sizeof(ReplyFrame)) {
    return Garbage(fmt::format("a reply has {} bytes instead of {}", received, sizeof(ReplyFrame)));
  }
  if (frame.version != kFrameVersion) return Garbage("a reply is of another version; restart clavigerd");
  if (frame.id != expected.id) {
    return Garbage(fmt::format("a reply is to call {} instead of call {}", frame.id, expected.id));
  }
  if (frame.code > static_cast<std::uint16_t>(ReplyCode::kLast)) {
    return Garbage(fmt::format("a reply has the unknown code {}", frame.code));
  }
  if (frame.reserved != 0 || frame.reserved2 != 0) return Garbage("a reply has unknown fields");
  if (frame.length > kMaxFrameOutput) return Garbage(fmt::format("a reply claims {} bytes", frame.length));
  const bool ok = frame.reply_code() == ReplyCode::kOk;
  if (ok && frame.length != OutputLength(expected)) {
    return Garbage(fmt::format("a reply holds {} bytes instead of {}", frame.length, OutputLength(expected)));
  }
  if ((frame.reply_code() == ReplyCode::kTokenError) != (frame.ckr != 0)) {
    return Garbage("a reply's code and its PKCS#11 code contradict each other");
  }
  return Ok();
}

Status EncodeMint(const MintInput& input, RequestFrame& frame) {
  if (input.mint_head.size() > kMaxMacInput - kMintRandomBytes ||
      input.verify_head.size() > kMaxMacInput - sizeof(Mac) ||
      input.mint_head.size() + input.verify_head.size() > kMaxMintHeads) {
    return Error(ErrorCode::kInvalidArgument, "the messages of a new secret are too long for one call");
  }
  std::uint8_t* out = frame.input;
  *out++ = static_cast<std::uint8_t>(input.mint_head.size());
  out = std::ranges::copy(input.mint_head, out).out;
  out = std::ranges::copy(input.verify_head, out).out;
  frame.length = static_cast<std::uint32_t>(out - frame.input);
  return Ok();
}

Result<MintInput> DecodeMint(const RequestFrame& frame) {
  const std::span<const std::uint8_t> all = frame.payload();
  if (all.empty() || all.size() - 1 < all[0]) {
    return Error(ErrorCode::kCorrupt, "the lengths in a request contradict each other");
  }
  const MintInput input{all.subspan(1, all[0]), all.subspan(1 + std::size_t{all[0]})};
  if (input.mint_head.size() > kMaxMacInput - kMintRandomBytes ||
      input.verify_head.size() > kMaxMacInput - sizeof(Mac)) {
    return Error(ErrorCode::kCorrupt, "a message in a request is too long");
  }
  return input;
}

Status EncodeTokenInitialisation(const TokenInitialisationInput& input, RequestFrame& frame) {
  if (input.so_pin.size() > kMaxPinBytes || input.pin.size() > kMaxPinBytes) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("a PIN has at most {} bytes; choose a shorter one", kMaxPinBytes));
  }
  if (input.label.size() > kTokenLabelBytes) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("a token's label has at most {} bytes; choose a shorter one", kTokenLabelBytes));
  }
  std::uint8_t* out = frame.input;
  *out++ = static_cast<std::uint8_t>(input.so_pin.size());
  out = std::ranges::copy(input.so_pin, out).out;
  *out++ = static_cast<std::uint8_t>(input.pin.size());
  out = std::ranges::copy(input.pin, out).out;
  out = std::ranges::copy(input.label, out).out;
  frame.length = static_cast<std::uint32_t>(out - frame.input);
  return Ok();
}

Result<TokenInitialisationInput> DecodeTokenInitialisation(const RequestFrame& frame) {
  std::span<const std::uint8_t> rest = frame.payload();
  auto take = [&rest](std::span<const std::uint8_t>& part) {
    if (rest.empty() || rest.size() - 1 < rest[0]) return false;
    part = rest.subspan(1, rest[0]);
    rest = rest.subspan(1 + part.size());
    return true;
  };
  TokenInitialisationInput input;
  if (!take(input.so_pin) || !take(input.pin) || rest.size() > kTokenLabelBytes) {
    return Error(ErrorCode::kCorrupt, "the lengths in a request contradict each other");
  }
  input.label = {reinterpret_cast<const char*>(rest.data()), rest.size()};
  return input;
}

}  // namespace claviger::hsm
