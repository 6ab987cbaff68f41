#include "tests/integration/hsm/soft_hsm.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <p11-kit/pkcs11.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace claviger::hsm {
namespace {

namespace fs = std::filesystem;

void RunCommand(const std::string& command) {
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  ASSERT_EQ(status, 0) << command;
}

// SoftHSM inside the test, logged in to the token "claviger"; for what no tool can do.
class RawSession {
 public:
  RawSession() {
    void* handle = dlopen(kModulePath, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw std::runtime_error("SoftHSM is not installed");
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(handle, "C_GetFunctionList"));
    Check(get(&p11));
    Check(p11->C_Initialize(nullptr));
    std::array<CK_SLOT_ID, 16> slots{};
    CK_ULONG count = slots.size();
    Check(p11->C_GetSlotList(1, slots.data(), &count));
    const auto slot = std::find_if(slots.begin(), slots.begin() + count, [this](CK_SLOT_ID id) {
      CK_TOKEN_INFO info{};
      return p11->C_GetTokenInfo(id, &info) == CKR_OK &&
             std::string_view(reinterpret_cast<const char*>(info.label), 32).starts_with("claviger ");
    });
    if (slot == slots.begin() + count) throw std::runtime_error("no token claviger");
    Check(p11->C_OpenSession(*slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session));
    std::string pin = kPin;
    Check(p11->C_Login(session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin.data()), pin.size()));
  }
  RawSession(const RawSession&) = delete;
  RawSession& operator=(const RawSession&) = delete;
  ~RawSession() { p11->C_Finalize(nullptr); }

  static void Check(CK_RV rv) {
    if (rv != CKR_OK) throw std::runtime_error("PKCS#11 call failed: " + std::to_string(rv));
  }

  CK_FUNCTION_LIST_PTR p11 = nullptr;
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
};

}  // namespace

SoftHsm::SoftHsm() {
  std::string pattern = fs::temp_directory_path() / "claviger-hsm-XXXXXX";
  folder_ = mkdtemp(pattern.data());
  fs::create_directory(folder_ + "/tokens");
  fs::create_directory(state_directory());
  std::ofstream(folder_ + "/softhsm2.conf") << "directories.tokendir = " << folder_ << "/tokens\n"
                                            << "objectstore.backend = file\nlog.level = ERROR\n";
  setenv("SOFTHSM2_CONF", (folder_ + "/softhsm2.conf").c_str(), 1);
  unsetenv("CREDENTIALS_DIRECTORY");
}

SoftHsm::~SoftHsm() { fs::remove_all(folder_); }

TokenSettings SoftHsm::Settings() const {
  TokenSettings settings;
  settings.worker_path = CLAVIGER_TOKEN;
  settings.module_path = kModulePath;
  settings.uri = "pkcs11:token=claviger";
  settings.pin_file = pin_file();
  settings.state_directory = state_directory();
  // Sanitizers and a busy host slow everything down; the product's default is 150 ms.
  settings.deadline = std::chrono::milliseconds(2000);
  return settings;
}

void SoftHsm::WritePinFile(const std::string& pin, unsigned mode) const {
  fs::remove(pin_file());
  std::ofstream(pin_file()) << pin << '\n';
  chmod(pin_file().c_str(), mode);
}

void SoftHsm::MakeToken(const std::string& label) const {
  RunCommand("softhsm2-util --init-token --free --label " + label + " --pin " + kPin + " --so-pin " + kSoPin);
}

void SoftHsm::DeleteToken(const std::string& label) const {
  RunCommand("softhsm2-util --delete-token --token " + label);
}

void SoftHsm::HideTokens() const {
  fs::rename(folder_ + "/tokens", folder_ + "/hidden");
  fs::create_directory(folder_ + "/tokens");
}

void SoftHsm::ShowTokens() const {
  fs::remove_all(folder_ + "/tokens");
  fs::rename(folder_ + "/hidden", folder_ + "/tokens");
}

