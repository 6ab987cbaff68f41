// Which token is accepted, and what is said of one that is not there or not the right one.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "hsm/installation.h"
#include "tests/integration/hsm/soft_hsm.h"

namespace claviger::hsm {
namespace {

namespace fs = std::filesystem;

TEST(TokenInitialise, InitialisesABlankTokenAndServes) {
  const SoftHsm hsm;
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kUninitialised));
  const Status bound = client->Initialise({Text(kPin), Text(kSoPin), ""});
  ASSERT_TRUE(bound) << bound.error().message();
  EXPECT_EQ(client->status().state, TokenState::kReady);
  EXPECT_EQ(client->status().label, "claviger");
  EXPECT_NE(client->status().serial, "");
  EXPECT_EQ(client->installation_id().size(), 32u);
  EXPECT_TRUE(MakeMac(*client, TokenPurpose::kMint, "message"));
}

TEST(TokenInitialise, WritesAnIdentityThatOnlyItsOwnerReadsAndThatHoldsNoPin) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  struct stat info {};
  ASSERT_EQ(stat(InstallationPath(hsm.state_directory()).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::ifstream file(InstallationPath(hsm.state_directory()));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(text.find(client->installation_id()), std::string::npos);
  EXPECT_NE(text.find(client->status().serial), std::string::npos);
  EXPECT_EQ(text.find(kPin), std::string::npos);
}

TEST(TokenInitialise, IsRefusedASecondTime) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  const Status again = client->Initialise({});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(client->status().state, TokenState::kReady);
}

TEST(TokenInitialise, NeedsTheSoPinForABlankToken) {
  const SoftHsm hsm;
  const auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({Text(kPin), Secret(), ""});
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(bound.error().message().find("SO PIN"), std::string::npos);
}

TEST(TokenInitialise, NeedsAPin) {
  const SoftHsm hsm;
  hsm.MakeToken("claviger");
  const auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({});
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code(), ErrorCode::kInvalidArgument);
}

TEST(TokenInitialise, RefusesALabelThatTheUriWouldNotFind) {
  const SoftHsm hsm;
  const auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({Text(kPin), Text(kSoPin), "another"});
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code(), ErrorCode::kInvalidArgument);
}

TEST(TokenInitialise, GoesOnWhereAnEarlierAttemptWasInterrupted) {
  const SoftHsm hsm;
  {
    const auto client = StartBoundClient(hsm);
    ASSERT_TRUE(MakeMac(*client, TokenPurpose::kStore, "m"));
  }
  // As if the attempt had ended before the identity was written and with one key still to be made.
  fs::remove(InstallationPath(hsm.state_directory()));
  hsm.DeleteKey("claviger/audit/1");
  const auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({});
  ASSERT_TRUE(bound) << bound.error().message();
  EXPECT_TRUE(MakeMac(*client, TokenPurpose::kAudit, "m"));
}

TEST(TokenInitialise, SaysThatAWrongPinIsWrongAndDoesNotTryItAgain) {
  const SoftHsm hsm;
  hsm.MakeToken("claviger");
  const auto client = StartClient(hsm.Settings());
  const Status first = client->Initialise({Text("wrong"), Secret(), ""});
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), ErrorCode::kDenied);
  const Status second = client->Initialise({Text("wrong"), Secret(), ""});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message().find("before"), std::string::npos);
  EXPECT_TRUE(client->Initialise({Text(kPin), Secret(), ""}));
}

TEST(TokenIdentity, StaysTheSameAfterARestart) {
  const SoftHsm hsm;
  std::string id;
  Mac before{};
  {
    const auto client = StartBoundClient(hsm);
    id = client->installation_id();
    before = *MakeMac(*client, TokenPurpose::kStore, "m");
  }
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  EXPECT_EQ(client->installation_id(), id);
  EXPECT_EQ(*MakeMac(*client, TokenPurpose::kStore, "m"), before);
}

TEST(TokenIdentity, RefusesATokenThatWasInitialisedAnewUnderTheSameLabel) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.DeleteToken("claviger");
  hsm.MakeToken("claviger");
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kForeignToken));
  EXPECT_NE(client->status().message.find("serial"), std::string::npos);
  EXPECT_FALSE(MakeMac(*client, TokenPurpose::kVerify, "m"));
}

