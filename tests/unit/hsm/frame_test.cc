#include "hsm/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "hsm/token_facts.h"

namespace claviger::hsm {
namespace {

std::vector<std::uint8_t> Bytes(std::string_view text) { return {text.begin(), text.end()}; }

ExpectedReply ExpectMac(std::uint64_t id) { return {id, Op::kMac, 0}; }

void FillMacReply(ReplyFrame& reply, std::uint64_t id) {
  reply.id = id;
  reply.SetPayload(std::vector<std::uint8_t>(32, 1));
}

TEST(ReplyFrame, IsAcceptedWhenItAnswersTheCall) {
  ReplyFrame reply;
  FillMacReply(reply, 7);
  EXPECT_TRUE(CheckReply(reply, sizeof(reply), ExpectMac(7)));
}

TEST(ReplyFrame, IsRefusedWhenItsSizeIsWrong) {
  ReplyFrame reply;
  FillMacReply(reply, 7);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, sizeof(reply) - 1, sizeof(reply) + 1}) {
    const Status checked = CheckReply(reply, size, ExpectMac(7));
    ASSERT_FALSE(checked) << size;
    EXPECT_EQ(checked.error().code(), ErrorCode::kCorrupt);
  }
}

TEST(ReplyFrame, IsRefusedWhenAnyFieldIsWrong) {
  const auto refused = [](auto change) {
    ReplyFrame reply;
    FillMacReply(reply, 7);
    change(reply);
    return !CheckReply(reply, sizeof(reply), ExpectMac(7));
  };
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.version ^= 1; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.id = 6; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.id = 8; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.code = static_cast<std::uint16_t>(ReplyCode::kLast) + 1; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.code = 0xffff; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.reserved = 1; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.reserved2 = 1; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.length = 31; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.length = 33; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.length = 257; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.length = 0xffffffff; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.ckr = 5; }));
  EXPECT_TRUE(refused([](ReplyFrame& r) { r.code = static_cast<std::uint16_t>(ReplyCode::kTokenError); }));
}

TEST(ReplyFrame, HasTheLengthThatItsOperationGives) {
  const struct {
    ExpectedReply expected;
    std::size_t length;
  } cases[] = {{{1, Op::kPing, 0}, 0},
               {{1, Op::kOpen, 0}, sizeof(TokenFacts)},
               {{1, Op::kLogin, 0}, 0},
               {{1, Op::kFindKey, 0}, 0},
               {{1, Op::kMakeKey, 0}, 0},
               {{1, Op::kInitialiseToken, 0}, 0},
               {{1, Op::kMac, 0}, 32},
               {{1, Op::kTokenMac, 0}, 32},
               {{1, Op::kRandom, 17}, 17},
               {{1, Op::kRandom, 256}, 256},
               {{1, Op::kMeasure, 0}, sizeof(Measurement)},
               {{1, Op::kMint, 0}, kMintOutput}};
  for (const auto& test : cases) {
    for (std::size_t length = 0; length <= kMaxFrameOutput; ++length) {
      ReplyFrame reply;
      reply.id = 1;
      reply.length = static_cast<std::uint32_t>(length);
      EXPECT_EQ(bool{CheckReply(reply, sizeof(reply), test.expected)}, length == test.length)
          << static_cast<int>(test.expected.op) << ' ' << length;
    }
  }
}

TEST(ReplyFrame, ReportsAFailureOfTheTokenWithItsCode) {
  ReplyFrame reply;
  reply.id = 7;
  reply.code = static_cast<std::uint16_t>(ReplyCode::kTokenError);
  reply.ckr = 0x30;
  reply.SetPayload(Bytes("C_Sign"));
  EXPECT_TRUE(CheckReply(reply, sizeof(reply), ExpectMac(7)));
  EXPECT_EQ(reply.text(), "C_Sign");
}

TEST(ReplyFrame, IsRefusedWhenItIsRubbish) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 20000; ++round) {
    ReplyFrame reply;
    // The first 32 bytes are the fields that are checked; some rounds keep the version, so that more is
    // reached.
    std::array<std::uint64_t, 4> noise{random(), random(), random(), random()};
    std::memcpy(static_cast<void*>(&reply), noise.data(), sizeof(noise));
    if (round % 2 == 0) reply.version = kFrameVersion;
    EXPECT_FALSE(CheckReply(reply, sizeof(reply), ExpectMac(static_cast<std::uint64_t>(round))));
  }
}

TEST(RequestFrame, IsRefusedWhenAnyFieldIsWrong) {
  const auto accepted = [](auto change) {
    RequestFrame request;
    request.op = static_cast<std::uint16_t>(Op::kMac);
    std::size_t size = sizeof(request);
    change(request, size);
    return bool{CheckRequest(request, size)};
  };
  EXPECT_TRUE(accepted([](RequestFrame&, std::size_t&) {}));
  EXPECT_FALSE(accepted([](RequestFrame&, std::size_t& size) { --size; }));
  EXPECT_FALSE(accepted([](RequestFrame&, std::size_t& size) { ++size; }));
  EXPECT_FALSE(accepted([](RequestFrame& r, std::size_t&) { r.version ^= 1; }));
  EXPECT_FALSE(accepted([](RequestFrame& r, std::size_t&) { r.op = kOpCount; }));
  EXPECT_FALSE(accepted([](RequestFrame& r, std::size_t&) { r.purpose = 5; }));
  EXPECT_FALSE(accepted([](RequestFrame& r, std::size_t&) { r.length = 257; }));
}