void SoftHsm::ImportKeys(const std::vector<Key>& keys) const {
  const RawSession raw;
  for (const Key& key : keys) {
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = 1, extractable = key.extractable ? 1 : 0;
    std::string label = key.label;
    std::vector<std::uint8_t> value = key.value;
    std::array<CK_ATTRIBUTE, 8> attributes{CK_ATTRIBUTE{CKA_CLASS, &object_class, sizeof(object_class)},
                                           CK_ATTRIBUTE{CKA_KEY_TYPE, &type, sizeof(type)},
                                           CK_ATTRIBUTE{CKA_TOKEN, &yes, 1},
                                           CK_ATTRIBUTE{CKA_SENSITIVE, &yes, 1},
                                           CK_ATTRIBUTE{CKA_EXTRACTABLE, &extractable, 1},
                                           CK_ATTRIBUTE{CKA_SIGN, &yes, 1},
                                           CK_ATTRIBUTE{CKA_LABEL, label.data(), label.size()},
                                           CK_ATTRIBUTE{CKA_VALUE, value.data(), value.size()}};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    RawSession::Check(raw.p11->C_CreateObject(raw.session, attributes.data(), attributes.size(), &object));
  }
}

void SoftHsm::DeleteKey(const std::string& label) const {
  const RawSession raw;
  std::string text = label;
  CK_ATTRIBUTE wanted{CKA_LABEL, text.data(), text.size()};
  RawSession::Check(raw.p11->C_FindObjectsInit(raw.session, &wanted, 1));
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  CK_ULONG count = 0;
  RawSession::Check(raw.p11->C_FindObjects(raw.session, &object, 1, &count));
  RawSession::Check(raw.p11->C_FindObjectsFinal(raw.session));
  if (count != 1) throw std::runtime_error("no key " + label);
  RawSession::Check(raw.p11->C_DestroyObject(raw.session, object));
}

std::unique_ptr<TokenClient> StartClient(TokenSettings settings, TokenClient::StateCallback on_state) {
  auto client = TokenClient::Start(std::move(settings), std::move(on_state));
  if (!client) throw std::runtime_error(client.error().message());
  return std::move(*client);
}

bool Eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

bool Reaches(const TokenClient& client, TokenState state) {
  const bool reached = Eventually([&] { return client.status().state == state; });
  if (!reached) {
    const TokenStatus status = client.status();
    ADD_FAILURE() << "the state stays " << TokenStateName(status.state) << ": " << status.message;
  }
  return reached;
}

std::unique_ptr<TokenClient> StartBoundClient(const SoftHsm& hsm) {
  hsm.MakeToken("claviger");
  hsm.WritePinFile(kPin);
  auto client = StartClient(hsm.Settings());
  const Status bound = client->Initialise({});
  if (!bound) throw std::runtime_error(bound.error().message());
  return client;
}

std::vector<std::uint8_t> Bytes(std::string_view text) { return {text.begin(), text.end()}; }

Result<Mac> MakeMac(TokenClient& client, TokenPurpose purpose, std::string_view message) {
  const std::array<MacRequest, 1> request = {MacRequest{purpose, Bytes(message)}};
  const auto macs = client.Compute(request);
  if (!macs) return macs.error();
  return macs->front();
}

std::vector<int> WorkerIds() {
  std::vector<int> ids;
  for (const auto& thread : fs::directory_iterator("/proc/self/task")) {
    std::ifstream children(thread.path() / "children");
    for (int id = 0; children >> id;) {
      std::ifstream stat("/proc/" + std::to_string(id) + "/stat");
      std::stringstream text;
      text << stat.rdbuf();
      // The state follows the name, which is in brackets.
      const std::string content = text.str();
      const auto bracket = content.rfind(')');
      if (bracket != std::string::npos && bracket + 2 < content.size() && content[bracket + 2] != 'Z') {
        ids.push_back(id);
      }
    }
  }
  return ids;
}

}  // namespace claviger::hsm
