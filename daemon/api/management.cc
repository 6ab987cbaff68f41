#include "daemon/api/management.h"

#include <memory>
#include <utility>

#include "protocol/reply.h"

namespace claviger::api {
namespace {

using protocol::Disposition;

constexpr std::string_view kUnavailable = "io.claviger.Admin.Unavailable";

// What is shared between the work, on the store thread, and the answer after it.
struct Management {
  Management(Authority& a, Answer answer_to) : authority(a), answer(std::move(answer_to)) {}

  Authority& authority;
  Answer answer;
  ManagementOutcome outcome;
  bool worked = false;  // the work itself succeeded: what failed after it was the commit
};

WipingBuffer FrameOf(const ManagementOutcome& outcome) {
  WipingBuffer frame;
  if (outcome.refusal) {
    protocol::AppendError(frame, outcome.refusal->wire_name, outcome.refusal->parameters);
  } else if (!outcome.key_string.empty()) {
    protocol::AppendReplyWithSecret(frame, "key", outcome.key_string, outcome.reply);
  } else {
    protocol::AppendReply(frame, outcome.reply);
  }
  return frame;
}

bool WorthLogging(ErrorCode code) {
  return code == ErrorCode::kCorrupt || code == ErrorCode::kInternal || code == ErrorCode::kUnavailable;
}

// A secret that the token has just made is proved: its first use need not ask the token, nor can it be held
// up by what others of the same uid have presented.
void Publish(Management& management) {
  Authority& authority = management.authority;
  const LiveSettingsPtr live = authority.settings().Get();
  const keys::KeyEntryPtr entry = authority.PutEntry(std::move(*management.outcome.publish), *live);
  const auto key = keys::ParseKeyString(management.outcome.key_string.ExposeText());
  if (!key) return;  // the change made no secret
  const std::uint32_t generation = entry->record().current().number;
  entry->HoldProof(generation, authority.proof_key().Prove(key->id, generation, key->secret),
                   SteadyNow() + live->proof_lifetime);
}

void Finish(Management& management, store::WorkKind kind, const Status& status) {
  if (status) {
    if (management.outcome.publish && !management.outcome.refusal) Publish(management);
    std::move(management.answer).Send(FrameOf(management.outcome));
    return;
  }
  const Error& error = status.error();
  if (WorthLogging(error.code())) management.authority.LogLine(Authority::Severity::kError, error.message());
  if (kind == store::WorkKind::kWrite && management.worked) {
    WipingBuffer frame;
    protocol::AppendError(frame, kUnavailable, {{"message", error.message()}, {"unknown_outcome", true}});
    std::move(management.answer).Send(std::move(frame));
    return;
  }
  std::move(management.answer).SendError(error);
}

}  // namespace

Disposition RunOnStore(CallContext& context, store::WorkKind kind, ManagementWork work) {
  auto management = std::make_shared<Management>(context.authority, context.DeferManagement());
  const Status queued = context.authority.store().Submit(
      kind,
      [management, work = std::move(work)](store::Tables& tables) -> Status {
        Status status = work(tables, management->outcome);
        management->worked = status.has_value();
        return status;
      },
      [management, kind](const Status& status) { Finish(*management, kind, status); });
  if (!queued) std::move(management->answer).SendError(queued.error());
  return Disposition::kPending;
}

Disposition RunAsOperatorTask(CallContext& context, std::function<void(Answer)> task) {
  auto answer = std::make_shared<Answer>(context.DeferManagement());
  const bool queued =
      context.authority.tasks().Post([answer, task = std::move(task)] { task(std::move(*answer)); });
  if (!queued) {
    std::move(*answer).SendError(
        Error(ErrorCode::kBusy, "too many operator tasks are waiting already; try again in a moment"));
  }
  return Disposition::kPending;
}

}  // namespace claviger::api
