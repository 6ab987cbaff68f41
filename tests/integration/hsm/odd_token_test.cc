// Tokens that are not like SoftHSM, by way of a module that changes what SoftHSM says.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "hsm/installation.h"
#include "tests/integration/hsm/soft_hsm.h"

namespace claviger::hsm {
namespace {

namespace fs = std::filesystem;

class OddToken : public testing::Test {
 protected:
  OddToken() {
    fs::create_directory(folder_);
    setenv("CLAVIGER_ODD_MODULE", folder_.c_str(), 1);
  }
  ~OddToken() override { unsetenv("CLAVIGER_ODD_MODULE"); }

  void Ask(const std::string& oddity) const { std::ofstream(folder_ + '/' + oddity) << '\n'; }
  void Recover(const std::string& oddity) const { fs::remove(folder_ + '/' + oddity); }
  std::uintmax_t Logins() const {
    std::error_code none;
    const auto size = fs::file_size(folder_ + "/logins", none);
    return none ? 0 : size;
  }
  TokenSettings Settings() const {
    TokenSettings settings = hsm_.Settings();
    settings.module_path = CLAVIGER_ODD_MODULE;
    return settings;
  }

  SoftHsm hsm_;
  std::string folder_ = hsm_.folder() + "/odd";
};

TEST_F(OddToken, SeesOneLoginPerWorker) {
  { StartBoundClient(hsm_); }
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
  EXPECT_TRUE(client->Unlock(Text(kPin)));
  EXPECT_TRUE(client->Probe());
  EXPECT_EQ(Logins(), 1u);
  EXPECT_EQ(client->status().worker_starts, 1u);
}

TEST_F(OddToken, SeesAWrongPinOnceEvenAcrossRestartsAndUnlock) {
  { StartBoundClient(hsm_); }
  hsm_.WritePinFile("wrong");
  for (int start = 0; start < 3; ++start) {
    const auto client = StartClient(Settings());
    ASSERT_TRUE(Reaches(*client, TokenState::kPinRefused));
    EXPECT_FALSE(client->Unlock(Text("wrong")));
    hsm_.WritePinFile("wrong");
    EXPECT_FALSE(client->Unlock(Secret()));
  }
  EXPECT_EQ(Logins(), 1u);
}

TEST_F(OddToken, IsNotLoggedInToWhenOneMoreFailureWouldLockIt) {
  { StartBoundClient(hsm_); }
  Ask("pin_final_try");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kPinBlocked));
  const Status unlocked = client->Unlock(Text(kPin));
  ASSERT_FALSE(unlocked);
  EXPECT_EQ(unlocked.error().code(), ErrorCode::kDenied);
  EXPECT_EQ(Logins(), 0u);
}

TEST_F(OddToken, IsNotLoggedInToWhenItsPinIsLocked) {
  { StartBoundClient(hsm_); }
  Ask("pin_locked");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kPinBlocked));
  EXPECT_EQ(Logins(), 0u);
  Recover("pin_locked");
  EXPECT_TRUE(client->Unlock(Text(kPin)));
}

TEST_F(OddToken, MaySayOnlyAtTheLoginThatItsPinIsLocked) {
  { StartBoundClient(hsm_); }
  Ask("pin_locked_at_login");
  const auto client = StartClient(Settings());
  EXPECT_TRUE(Reaches(*client, TokenState::kPinBlocked));
}

TEST_F(OddToken, IsNotTriedAgainWhenALoginWithoutAnswerWasCountedAsAFailure) {
  { StartBoundClient(hsm_); }
  Ask("login_dies");
  Ask("pin_failed_before");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kPinRefused));
  EXPECT_EQ(Logins(), 1u);
}

TEST_F(OddToken, ThatDiesAtALoginIsTriedAgainIfItHasCountedNoFailure) {
  { StartBoundClient(hsm_); }
  Ask("login_dies");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kFailed));
  Recover("login_dies");
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST_F(OddToken, ThatHangsInALoginIsNotKilledForStoppingTheClient) {
  { StartBoundClient(hsm_); }
  Ask("login_hangs");
  auto client = StartClient(Settings());
  ASSERT_TRUE(Eventually([&] { return Logins() == 1; }));
  const auto workers = WorkerIds();
  ASSERT_EQ(workers.size(), 1u);
  std::thread slow_token([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    Recover("login_hangs");
  });
  client.reset();
  slow_token.join();
  EXPECT_TRUE(WorkerIds().empty());
  EXPECT_TRUE(fs::exists(folder_ + "/login_ended"));
}

