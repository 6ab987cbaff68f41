// The token's state as all threads see it.
#pragma once

#include <string>
#include <utility>

#include "base/mutex.h"
#include "hsm/token_client.h"
#include "hsm/token_facts.h"
#include "hsm/token_setup.h"

namespace claviger::hsm {

// Thread-safe; written by the client's thread.
class StatusBoard {
 public:
  explicit StatusBoard(TokenClient::StateCallback on_state) : on_state_(std::move(on_state)) {}

  TokenStatus status() const EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return status_;
  }
  std::string installation_id() const EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return installation_id_;
  }

  // Calls the callback if the state changes, after the new one can be read.
  void Show(const Standing& standing) EXCLUDES(mutex_);
  void Show(const TokenDescription& token) EXCLUDES(mutex_);
  void CountWorker() EXCLUDES(mutex_);
  void SetInstallationId(std::string id) EXCLUDES(mutex_);

 private:
  const TokenClient::StateCallback on_state_;
  mutable Mutex mutex_;
  TokenStatus status_ GUARDED_BY(mutex_);
  std::string installation_id_ GUARDED_BY(mutex_);
};

}  // namespace claviger::hsm
