#include "tests/bench/offline_store.h"

#include <chrono>
#include <thread>

#include "daemon/api/token_inputs.h"
#include "tests/bench/ending.h"

namespace claviger::bench {
namespace {

constexpr std::chrono::seconds kTokenPatience{30}, kCallDeadline{10};

std::unique_ptr<hsm::TokenClient> StartToken(hsm::TokenSettings settings) {
  auto client = Need(hsm::TokenClient::Start(std::move(settings), [](hsm::TokenState) {}));
  const auto deadline = std::chrono::steady_clock::now() + kTokenPatience;
  while (client->status().state != hsm::TokenState::kReady) {
    if (std::chrono::steady_clock::now() > deadline)
      End("the token is not ready: " + client->status().message);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return client;
}

}  // namespace

OfflineStore::OfflineStore(hsm::TokenSettings settings)
    : client_(StartToken(settings)),
      token_(*client_),
      connection_(Need(store::Connection::Open(settings.state_directory + "/claviger.db",
                                               Need(api::DatabaseKey(token_, client_->installation_id()))))) {
}

hsm::TokenSettings TokenSettingsFrom(char** arguments) {
  hsm::TokenSettings settings;
  settings.worker_path = arguments[0];
  settings.module_path = arguments[1];
  settings.uri = arguments[2];
  settings.pin_file = arguments[3];
  settings.state_directory = arguments[4];
  settings.deadline = kCallDeadline;
  return settings;
}

}  // namespace claviger::bench
