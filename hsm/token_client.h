// The daemon's side of the token: starts `claviger-token`, keeps it alive, pipelines calls to it, and knows
// its state.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/token_purpose.h"
#include "base/wait_counter.h"
#include "hsm/frame.h"
#include "hsm/installation.h"

namespace claviger::hsm {

struct TokenSettings {
  std::string worker_path;      // claviger-token
  std::string module_path;      // the PKCS#11 module, absolute
  std::string uri;              // RFC 7512; names the token by token=, serial=, manufacturer= or model=
  std::string pin_file;         // "" = none. A credential named hsm-pin ($CREDENTIALS_DIRECTORY) comes first.
  std::string state_directory;  // holds installation.toml and the note of a refused PIN
  // For one call. A worker that gives no sign of life for so long is replaced; one that is only slow is not.
  std::chrono::milliseconds deadline{150};
};

// Why verification can or cannot be served. Each has its own sentence in `status` and exit status in `token
// status`.
enum class TokenState {
  kStarting,       // no answer from the worker yet
  kReady,          // logged in, identity proved, keys found
  kUninitialised,  // this installation has never been bound to a token: `claviger token init`
  kLocked,         // no PIN: `claviger unlock`, or locked by `claviger lock`
  kPinRefused,     // the token refused this PIN once; it is not tried again until it changes
  kPinBlocked,     // the token says that the PIN is locked, or that one more failure would lock it
  kModuleAbsent,   // the PKCS#11 module cannot be loaded
  kTokenAbsent,    // no slot holds a token that matches the URI
  kForeignToken,   // the token's serial or a key check value is not the pinned one
  kKeysMissing,    // the right token, but purpose keys are gone
  kUnsupported,    // the token lacks a needed mechanism
  kFailed,         // the worker crashed, hung or answered garbage; it is being replaced
};
std::string_view TokenStateName(TokenState state);  // "ready", "pin_refused", ...

struct TokenStatus {
  TokenState state = TokenState::kStarting;
  std::string message;                             // what it is, and what to do; never empty
  std::string label, manufacturer, model, serial;  // "" while no token is known
  std::uint64_t worker_starts = 0;
};

// What the token offers, for `claviger doctor`.
struct TokenCapabilities {
  std::string library, label, manufacturer, model, serial;
  bool can_generate_generic_secret = false;  // CKM_GENERIC_SECRET_KEY_GEN
  bool can_hmac_sha256 = false;              // CKM_SHA256_HMAC with C_Sign
  bool can_generate_random = false;          // C_GenerateRandom
  bool can_copy_to_session = false;          // C_CopyObject of a token key (speed only)
  double hmac_microseconds = 0;              // median of one HMAC inside the worker, token client excluded
  double call_microseconds = 0;              // median of one call from the daemon and back
};

struct TokenInitialisation {
  Secret pin;         // empty: the configured PIN source
  Secret so_pin;      // only needed when a token has to be initialised (C_InitToken); else empty
  std::string label;  // for C_InitToken; "" = the URI's token=
};

// Thread-safe. Callbacks run on the client's own thread and must not block.
class TokenClient {
 public:
  using MacCallback = std::function<void(Result<std::vector<Mac>>)>;
  using BytesCallback = std::function<void(Result<std::span<const std::uint8_t>>)>;
  using StateCallback = std::function<void(TokenState)>;

  // Starts the worker and the client's thread; the token's absence is a state, not an error. kConfiguration
  // for a URI that cannot be parsed or a worker that cannot be executed. `on_state` is called at each change
  // of state.
  static Result<std::unique_ptr<TokenClient>> Start(TokenSettings settings, StateCallback on_state);
  // Ends the worker in order (it finishes the call that it is in), then the thread.
  ~TokenClient();
  TokenClient(const TokenClient&) = delete;
  TokenClient& operator=(const TokenClient&) = delete;

  TokenStatus status() const;
  // The calls that make MACs or secrets, each with all that it asks for at once. Valid as long as this.
  const WaitCounter& calls() const;
  // 32 hex digits that name this installation; "" while uninitialised.
  std::string installation_id() const;

  // Makes all MACs, pipelined, and waits: the same number and order as `requests`. kUnavailable when the
  // token is not ready or the deadline passed. Not from the client's own thread.
  Result<std::vector<Mac>> Compute(std::span<const MacRequest> requests);
  // The same without waiting. The callback is called exactly once, possibly before this returns.
  void ComputeAsync(std::vector<MacRequest> requests, const MacCallback& callback);
  // Random bytes of the token (C_GenerateRandom), at most 256.
  Status Random(std::span<std::uint8_t> out);
  // A new secret and its verifier, of random bytes that never leave the token's process: in one call, without
  // waiting. The callback gets both, kMintOutput bytes, valid during it; it is called exactly once, possibly
  // before this returns. kInvalidArgument if a head is too long (frame.h).
  void MintAsync(const MintInput& input, const BytesCallback& callback);

  // Logs in with `pin` and keeps it in memory so that a replaced worker can log in again. Waits for the
  // outcome. kDenied if refused, kUnavailable if there is no token to log in to.
  Status Unlock(Secret pin);
  // Forgets the PIN and ends the worker; state kLocked until Unlock or a restart.
  Status Lock();
  // Binds this installation to the token: initialises it if it is blank, makes the purpose keys that are
  // missing, and pins its serial and key check values. kConflict if the installation is bound already.
  Status Initialise(TokenInitialisation request);
  // Binds this installation to the token that a backup names, whose purpose keys exist: they are proved by
  // their check values, with the configured PIN. kConflict if the installation is bound already; after any
  // error nothing is bound.
  Status Adopt(Installation installation);
  Result<TokenCapabilities> Probe();
  // Calls `answer` on the client's thread as soon as that gets round to it, with or without a worker: during
  // a command it waits for the token within the deadlines of the setup, a minute at most for one step.
  void Ask(std::function<void()> answer);

 private:
  class Impl;
  explicit TokenClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace claviger::hsm