TEST_F(OddToken, WithoutHmacIsUnsupportedAndSaysWhatItLacks) {
  { StartBoundClient(hsm_); }
  Ask("no_hmac");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kUnsupported));
  EXPECT_NE(client->status().message.find("CKM_SHA256_HMAC"), std::string::npos);
  const auto capabilities = client->Probe();
  ASSERT_TRUE(capabilities);
  EXPECT_FALSE(capabilities->can_hmac_sha256);
  EXPECT_EQ(Logins(), 0u);
}

TEST_F(OddToken, WithoutRandomGeneratorIsUnsupported) {
  { StartBoundClient(hsm_); }
  Ask("no_random");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kUnsupported));
  EXPECT_NE(client->status().message.find("random"), std::string::npos);
}

TEST_F(OddToken, WithoutCopiesServesByItsOwnObjects) {
  { StartBoundClient(hsm_); }
  Ask("no_copy");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  EXPECT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
  const auto capabilities = client->Probe();
  ASSERT_TRUE(capabilities);
  EXPECT_FALSE(capabilities->can_copy_to_session);
}

TEST_F(OddToken, ThatCannotGenerateKeysIsNotBound) {
  hsm_.MakeToken("claviger");
  hsm_.WritePinFile(kPin);
  Ask("no_generate");
  const auto client = StartClient(Settings());
  const Status bound = client->Initialise({});
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code(), ErrorCode::kUnsupported);
  EXPECT_EQ(client->installation_id(), "");
}

TEST_F(OddToken, ThatTakesOnlyImportedKeysNamesTheOneThatIsMissing) {
  hsm_.MakeToken("claviger");
  hsm_.WritePinFile(kPin);
  Ask("only_imports");
  const auto client = StartClient(Settings());
  const Status bound = client->Initialise({});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message().find("import"), std::string::npos);
  EXPECT_NE(bound.error().message().find("claviger/mint/1"), std::string::npos);
  EXPECT_EQ(client->installation_id(), "");
}

TEST_F(OddToken, ThatTakesOnlyImportedKeysIsBoundWhenItHasThem) {
  { StartBoundClient(hsm_); }
  fs::remove(InstallationPath(Settings().state_directory));
  Ask("only_imports");
  const auto client = StartClient(Settings());
  const Status bound = client->Initialise({});
  ASSERT_TRUE(bound) << bound.error().message();
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST_F(OddToken, WhoseHandleGoesStaleIsSearchedAgainWithoutAFailure) {
  { StartBoundClient(hsm_); }
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  const auto before = MakeMac(*client, TokenPurpose::kVerify, "m");
  Ask("stale_handle");
  const auto after = MakeMac(*client, TokenPurpose::kVerify, "m");
  ASSERT_TRUE(before);
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(*before, *after);
  EXPECT_EQ(client->status().worker_starts, 1u);
}

TEST_F(OddToken, ThatFailsIsReopenedUntilItWorksAgain) {
  { StartBoundClient(hsm_); }
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  Ask("device_error");
  const auto mac = MakeMac(*client, TokenPurpose::kVerify, "m");
  ASSERT_FALSE(mac);
  EXPECT_EQ(mac.error().code(), ErrorCode::kUnavailable);
  ASSERT_TRUE(Reaches(*client, TokenState::kFailed));
  EXPECT_NE(client->status().message.find("CKR_DEVICE_ERROR"), std::string::npos);
  Recover("device_error");
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  EXPECT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
}

TEST_F(OddToken, WhoseModuleDoesNotStartIsTriedAgain) {
  { StartBoundClient(hsm_); }
  Ask("does_not_start");
  const auto client = StartClient(Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kModuleAbsent));
  EXPECT_NE(client->status().message.find("CKR_GENERAL_ERROR"), std::string::npos);
  Recover("does_not_start");
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

}  // namespace
}  // namespace claviger::hsm
