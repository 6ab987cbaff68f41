// HMAC-SHA-256 as the token makes it, against published values and against software.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <set>
#include <thread>

#include "base/crypto.h"
#include "hsm/worker/module.h"
#include "tests/integration/hsm/soft_hsm.h"

namespace claviger::hsm {
namespace {

std::vector<std::uint8_t> Counting(std::size_t length) {
  std::vector<std::uint8_t> bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

std::string Hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

struct Vector {
  std::string source;
  std::vector<std::uint8_t> key;
  std::string message;
  std::string mac;
};

// Keys of 32 bytes and more: many tokens accept no shorter ones.
const std::vector<Vector> kVectors = {
    {"RFC 4231, test case 6", std::vector<std::uint8_t>(131, 0xaa),
     "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"RFC 4231, test case 7", std::vector<std::uint8_t>(131, 0xaa),
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to "
     "be hashed "
     "before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    {"NIST example, key shorter than a block", Counting(32), "Sample message for keylen<blocklen",
     "a28cf43130ee696a98f14a37678b56bcfcbdd9e5cf69717fecf5480f0ebdf790"},
    {"NIST example, key as long as a block", Counting(64), "Sample message for keylen=blocklen",
     "8bb9a1db9806f20df7f77b82138c7914d174d59e13dc4d0169c9057b133e1d62"},
    {"NIST example, key longer than a block", Counting(100), "Sample message for keylen=blocklen",
     "bdccb6c72ddeadb500ae768386cb38cc41c63dbb0878ddb9c7a38a431b78378d"},
};

TEST(TokenHmac, GivesThePublishedValues) {
  const SoftHsm hsm;
  hsm.MakeToken("claviger");
  std::vector<SoftHsm::Key> keys;
  for (const Vector& vector : kVectors) keys.push_back({vector.source, vector.key});
  hsm.ImportKeys(keys);

  auto module = Module::Load(kModulePath);
  ASSERT_TRUE(module);
  ASSERT_TRUE((*module)->Initialise());
  {
    auto slots = (*module)->SlotsWithToken();
    ASSERT_TRUE(slots);
    auto session = slots->front().token().OpenSession(false);
    ASSERT_TRUE(session);
    ASSERT_TRUE(session->Login(CKU_USER, Bytes(kPin)));
    for (const Vector& vector : kVectors) {
      auto found = session->FindSecretKeys(vector.source, 2);
      ASSERT_TRUE(found);
      ASSERT_EQ(found->size(), 1u) << vector.source;
      auto copy = session->CopyToSession(found->front());
      ASSERT_TRUE(copy);
      Mac by_token{}, by_copy{};
      ASSERT_TRUE(session->Hmac(found->front(), Bytes(vector.message), by_token));
      ASSERT_TRUE(session->Hmac(*copy, Bytes(vector.message), by_copy));
      EXPECT_EQ(Hex(by_token), vector.mac) << vector.source;
      EXPECT_EQ(Hex(by_copy), vector.mac) << vector.source;
    }
  }
  (*module)->Finalise();
}

TEST(TokenHmac, UsesImportedPurposeKeysAndAgreesWithSoftware) {
  const SoftHsm hsm;
  hsm.MakeToken("claviger");
  hsm.WritePinFile(kPin);
  std::vector<SoftHsm::Key> keys;
  for (const TokenPurpose purpose : kTokenPurposes) {
    std::vector<std::uint8_t> value(32, static_cast<std::uint8_t>(purpose));
    keys.push_back({"claviger/" + std::string(TokenPurposeName(purpose)) + "/1", value});
  }
  hsm.ImportKeys(keys);
  const auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({});
  ASSERT_TRUE(bound) << bound.error().message();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (const std::size_t length : {0u, 1u, 64u, 256u}) {
      const std::string message(length, 'm');
      const auto mac = MakeMac(*client, kTokenPurposes[i], message);
      ASSERT_TRUE(mac) << mac.error().message();
      EXPECT_EQ(*mac, HmacSha256(keys[i].value, Bytes(message))) << keys[i].label << ' ' << length;
    }
  }
}

// What MintAsync gives: the secret, then the verifier.
Result<std::vector<std::uint8_t>> Mint(TokenClient& client, std::string_view mint_head,
                                       std::string_view verify_head) {
  std::promise<Result<std::vector<std::uint8_t>>> promise;
  const auto first = Bytes(mint_head), second = Bytes(verify_head);
  client.MintAsync({first, second}, [&promise](const Result<std::span<const std::uint8_t>>& bytes) {
    if (!bytes) return promise.set_value(bytes.error());
    promise.set_value(std::vector<std::uint8_t>(bytes->begin(), bytes->end()));
  });
  return promise.get_future().get();
}

TEST(TokenMint, GivesASecretAndItsVerifierAndNeverTheSameTwice) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  std::set<std::vector<std::uint8_t>> secrets;
  for (int round = 0; round < 50; ++round) {
    // Also by the workers that come after one that died.
    if (round % 10 == 9) {
      for (const int pid : WorkerIds()) kill(pid, SIGKILL);
      ASSERT_TRUE(Eventually([&] { return Mint(*client, "mint", "verify").has_value(); }));
    }
    const auto made = Mint(*client, "mint", "verify");
    ASSERT_TRUE(made) << made.error().message();
    ASSERT_EQ(made->size(), 64U);
    const std::vector<std::uint8_t> secret(made->begin(), made->begin() + 32);
    secrets.insert(secret);
    const auto verifier =
        MakeMac(*client, TokenPurpose::kVerify, "verify" + std::string(secret.begin(), secret.end()));
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(std::equal(verifier->begin(), verifier->end(), made->begin() + 32));
  }
  EXPECT_EQ(secrets.size(), 50U);
}

TEST(TokenMint, RefusesMessagesThatFitNoFrame) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  EXPECT_EQ(Mint(*client, std::string(225, 'm'), "v").error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Mint(*client, "m", std::string(225, 'v')).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Mint(*client, std::string(200, 'm'), std::string(56, 'v')).error().code(),
            ErrorCode::kInvalidArgument);
}

