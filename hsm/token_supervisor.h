// The client's thread: keeps a worker, brings it up, lets it serve, replaces it, and carries out commands.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hsm/call_pipeline.h"
#include "hsm/installation.h"
#include "hsm/mailbox.h"
#include "hsm/pin_sources.h"
#include "hsm/refused_pins.h"
#include "hsm/retired_workers.h"
#include "hsm/status_board.h"
#include "hsm/token_client.h"
#include "hsm/token_setup.h"
#include "hsm/uri.h"
#include "hsm/worker_link.h"

namespace claviger::hsm {

// All of it runs on the client's thread, save the constructor. A worker exists only while it serves or is
// brought up.
class TokenSupervisor {
 public:
  TokenSupervisor(TokenSettings settings, TokenUri uri, std::optional<Installation> installation,
                  Mailbox& mailbox, StatusBoard& board);

  // Until the mailbox is stopped; then all workers are gone.
  void Run();

  // The commands of TokenClient, as they are described there; posted to the mailbox.
  Status Unlock(Secret pin);
  Status Lock();
  Status Initialise(TokenInitialisation request);
  Status Adopt(Installation installation);
  // Without call_microseconds.
  Result<TokenCapabilities> Probe();

 private:
  void RunCommands();
  void Serve();
  void Rest();

  void BringUp();
  Result<WorkerLink> StartWorker();
  Standing OpenAndLogIn(TokenSetup& setup);
  Standing LogIn(TokenSetup& setup, const Pin& pin);
  Standing Refuse(const Pin& pin, std::string_view serial, std::string_view why);
  void StartServing(WorkerLink link);
  void StopServing(const Standing& standing, RetiredWorkers::Manner manner);
  // Stops serving, in order, and decides when the next attempt is made.
  void StayDown(const Standing& standing);
  void ScheduleAfter(const Standing& standing);
  static Standing LockedByOperator();

  Status InitialiseToken(const TokenInitialisation& request, const Pin& pin);
  Result<Pin> InitialisationPin(const TokenInitialisation& request) const;
  Status Bind(WorkerLink link, const Pin& pin);
  Result<TokenCapabilities> Measure();

  const TokenSettings settings_;
  const TokenUri uri_;
  std::optional<Installation> installation_;
  Mailbox& mailbox_;
  StatusBoard& board_;
  PinSources pins_;
  RefusedPins refused_;

  // Exist only while the worker serves.
  std::unique_ptr<WorkerLink> link_;
  std::unique_ptr<CallPipeline> pipeline_;
  SteadyTime serving_since_;
  std::optional<TokenDescription> description_;  // of the token seen last

  RetiredWorkers retired_;
  bool locked_ = false;           // by Lock()
  bool login_uncertain_ = false;  // the last login got no answer
  int failures_ = 0;              // of workers, one after another
  SteadyTime next_attempt_;
  bool waits_for_pin_ = false;
  std::string pin_fingerprint_;
};

}  // namespace claviger::hsm
