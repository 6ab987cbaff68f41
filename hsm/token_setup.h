// The way of a fresh worker to the point where it serves: open the token, log in, prove that it is the pinned
// one.
#pragma once

#include <optional>
#include <string>

#include "hsm/installation.h"
#include "hsm/mailbox.h"
#include "hsm/pin_sources.h"
#include "hsm/token_client.h"
#include "hsm/token_facts.h"
#include "hsm/worker_link.h"

namespace claviger::hsm {

// A state and its sentence.
struct Standing {
  TokenState state = TokenState::kStarting;
  std::string message;
  bool needs_operator = false;  // trying again by itself would only repeat a login that cannot succeed
};
// What the standing means to a caller who asked for more; kReady is success.
Status AsStatus(const Standing& standing);

// Of the client's thread; lives no longer than `link`. Each step answers kReady if the next one can be taken,
// otherwise the state in which the token is.
class TokenSetup {
 public:
  TokenSetup(const TokenSettings& settings, WorkerLink& link, Mailbox& mailbox)
      : settings_(settings), link_(link), mailbox_(mailbox) {}

  // Loads the module and finds the token. With an installation, its serial must be one of the pinned ones;
  // checked before any PIN is sent.
  Standing Open(const Installation* installation);
  // True if Open answered kTokenAbsent because no initialised token matches, so that a blank one could be
  // taken.
  bool nothing_matches() const { return nothing_matches_; }
  // Of the token that Open found, also when it is not a usable one.
  const std::optional<TokenDescription>& description() const { return description_; }

  // C_Login, unless the token says that a failure could block the PIN. kPinRefused if this PIN was refused
  // just now.
  Standing LogIn(const Pin& pin);
  // True if LogIn got no answer, so that nobody knows whether the token counted a failure.
  bool login_is_uncertain() const { return login_is_uncertain_; }

  // Finds the purpose keys and compares their check values with the pinned ones.
  Standing Prove(const Installation& installation);

  // Makes the purpose keys that are missing and fills in serial and check values for the installation `id`.
  Standing MakeKeys(const std::string& id, Installation& installation);
  // C_InitToken and C_InitPIN. The worker is spent afterwards.
  // `request` comes from EncodeTokenInitialisation.
  Standing InitialiseToken(RequestFrame& request);

 private:
  Standing FromReply(const ReplyFrame& reply, TokenPurpose purpose) const;
  Standing KeyStanding(ReplyCode code, TokenPurpose purpose) const;
  Standing TokenErrorStanding(const ReplyFrame& reply) const;
  Standing KeyCall(Op op, TokenPurpose purpose, std::string_view message, ReplyFrame& reply);
  Standing CheckCapabilities() const;

  const TokenSettings& settings_;
  WorkerLink& link_;
  Mailbox& mailbox_;
  std::optional<TokenDescription> description_;
  bool nothing_matches_ = false;
  bool login_is_uncertain_ = false;
};

}  // namespace claviger::hsm