TEST(TokenCalls, OfManyCallersEachGetTheirOwnAnswers) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  const auto expected = MakeMac(*client, TokenPurpose::kRecord, "7");
  ASSERT_TRUE(expected);
  std::atomic<int> wrong{0}, left{8 * 200};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int call = 0; call < 200; ++call) {
        // Some wait for each answer, some send one call after another.
        const std::string message = std::to_string((caller + call) % 10);
        const auto judge = [&, is_seven = message == "7"](const Result<std::vector<Mac>>& macs) {
          if (!macs || (macs->front() == *expected) != is_seven || macs->size() != 3) ++wrong;
          --left;
        };
        std::vector<MacRequest> requests(3, MacRequest{TokenPurpose::kRecord, Bytes(message)});
        if (caller % 2 == 0) {
          client->ComputeAsync(std::move(requests), judge);
        } else {
          judge(client->Compute(requests));
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_TRUE(Eventually([&] { return left == 0; }));
  EXPECT_EQ(wrong, 0);
}

TEST(TokenHmac, RefusesAPurposeKeyThatCanBeReadOutOfTheToken) {
  const SoftHsm hsm;
  hsm.MakeToken("claviger");
  hsm.WritePinFile(kPin);
  hsm.ImportKeys({{"claviger/verify/1", std::vector<std::uint8_t>(32, 7), true}});
  const auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message().find("claviger/verify/1"), std::string::npos);
  EXPECT_EQ(client->installation_id(), "");
}

TEST(TokenHmac, RefusesTwoKeysWithOneLabel) {
  const SoftHsm hsm;
  hsm.MakeToken("claviger");
  hsm.WritePinFile(kPin);
  hsm.ImportKeys({{"claviger/mint/1", std::vector<std::uint8_t>(32, 7)},
                  {"claviger/mint/1", std::vector<std::uint8_t>(32, 8)}});
  const auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message().find("several keys claviger/mint/1"), std::string::npos);
}

