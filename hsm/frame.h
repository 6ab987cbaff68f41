// What clavigerd and claviger-token say to each other: fixed-size frames over one SOCK_SEQPACKET pair, one
// frame per packet, replies in the order of the requests. Both ends run on one host, so numbers are in host
// byte order. The worker trusts its requests; clavigerd treats every reply as untrusted (CheckReply).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/result.h"
#include "base/secret.h"
#include "base/token_purpose.h"

namespace claviger::hsm {

// Changes whenever a frame or the meaning of one changes, so that a worker of another version is recognised.
inline constexpr std::uint32_t kFrameVersion = 0x434c5602;
inline constexpr std::size_t kMaxFrameInput = 256;
inline constexpr std::size_t kMaxFrameOutput = 256;
static_assert(kMaxFrameInput >= kMaxMacInput);
// The longest user or SO PIN. Two of them and a label fit one frame (kInitialiseToken).
inline constexpr std::size_t kMaxPinBytes = 100;
inline constexpr std::size_t kTokenLabelBytes = 32;   // CK_TOKEN_INFO.label
inline constexpr std::size_t kTokenSerialBytes = 16;  // CK_TOKEN_INFO.serialNumber

enum class Op : std::uint16_t {
  kPing,             // nothing -> nothing; touches neither module nor token
  kOpen,             // serials to prefer, 16 bytes each -> TokenFacts; loads the module, finds the token
  kInitialiseToken,  // TokenInitialisationInput -> nothing; C_InitToken, C_InitPIN. The worker is spent
                     // afterwards
  kLogin,            // PIN -> nothing. Once per worker
  kFindKey,          // purpose, generation -> nothing
  kMakeKey,          // purpose, generation -> nothing; a key that exists is kept
  kMac,              // purpose, generation, message -> 32 bytes, by the fastest copy of the key
  kTokenMac,         // as kMac, by the token's own object: proves that the token is there
  kRandom,           // one byte: how many, 0 meaning 256 -> so many bytes
  kMeasure,          // purpose, generation -> Measurement
  kMint,             // generation, MintInput -> a secret and its verifier, 32 bytes each
};
inline constexpr std::uint16_t kOpCount = static_cast<std::uint16_t>(Op::kMint) + 1;

enum class ReplyCode : std::uint16_t {
  kOk,
  kModuleAbsent,    // the module cannot be loaded; the output is the loader's text
  kTokenAbsent,     // no slot holds a matching token
  kTokenAmbiguous,  // several tokens match
  kNoBlankToken,    // no slot holds a matching token that is not initialised
  kKeyMissing,
  kKeyAmbiguous,  // several keys have the label
  kKeyExposed,    // the key with the label is extractable or not sensitive
  kLoginSpent,    // this worker has tried to log in before
  kNotOpen,       // no token is open, or no login has succeeded
  kTokenError,    // `ckr` says why; the output is the name of the function
  kLast = kTokenError,
};

struct RequestFrame {
  std::uint32_t version = kFrameVersion;
  std::uint16_t op = 0;
  std::uint8_t purpose = 0;
  std::uint8_t reserved = 0;
  std::uint64_t id = 0;
  std::uint32_t generation = 0;
  std::uint32_t length = 0;
  std::uint8_t input[kMaxFrameInput] = {};

  RequestFrame() = default;
  RequestFrame(const RequestFrame&) = delete;  // may hold a PIN
  RequestFrame& operator=(const RequestFrame&) = delete;
  ~RequestFrame() { Wipe(std::span<std::uint8_t>(input)); }
  std::span<const std::uint8_t> payload() const { return std::span(input).first(length); }
  // Takes `bytes`, at most kMaxFrameInput, as the input.
  void SetPayload(std::span<const std::uint8_t> bytes);
  // As if it were new; what it held is wiped.
  void Clear();
};
static_assert(std::is_standard_layout_v<RequestFrame> && sizeof(RequestFrame) == 24 + kMaxFrameInput);

struct ReplyFrame {
  std::uint32_t version = kFrameVersion;
  std::uint16_t code = 0;
  std::uint16_t reserved = 0;
  std::uint64_t id = 0;
  std::uint64_t ckr = 0;
  std::uint32_t length = 0;
  std::uint32_t reserved2 = 0;
  std::uint8_t output[kMaxFrameOutput] = {};

  ReplyFrame() = default;
  ReplyFrame(const ReplyFrame&) = delete;  // may hold a key string's secret
  ReplyFrame& operator=(const ReplyFrame&) = delete;
  ~ReplyFrame() { Wipe(std::span<std::uint8_t>(output)); }
  std::span<const std::uint8_t> payload() const { return std::span(output).first(length); }
  std::string_view text() const { return {reinterpret_cast<const char*>(output), length}; }
  // Takes `bytes`, cut to kMaxFrameOutput, as the output.
  void SetPayload(std::span<const std::uint8_t> bytes);
  void Clear();
  ReplyCode reply_code() const { return static_cast<ReplyCode>(code); }
};
static_assert(std::is_standard_layout_v<ReplyFrame> && sizeof(ReplyFrame) == 32 + kMaxFrameOutput);

// Checks all that a request must have before the worker looks at it: size, version, op, purpose, length.
Status CheckRequest(const RequestFrame& frame, std::size_t received);

// What the daemon expects of the reply that comes next.
struct ExpectedReply {
  std::uint64_t id = 0;
  Op op = Op::kPing;
  std::size_t random_length = 0;  // for kRandom
};
// kCorrupt unless `frame`, of which `received` bytes arrived, is a well-formed reply to just this request:
// size, version, id, code, lengths, reserved fields.
Status CheckReply(const ReplyFrame& frame, std::size_t received, const ExpectedReply& expected);

// The input of kInitialiseToken.
struct TokenInitialisationInput {
  std::span<const std::uint8_t> so_pin;  // at most kMaxPinBytes
  std::span<const std::uint8_t> pin;     // at most kMaxPinBytes
  std::string_view label;                // at most kTokenLabelBytes
};
// kInvalidArgument if a part is too long.
Status EncodeTokenInitialisation(const TokenInitialisationInput& input, RequestFrame& frame);
// The parts point into `frame`. kCorrupt if the lengths contradict each other.
Result<TokenInitialisationInput> DecodeTokenInitialisation(const RequestFrame& frame);

// The input of kMint: the heads of two messages. The worker draws kMintRandomBytes from the token, which
// never leave it, and appends them to the first: its MAC by the mint key is the secret. It appends the secret
// to the second: its MAC by the verify key is the verifier.
inline constexpr std::size_t kMintRandomBytes = 32;
struct MintInput {
  std::span<const std::uint8_t> mint_head;    // with what is appended, at most kMaxMacInput
  std::span<const std::uint8_t> verify_head;  // likewise
};
// What one frame holds of both heads.
inline constexpr std::size_t kMaxMintHeads = kMaxFrameInput - 1;
// kInvalidArgument if a part is too long.
Status EncodeMint(const MintInput& input, RequestFrame& frame);
// The parts point into `frame`. kCorrupt if the lengths contradict each other.
Result<MintInput> DecodeMint(const RequestFrame& frame);
inline constexpr std::size_t kMintOutput = 2 * sizeof(Mac);

// The output of kMeasure.
struct Measurement {
  std::uint64_t hmac_nanoseconds = 0;  // median of one HMAC by the fastest copy of the key
  std::uint64_t copied = 0;            // 1 if that copy is a session object
};

}  // namespace claviger::hsm
