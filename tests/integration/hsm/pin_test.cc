// The PIN: where it comes from, and that none is tried twice.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/integration/hsm/soft_hsm.h"

namespace claviger::hsm {
namespace {

namespace fs = std::filesystem;

TEST(TokenPin, ThatIsMissingLeavesTheTokenLocked) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  fs::remove(hsm.pin_file());
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kLocked));
  EXPECT_NE(client->status().message.find("claviger unlock"), std::string::npos);
  EXPECT_FALSE(MakeMac(*client, TokenPurpose::kVerify, "m"));
}

TEST(TokenPin, IsPickedUpWhenItsFileAppears) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  fs::remove(hsm.pin_file());
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kLocked));
  hsm.WritePinFile(kPin);
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST(TokenPin, InAFileThatOthersCanReadIsNotUsed) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.WritePinFile(kPin, 0644);
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kLocked));
  EXPECT_NE(client->status().message.find(hsm.pin_file()), std::string::npos);
  chmod(hsm.pin_file().c_str(), 0400);
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST(TokenPin, FromTheCredentialComesBeforeTheFile) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.WritePinFile("wrong");
  fs::create_directory(hsm.folder() + "/credentials");
  std::ofstream(hsm.folder() + "/credentials/hsm-pin") << kPin;
  setenv("CREDENTIALS_DIRECTORY", (hsm.folder() + "/credentials").c_str(), 1);
  const auto client = StartClient(hsm.Settings());
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
  unsetenv("CREDENTIALS_DIRECTORY");
}

TEST(TokenPin, ThatWasRefusedIsNotedWithoutBeingReadable) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.WritePinFile("wrong-and-visible");
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kPinRefused));
  const std::string path = hsm.state_directory() + "/refused-pins.toml";
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text.find("wrong-and-visible"), std::string::npos);
  EXPECT_EQ(client->status().message.find("wrong-and-visible"), std::string::npos);
}

TEST(TokenPin, ThatIsCorrectedInItsFileIsTried) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.WritePinFile("wrong");
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kPinRefused));
  hsm.WritePinFile(kPin);
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST(TokenPin, IsNotTriedWhileTheNoteOfRefusedPinsIsDamaged) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  std::ofstream(hsm.state_directory() + "/refused-pins.toml") << "salt = 5\n";
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kPinRefused));
  EXPECT_NE(client->status().message.find("refused-pins.toml"), std::string::npos);
}

TEST(TokenUnlock, ServesWithThePinThatItIsGivenAndKeepsItForTheNextWorker) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  fs::remove(hsm.pin_file());
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kLocked));
  const Status wrong = client->Unlock(Text("wrong"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), ErrorCode::kDenied);
  const Status right = client->Unlock(Text(kPin));
  ASSERT_TRUE(right) << right.error().message();
  const auto starts = client->status().worker_starts;
  for (const int id : WorkerIds()) kill(id, SIGKILL);
  ASSERT_TRUE(Eventually([&] { return client->status().worker_starts > starts; }));
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST(TokenUnlock, WithoutAPinReadsTheConfiguredSource) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  ASSERT_TRUE(client->Lock());
  EXPECT_TRUE(client->Unlock(Secret()));
  EXPECT_EQ(client->status().state, TokenState::kReady);
  ASSERT_TRUE(client->Lock());
  fs::remove(hsm.pin_file());
  const Status without = client->Unlock(Secret());
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code(), ErrorCode::kInvalidArgument);
}

TEST(TokenUnlock, IsUnavailableWhileThereIsNoToken) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.HideTokens();
  const auto client = StartClient(hsm.Settings());
  const Status unlocked = client->Unlock(Text(kPin));
  ASSERT_FALSE(unlocked);
  EXPECT_EQ(unlocked.error().code(), ErrorCode::kUnavailable);
}

TEST(TokenLock, EndsTheWorkerAndLastsUntilUnlock) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  ASSERT_TRUE(client->Lock());
  EXPECT_EQ(client->status().state, TokenState::kLocked);
  EXPECT_TRUE(WorkerIds().empty());
  EXPECT_FALSE(MakeMac(*client, TokenPurpose::kVerify, "m"));
  // The PIN file does not undo it, although it changes.
  hsm.WritePinFile(kPin);
  const Status wrong = client->Unlock(Text("wrong"));
  EXPECT_FALSE(wrong);
  EXPECT_NE(client->status().state, TokenState::kReady);
  EXPECT_TRUE(client->Unlock(Text(kPin)));
  EXPECT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
}

}  // namespace
}  // namespace claviger::hsm