TEST(TokenHmac, AnswersManyPipelinedCallsInOrder) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  std::vector<MacRequest> requests;
  for (int i = 0; i < 1000; ++i) {
    requests.push_back(
        {kTokenPurposes[static_cast<std::size_t>(i) % 5], Bytes("message " + std::to_string(i))});
  }
  const auto macs = client->Compute(requests);
  ASSERT_TRUE(macs) << macs.error().message();
  ASSERT_EQ(macs->size(), requests.size());
  for (const std::size_t i : {0u, 1u, 499u, 999u}) {
    const auto again = client->Compute(std::span(requests).subspan(i, 1));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->front(), (*macs)[i]);
  }
}

TEST(TokenHmac, ServesSeveralThreadsAtOnce) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  const auto expected = MakeMac(*client, TokenPurpose::kVerify, "the same");
  ASSERT_TRUE(expected);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto mac = MakeMac(*client, TokenPurpose::kVerify, "the same");
        if (mac && *mac == *expected) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
}

TEST(TokenHmac, CallsBackExactlyOnceForEachCallWithoutWaiting) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  std::atomic<int> answers{0}, right{0};
  for (int i = 0; i < 500; ++i) {
    client->ComputeAsync({{TokenPurpose::kRecord, Bytes("x")}, {TokenPurpose::kStore, Bytes("y")}},
                         [&](Result<std::vector<Mac>> macs) {
                           if (macs && macs->size() == 2 && (*macs)[0] != (*macs)[1]) ++right;
                           ++answers;
                         });
  }
  EXPECT_TRUE(Eventually([&] { return answers == 500; }));
  EXPECT_EQ(right, 500);
}

TEST(TokenHmac, RefusesInputThatIsTooLong) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  const auto mac = MakeMac(*client, TokenPurpose::kVerify, std::string(kMaxMacInput + 1, 'x'));
  ASSERT_FALSE(mac);
  EXPECT_EQ(mac.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(client->status().state, TokenState::kReady);
}

TEST(TokenRandom, GivesFreshBytesOfEveryLength) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  for (const std::size_t length : {1u, 32u, 255u, 256u}) {
    std::vector<std::uint8_t> first(length), second(length);
    ASSERT_TRUE(client->Random(first));
    ASSERT_TRUE(client->Random(second));
    // Shorter ones may be equal by chance.
    EXPECT_TRUE(length < 32 || first != second);
  }
  std::vector<std::uint8_t> none, too_many(257);
  EXPECT_TRUE(client->Random(none));
  EXPECT_FALSE(client->Random(too_many));
}

TEST(TokenProbe, TellsWhatTheTokenOffersAndHowFastItIs) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  const auto capabilities = client->Probe();
  ASSERT_TRUE(capabilities) << capabilities.error().message();
  EXPECT_TRUE(capabilities->can_generate_generic_secret);
  EXPECT_TRUE(capabilities->can_hmac_sha256);
  EXPECT_TRUE(capabilities->can_generate_random);
  EXPECT_TRUE(capabilities->can_copy_to_session);
  EXPECT_EQ(capabilities->label, "claviger");
  EXPECT_NE(capabilities->library, "");
  EXPECT_GT(capabilities->hmac_microseconds, 0);
  EXPECT_GT(capabilities->call_microseconds, capabilities->hmac_microseconds);
  RecordProperty("hmac_microseconds", std::to_string(capabilities->hmac_microseconds));
  RecordProperty("call_microseconds", std::to_string(capabilities->call_microseconds));
}

TEST(TokenProbe, WorksWithoutALogin) {
  const SoftHsm hsm;
  hsm.MakeToken("claviger");
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kUninitialised));
  const auto capabilities = client->Probe();
  ASSERT_TRUE(capabilities) << capabilities.error().message();
  EXPECT_TRUE(capabilities->can_hmac_sha256);
  EXPECT_EQ(capabilities->hmac_microseconds, 0);
}

}  // namespace
}  // namespace claviger::hsm