TEST(TokenIdentity, RefusesTheRightSerialWithAnotherKey) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.DeleteKey("claviger/record/1");
  hsm.ImportKeys({{"claviger/record/1", std::vector<std::uint8_t>(32, 1)}});
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kForeignToken));
  EXPECT_NE(client->status().message.find("claviger/record/1"), std::string::npos);
}

TEST(TokenIdentity, NeverMakesMissingKeysAnew) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.DeleteKey("claviger/verify/1");
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kKeysMissing));
  EXPECT_NE(client->status().message.find("claviger/verify/1"), std::string::npos);
  const Status again = client->Initialise({});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kConflict);
}

TEST(TokenIdentity, FindsThePinnedTokenAmongSeveralOfOneLabel) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.MakeToken("claviger");
  const auto client = StartClient(hsm.Settings());
  EXPECT_TRUE(Reaches(*client, TokenState::kReady));
}

TEST(TokenIdentity, AsksForTheSerialWhenSeveralTokensMatch) {
  const SoftHsm hsm;
  hsm.MakeToken("claviger");
  hsm.MakeToken("claviger");
  hsm.WritePinFile(kPin);
  const auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message().find("serial="), std::string::npos);
}

TEST(TokenIdentity, RefusesADamagedInstallationFile) {
  const SoftHsm hsm;
  std::ofstream(InstallationPath(hsm.state_directory())) << "id = \"12\"\n";
  const auto client = TokenClient::Start(hsm.Settings(), nullptr);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code(), ErrorCode::kCorrupt);
}

TEST(TokenAbsence, SaysThatTheModuleCannotBeLoaded) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  TokenSettings settings = hsm.Settings();
  settings.module_path = "/nonexistent/module.so";
  const auto client = StartClient(settings);
  ASSERT_TRUE(Reaches(*client, TokenState::kModuleAbsent));
  EXPECT_NE(client->status().message.find("/nonexistent/module.so"), std::string::npos);
  const auto mac = MakeMac(*client, TokenPurpose::kVerify, "m");
  ASSERT_FALSE(mac);
  EXPECT_EQ(mac.error().code(), ErrorCode::kUnavailable);
}

TEST(TokenAbsence, ServesByItselfWhenTheTokenAppears) {
  const SoftHsm hsm;
  { StartBoundClient(hsm); }
  hsm.HideTokens();
  const auto client = StartClient(hsm.Settings());
  ASSERT_TRUE(Reaches(*client, TokenState::kTokenAbsent));
  hsm.ShowTokens();
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  EXPECT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
}

TEST(TokenAbsence, IsSeenWhileServingAndEndsByItself) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  hsm.HideTokens();
  ASSERT_TRUE(Reaches(*client, TokenState::kTokenAbsent));
  const auto mac = MakeMac(*client, TokenPurpose::kVerify, "m");
  ASSERT_FALSE(mac);
  EXPECT_EQ(mac.error().code(), ErrorCode::kUnavailable);
  hsm.ShowTokens();
  ASSERT_TRUE(Reaches(*client, TokenState::kReady));
  EXPECT_TRUE(MakeMac(*client, TokenPurpose::kVerify, "m"));
}

TEST(TokenAbsence, ReportsKeysThatAreDeletedWhileServing) {
  const SoftHsm hsm;
  const auto client = StartBoundClient(hsm);
  hsm.DeleteKey("claviger/mint/1");
  EXPECT_TRUE(Reaches(*client, TokenState::kKeysMissing));
}

TEST(TokenSettingsCheck, RefusesABadUriAndAnAbsentWorker) {
  const SoftHsm hsm;
  TokenSettings settings = hsm.Settings();
  settings.uri = "token=claviger";
  const auto bad_uri = TokenClient::Start(settings, nullptr);
  ASSERT_FALSE(bad_uri);
  EXPECT_EQ(bad_uri.error().code(), ErrorCode::kConfiguration);
  settings = hsm.Settings();
  settings.worker_path = "/nonexistent/claviger-token";
  const auto no_worker = TokenClient::Start(settings, nullptr);
  ASSERT_FALSE(no_worker);
  EXPECT_EQ(no_worker.error().code(), ErrorCode::kConfiguration);
}

}  // namespace
}  // namespace claviger::hsm
