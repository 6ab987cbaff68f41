#include "cli/setup.h"

#include <gtest/gtest.h>

#include "cli/credential_store.h"
#include "cli/host_checks.h"
#include "cli/json_view.h"
#include "tests/unit/cli/temporary_root.h"

namespace claviger::cli {
namespace {

constexpr const char* kCreds = R"(mkdir -p "${0%/usr/bin/*}/seen"
echo "$@" >> "${0%/usr/bin/*}/seen/words"
case "$1 $4" in
  "encrypt -") printf 'sealed:'; cat ;;
  decrypt*) sed 's/^sealed://' "$3" ;;
esac)";

class SetupSteps : public ::testing::Test {
 protected:
  SetupSteps() {
    root_.WriteProgram("systemd-creds", kCreds);
    root_.WriteProgram("clavigerd",
                       "grep -q refuse-me \"$3\" && { echo 'error: line 1: no' >&2; exit 78; }; exit 0");
    root_.WriteProgram("id", "[ \"$3\" = alice ] && echo \"alice claviger-verify\" || exit 1");
    root_.WriteProgram("usermod",
                       "mkdir -p \"${0%/usr/bin/*}/seen\"; echo \"$@\" >> \"${0%/usr/bin/*}/seen/usermod\"");
    root_.Write(std::string(kSoftHsmModule), "");
    root_.Write(std::string(kConfigPath),
                "#[token]\n#module = \"/usr/lib/softhsm/libsofthsm2.so\"\n#uri = \"x\"\n");
    root_.Write("/etc/claviger/scopes.d/.keep", "");
    setup_.settings = *ReadSettings(std::string_view());
    setup_.choice.module = setup_.settings.module;
    setup_.choice.uri = setup_.settings.uri;
  }

  TemporaryRoot root_;
  Host host_ = root_.host();
  cli::Setup setup_{host_, {}, {}, "/nowhere"};
};

TEST_F(SetupSteps, AMadePinIsLongAndNeverTheSame) {
  const Secret one = MakePin(), other = MakePin();
  EXPECT_EQ(one.size(), 43U);
  EXPECT_NE(one.ExposeText(), other.ExposeText());
  for (const char c : one.ExposeText()) EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)));
}

TEST_F(SetupSteps, APinIsMadeOnceAndStoredForItsUnitAlone) {
  ASSERT_FALSE(CheckPin(setup_)->done);
  ASSERT_TRUE(StorePin(setup_));
  const std::string stored = root_.Read("/etc/credstore.encrypted/hsm-pin");
  EXPECT_EQ(stored, "sealed:" + std::string(setup_.choice.pin.ExposeText()));
  EXPECT_EQ(root_.Read("/seen/words"), "encrypt --name=hsm-pin --with-key=auto - -\n");
  EXPECT_EQ(host_.Look("/etc/credstore.encrypted/hsm-pin")->st_mode & 0777, 0600U);
  EXPECT_EQ(host_.Look("/etc/credstore.encrypted")->st_mode & 0777, 0700U);
  EXPECT_TRUE(CheckPin(setup_)->done);
  EXPECT_FALSE(StorePin(setup_));
  EXPECT_EQ(root_.Read("/etc/credstore.encrypted/hsm-pin"), stored);
}

TEST_F(SetupSteps, WithoutATpmTheHostsKeyAloneIsUsedAndThatIsSaid) {
  root_.WriteProgram("systemd-creds", R"([ "$3" = --with-key=host ] || { echo "no TPM" >&2; exit 1; }; cat)");
  const auto stored = StorePin(setup_);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_NE(stored->find("this host's key alone"), std::string::npos) << *stored;
  EXPECT_NE(stored->find("no TPM"), std::string::npos) << *stored;
}

TEST_F(SetupSteps, APinThatCannotBeEncryptedIsNotStoredAtAll) {
  root_.WriteProgram("systemd-creds", "echo broken >&2; exit 1");
  const auto stored = StorePin(setup_);
  ASSERT_FALSE(stored);
  EXPECT_NE(stored.error().message.find("broken"), std::string::npos);
  EXPECT_FALSE(host_.Has("/etc/credstore.encrypted/hsm-pin"));
}

TEST_F(SetupSteps, APinThatExistsAlreadyIsAskedForAndNotMade) {
  EXPECT_FALSE(NeedsPin(host_, setup_.settings, setup_.choice));
  root_.Write("/var/lib/claviger/tokens/one/token.object", "x");
  EXPECT_TRUE(NeedsPin(host_, setup_.settings, setup_.choice));
  EXPECT_TRUE(CheckSoPin(setup_)->done);
  ASSERT_TRUE(StorePin(setup_));
  EXPECT_FALSE(NeedsPin(host_, setup_.settings, setup_.choice));
}

TEST_F(SetupSteps, TheSoPinCanBeReadAgain) {
  ASSERT_TRUE(StoreSoPin(setup_));
  const auto loaded = LoadCredential(host_, kSoPinCredential);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(loaded->ExposeText(), setup_.choice.so_pin.ExposeText());
}

TEST_F(SetupSteps, AModuleThatIsNotThereIsNamedWithWhatToInstall) {
  EXPECT_TRUE(CheckModule(setup_)->done);
  std::filesystem::remove(root_.path() + std::string(kSoftHsmModule));
  EXPECT_EQ(CheckModule(setup_).error().hint, "install SoftHSM: apt install softhsm2");
  setup_.choice.module = "/opt/none.so";
  EXPECT_NE(CheckModule(setup_).error().message.find("/opt/none.so"), std::string::npos);
}

TEST_F(SetupSteps, TheConfigurationIsChangedOnlyWhereItDiffers) {
  EXPECT_TRUE(CheckConfiguration(setup_)->done);
  setup_.choice.module = "/opt/token.so";
  ASSERT_FALSE(CheckConfiguration(setup_)->done);
  ASSERT_TRUE(WriteConfiguration(setup_));
  EXPECT_EQ(ReadSettings(host_)->module, "/opt/token.so");
  EXPECT_EQ(ReadSettings(host_)->uri, "pkcs11:token=claviger");
  EXPECT_TRUE(CheckConfiguration(setup_)->done);
  EXPECT_TRUE(setup_.changed);
  EXPECT_FALSE(host_.Has(std::string(kConfigPath) + ".setup"));
}

TEST_F(SetupSteps, AConfigurationThatTheDaemonRefusesIsNotPutInPlace) {
  const std::string before = root_.Read(std::string(kConfigPath));
  setup_.choice.module = "/opt/refuse-me.so";
  const auto written = WriteConfiguration(setup_);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("line 1: no"), std::string::npos);
  EXPECT_EQ(root_.Read(std::string(kConfigPath)), before);
  EXPECT_FALSE(host_.Has(std::string(kConfigPath) + ".setup"));
}

TEST_F(SetupSteps, ABoundInstallationDoesNotChangeItsToken) {
  root_.Write("/var/lib/claviger/installation.toml", "");
  setup_.choice.uri = "pkcs11:token=other";
  EXPECT_FALSE(CheckConfiguration(setup_));
}

TEST_F(SetupSteps, ACatalogueIsCopiedOnceAndNeverOverwritten) {
  root_.Write(std::string(kExampleCatalogue), "first");
  setup_.choice.catalogues = {std::string(kExampleCatalogue)};
  ASSERT_FALSE(CheckCatalogue(setup_)->done);
  ASSERT_TRUE(CopyCatalogue(setup_));
  root_.Write(std::string(kExampleCatalogue), "second");
  EXPECT_TRUE(CheckCatalogue(setup_)->done);
  EXPECT_EQ(root_.Read("/etc/claviger/scopes.d/atlassian-admin.toml"), "first");
  setup_.choice.catalogues = {"/etc/passwd"};
  EXPECT_FALSE(CheckCatalogue(setup_));
}

TEST_F(SetupSteps, PeopleAreAddedWhereTheyAreMissing) {
  setup_.choice.admins = {"alice"};
  setup_.choice.verifiers = {"alice"};
  ASSERT_FALSE(CheckPeople(setup_)->done);
  ASSERT_TRUE(AddPeople(setup_));
  EXPECT_EQ(root_.Read("/seen/usermod"), "-aG claviger-admin -- alice\n");
  setup_.choice.admins = {"bob"};
  EXPECT_NE(CheckPeople(setup_).error().message.find("no user bob"), std::string::npos);
}

std::string StateOf(const boost::json::array& rows, std::string_view name) {
  for (const boost::json::object* row : ObjectsOf(rows)) {
    if (TextOf(*row, "name") == name) return TextOf(*row, "state");
  }
  return "absent";
}

TEST_F(SetupSteps, DoctorNamesWhatOthersCanChangeAndWhatIsMissing) {
  EXPECT_EQ(StateOf(HostChecks(host_), "configuration"), "ok");
  EXPECT_EQ(StateOf(HostChecks(host_), "module"), "ok");
  EXPECT_EQ(StateOf(HostChecks(host_), "units"), "warning");  // no systemd there
  root_.Write(std::string(kConfigPath), "# refuse-me", 0666);
  std::filesystem::remove(root_.path() + std::string(kSoftHsmModule));
  const auto rows = HostChecks(host_);
  for (const char* name : {"configuration", "settings", "module"})
    EXPECT_EQ(StateOf(rows, name), "failed") << name;
}

}  // namespace
}  // namespace claviger::cli
