// systemd's connection for one credential of one unit: nothing is read, one answer goes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/secret.h"
#include "daemon/server/connection.h"
#include "daemon/server/event_source.h"
#include "daemon/server/mailbox.h"

namespace claviger::server {

// Used on its loop's thread. An answer that does not come is a refusal, never an end without a byte: systemd
// would take that for an empty credential.
class CredentialConnection final : public EventSource {
 public:
  // `loop` outlives it.
  CredentialConnection(LoopContext& loop, std::uint64_t id, Accepted accepted);

  // Begins to watch the socket. False if the kernel refuses.
  [[nodiscard]] bool Open();
  void OnEvents(std::uint32_t events) override;
  // The credential, or none: that refuses. Only the first call counts.
  void Complete(std::optional<WipingBuffer> credential);

  // The loop is to end: an answer that is not there soon is a refusal.
  void Drain();

  // It is not due before this.
  SteadyTime next_deadline() const { return deadline_; }
  void OnDeadline();

 private:
  bool closed() const { return !fd_; }
  void Send();
  void Close();
  void Watch(std::uint32_t events);

  LoopContext& loop_;
  const std::uint64_t id_;
  UniqueFd fd_;
  const Admission admission_;
  bool answered_ = false;
  WipingBuffer credential_;  // empty: refused, once answered_
  std::size_t sent_ = 0;
  SteadyTime deadline_;  // of the answer, then of its sending
};

}  // namespace claviger::server
