#include "hsm/status_board.h"

namespace claviger::hsm {

void StatusBoard::Show(const Standing& standing) {
  bool changed = false;
  {
    MutexLock lock(mutex_);
    changed = status_.state != standing.state;
    status_.state = standing.state;
    status_.message = standing.message;
  }
  if (changed && on_state_) on_state_(standing.state);
}

void StatusBoard::Show(const TokenDescription& token) {
  MutexLock lock(mutex_);
  status_.label = token.label;
  status_.manufacturer = token.manufacturer;
  status_.model = token.model;
  status_.serial = token.serial;
}

void StatusBoard::CountWorker() {
  MutexLock lock(mutex_);
  ++status_.worker_starts;
}

void StatusBoard::SetInstallationId(std::string id) {
  MutexLock lock(mutex_);
  installation_id_ = std::move(id);
}

}  // namespace claviger::hsm
