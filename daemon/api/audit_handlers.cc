#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "base/hex.h"
#include "daemon/api/handlers.h"
#include "daemon/api/management.h"
#include "daemon/audit/chain_walk.h"
#include "daemon/audit/checkpoint_file.h"

namespace claviger::api {
namespace {

using protocol::Disposition;

Error NotWhole(const audit::ChainCheck& check) {
  std::string message = "the audit log is not whole";
  if (check.broken_at) message += " from record " + std::to_string(*check.broken_at) + " on";
  return Error(ErrorCode::kCorrupt, message + ": " + check.reason + "; no checkpoint was made");
}

// One call of CheckpointAudit, on the store thread.
class CheckpointMaking {
 public:
  CheckpointMaking(Authority& authority, audit::Actor actor)
      : authority_(authority), actor_(std::move(actor)) {}

  Result<bool> Step(store::Tables& tables, ManagementOutcome& outcome) {
    if (!walk_) {
      if (Status begun = Begin(); !begun) return begun.error();
      return false;
    }
    if (!walked_) {
      const auto over = walk_->Step(tables.database);
      if (!over) return over.error();
      walked_ = *over;
      // What it has seen may not be durable yet: the rest is a step of its own.
      return false;
    }
    if (!walk_->check().reason.empty()) {
      authority_.Tell(Event(kEventAuditMismatch, NotWhole(walk_->check()).message()));
      return NotWhole(walk_->check());
    }
    if (Status made = Make(tables, outcome); !made) return made.error();
    return true;
  }

 private:
  Status Begin() {
    authority_.audit().Invalidate();  // the next walk begins with a new epoch, or close to one
    const audit::EpochKeySource& keys = authority_.audit().epoch_key();
    const auto checkpoints = audit::LoadCheckpoints(authority_.checkpoints().path());
    if (!checkpoints) return checkpoints.error();
    if (checkpoints->empty()) {
      walk_.emplace(keys, std::vector<audit::Checkpoint>());
      return Ok();
    }
    const auto ours = IsOurs(checkpoints->back(), authority_.token_mac());
    if (!ours) return ours.error();
    if (!*ours) {
      return Error(ErrorCode::kCorrupt, authority_.checkpoints().path() +
                                            ": its newest checkpoint is not this token's: it was changed; "
                                            "run claviger audit verify");
    }
    walk_.emplace(keys, checkpoints->back());
    return Ok();
  }

  Status Make(store::Tables& tables, ManagementOutcome& outcome) const {
    const UnixSeconds now = authority_.clock().Now();
    audit::Checkpoint checkpoint = walk_->last();
    if (checkpoint.sequence == 0) {
      return Error(ErrorCode::kConflict,
                   "nothing is on record yet: there is nothing to make a checkpoint of");
    }
    checkpoint.at = now;
    checkpoint.installation = authority_.token().installation_id();
    if (Status sealed = authority_.checkpoints().Seal(checkpoint, authority_.token_mac()); !sealed)
      return sealed;
    const std::string line = audit::CheckpointLine(checkpoint);
    audit::Act act;
    act.actor = actor_;
    act.name = "audit.checkpoint";
    act.after = boost::json::serialize(boost::json::object{
        {"sequence", checkpoint.sequence}, {"head", ToHex(checkpoint.head)}, {"checkpoint", line}});
    const auto recorded = authority_.audit().Append(tables.database, act, now);
    if (!recorded) return recorded.error();
    outcome.reply["sequence"] = checkpoint.sequence;
    outcome.reply["at"] = FormatTime(now);
    outcome.reply["checked"] = walk_->check().records;
    outcome.reply["checkpoint"] = line;
    return Ok();
  }

  Authority& authority_;
  const audit::Actor actor_;
  std::optional<audit::ChainWalk> walk_;
  bool walked_ = false;
};

// One call of VerifyAudit, on the store thread.
class ChainVerification {
 public:
  ChainVerification(Authority& authority, std::optional<audit::Checkpoint> given)
      : authority_(authority), given_(std::move(given)) {}