TEST(TokenInitialisationInput, ComesOutAsItWentIn) {
  const auto so_pin = Bytes(std::string(kMaxPinBytes, 's')), pin = Bytes(std::string(kMaxPinBytes, 'u'));
  for (const std::string& label :
       {std::string(), std::string("claviger"), std::string(kTokenLabelBytes, 'l')}) {
    RequestFrame frame;
    ASSERT_TRUE(EncodeTokenInitialisation({so_pin, pin, label}, frame));
    const auto input = DecodeTokenInitialisation(frame);
    ASSERT_TRUE(input);
    EXPECT_TRUE(std::ranges::equal(input->so_pin, so_pin));
    EXPECT_TRUE(std::ranges::equal(input->pin, pin));
    EXPECT_EQ(input->label, label);
  }
}

TEST(TokenInitialisationInput, RefusesPartsThatAreTooLong) {
  const auto fits = Bytes("1234"), too_long = Bytes(std::string(kMaxPinBytes + 1, 'x'));
  RequestFrame frame;
  EXPECT_FALSE(EncodeTokenInitialisation({too_long, fits, "l"}, frame));
  EXPECT_FALSE(EncodeTokenInitialisation({fits, too_long, "l"}, frame));
  EXPECT_FALSE(EncodeTokenInitialisation({fits, fits, std::string(kTokenLabelBytes + 1, 'l')}, frame));
}

TEST(TokenInitialisationInput, RefusesLengthsThatContradictEachOther) {
  for (const std::vector<std::uint8_t>& bytes : {std::vector<std::uint8_t>{},
                                                 {1},
                                                 {0},
                                                 {2, 'a'},
                                                 {1, 'a', 5, 'b'},
                                                 std::vector<std::uint8_t>(40, 0)}) {
    RequestFrame frame;
    frame.SetPayload(bytes);
    EXPECT_FALSE(DecodeTokenInitialisation(frame));
  }
}

TEST(MintInput, ComesOutAsItWentIn) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100}}) {
    const std::vector<std::uint8_t> mint(size, 1), verify(kMaxMintHeads - 224, 2);
    RequestFrame frame;
    ASSERT_TRUE(EncodeMint({mint, verify}, frame));
    const auto input = DecodeMint(frame);
    ASSERT_TRUE(input);
    EXPECT_TRUE(std::ranges::equal(input->mint_head, mint));
    EXPECT_TRUE(std::ranges::equal(input->verify_head, verify));
  }
}

TEST(MintInput, RefusesHeadsThatLeaveNoRoomForWhatTheWorkerAppends) {
  const std::vector<std::uint8_t> fits(10), longest(kMaxMacInput - kMintRandomBytes),
      too_long(longest.size() + 1);
  RequestFrame frame;
  EXPECT_TRUE(EncodeMint({longest, fits}, frame));
  EXPECT_TRUE(EncodeMint({fits, longest}, frame));
  EXPECT_FALSE(EncodeMint({too_long, fits}, frame));
  EXPECT_FALSE(EncodeMint({fits, too_long}, frame));
  EXPECT_FALSE(EncodeMint({longest, longest}, frame));
}

TEST(MintInput, RefusesLengthsThatContradictEachOther) {
  std::vector<std::uint8_t> longest_head(kMaxFrameInput, 0);
  longest_head[0] = 255;
  for (const std::vector<std::uint8_t>& bytes : {std::vector<std::uint8_t>{},
                                                 {1},
                                                 {3, 'a', 'b'},
                                                 std::vector<std::uint8_t>(kMaxFrameInput, 0),
                                                 longest_head}) {
    RequestFrame frame;
    frame.SetPayload(bytes);
    EXPECT_FALSE(DecodeMint(frame)) << bytes.size();
  }
}

TEST(TokenFacts, BecomeTextWithoutPaddingAndControlCharacters) {
  TokenFacts facts;
  std::memset(facts.label, ' ', sizeof(facts.label));
  std::memcpy(facts.label, "my\ttoken", 8);
  std::memcpy(facts.serial, "00ff", 4);
  facts.flags = TokenFacts::kPinLocked;
  const TokenDescription description = Describe(facts);
  EXPECT_EQ(description.serial, "00ff");
  EXPECT_EQ(description.label.find('\t'), std::string::npos);
  EXPECT_TRUE(description.label.ends_with("token"));
  EXPECT_TRUE(description.Has(TokenFacts::kPinLocked));
  EXPECT_FALSE(description.Has(TokenFacts::kPinFinalTry));
}

}  // namespace
}  // namespace claviger::hsm