  Result<bool> Step(store::Tables& tables, ManagementOutcome& outcome) {
    if (!loaded_) {
      loaded_ = true;
      Load();
    } else if (looked_at_ < checkpoints_.size() && fault_.empty()) {
      if (Status looked = LookAtCheckpoints(); !looked) return looked.error();
    } else {
      if (!walk_) walk_.emplace(authority_.audit().epoch_key(), TakeOurs());
      const auto over = walk_->Step(tables.database);
      if (!over) return over.error();
      if (*over) Report(outcome);
      return *over;
    }
    return false;
  }

 private:
  static constexpr std::size_t kCheckpointsPerStep = 16;

  void Load() {
    auto checkpoints = audit::LoadCheckpoints(authority_.checkpoints().path());
    if (checkpoints) {
      checkpoints_ = std::move(*checkpoints);
    } else {
      fault_ = checkpoints.error().message();
    }
    if (!given_) return;
    const auto later = [](const audit::Checkpoint& a, const audit::Checkpoint& b) {
      return a.sequence < b.sequence;
    };
    checkpoints_.insert(std::upper_bound(checkpoints_.begin(), checkpoints_.end(), *given_, later), *given_);
  }

  Status LookAtCheckpoints() {
    for (std::size_t i = 0; i < kCheckpointsPerStep && looked_at_ < checkpoints_.size(); ++i, ++looked_at_) {
      const audit::Checkpoint& checkpoint = checkpoints_[looked_at_];
      const auto ours = IsOurs(checkpoint, authority_.token_mac());
      if (!ours) return ours.error();
      if (*ours) continue;
      fault_ = "the checkpoint of record " + std::to_string(checkpoint.sequence) + " of " +
               FormatTime(checkpoint.at) + " is not this token's: it was changed";
      return Ok();
    }
    return Ok();
  }

  // Those that the token vouches for; behind one that it does not, nothing is believed.
  std::vector<audit::Checkpoint> TakeOurs() {
    checkpoints_.resize(looked_at_);
    return std::exchange(checkpoints_, {});
  }

  void Report(ManagementOutcome& outcome) const {
    const audit::ChainCheck& check = walk_->check();
    outcome.reply["whole"] = check.reason.empty() && fault_.empty();
    outcome.reply["records"] = check.records;
    outcome.reply["checkpoints"] = looked_at_;
    if (check.broken_at) outcome.reply["broken_at"] = *check.broken_at;
    const std::string& reason = check.reason.empty() ? fault_ : check.reason;
    if (reason.empty()) return;
    outcome.reply["reason"] = reason;
    authority_.Tell(Event(kEventAuditMismatch, "the audit log is not whole: " + reason)
                        .With("SEQUENCE", check.broken_at ? std::to_string(*check.broken_at) : ""));
  }

  Authority& authority_;
  const std::optional<audit::Checkpoint> given_;
  std::vector<audit::Checkpoint> checkpoints_;
  std::string fault_;  // of the checkpoints; "" if there is none
  bool loaded_ = false;
  std::size_t looked_at_ = 0;
  std::optional<audit::ChainWalk> walk_;
};

}  // namespace

Disposition HandleCheckpointAudit(CallContext& context) {
  if (const auto fault = protocol::RefuseParameters(context.call); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  auto making = std::make_shared<CheckpointMaking>(context.authority, ActorOf(context.session));
  return RunInSteps(context, store::WorkKind::kWrite,
                    [making = std::move(making)](store::Tables& tables, ManagementOutcome& outcome) {
                      return making->Step(tables, outcome);
                    });
}

Disposition HandleVerifyAudit(CallContext& context) {
  static constexpr std::array kParameters = {
      protocol::Parameter{"checkpoint", protocol::ParameterType::kString, false}};
  protocol::Parameters<kParameters.size()> parameters;
  if (const auto fault = parameters.Bind(context.call, kParameters); !fault.empty()) {
    return context.InvalidParameter(fault);
  }
  std::optional<audit::Checkpoint> given;
  if (const auto text = parameters.OptionalText(0)) {
    auto parsed = audit::ParseCheckpoint(*text);
    if (!parsed) return context.InvalidParameter("checkpoint");
    given = std::move(*parsed);
  }
  auto verification = std::make_shared<ChainVerification>(context.authority, std::move(given));
  return RunInSteps(
      context, store::WorkKind::kRead,
      [verification = std::move(verification)](store::Tables& tables, ManagementOutcome& outcome) {
        return verification->Step(tables, outcome);
      });
}

}  // namespace claviger::api
