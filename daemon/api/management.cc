#include "daemon/api/management.h"

#include <memory>
#include <utility>

#include "protocol/reply.h"

namespace claviger::api {
namespace {

using protocol::Disposition;

constexpr std::string_view kUnavailable = "io.claviger.Admin.Unavailable";
constexpr std::size_t kUsualFrameBytes = 3072;  // of a reply with one record, while it is written

// What is shared between the work, on the store thread, and the answer after it.
struct Management {
  Management(Authority& a, store::WorkKind k, Answer answer_to)
      : authority(a), kind(k), answer(std::move(answer_to)) {}

  Authority& authority;
  const store::WorkKind kind;
  Answer answer;
  ManagementStep step;
  bool one_step = false;  // it goes to the store directly, not by the gate of long work
  ManagementOutcome outcome;
  bool worked = false;    // the last step itself succeeded: what failed after it was the commit
  bool complete = false;  // no more steps
};
using ManagementPtr = std::shared_ptr<Management>;

WipingBuffer FrameOf(const ManagementOutcome& outcome) {
  WipingBuffer frame;
  frame.reserve(kUsualFrameBytes);
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
void HoldNewSecret(Authority& authority, const Secret& key_string, const LiveSettings& live,
                   keys::KeyEntry& entry) {
  const auto key = keys::ReadKeyString(key_string.ExposeText());
  if (!key || key->id != entry.id()) return;  // the change made no secret
  entry.HoldProof(entry.current_generation(), authority.proof_key().Prove(key->text),
                  SteadyNow() + live.proof_lifetime);
}

void SendFailure(Management& management, const Error& error) {
  if (WorthLogging(error.code())) management.authority.Tell(Event(kEventStoreFailure, error.message()));
  if (management.kind != store::WorkKind::kRead && management.worked) {
    WipingBuffer frame;
    protocol::AppendError(frame, kUnavailable, {{"message", error.message()}, {"unknown_outcome", true}});
    std::move(management.answer).Send(std::move(frame));
    return;
  }
  std::move(management.answer).SendError(error);
}

void QueueStep(const ManagementPtr& management);

void Finish(const ManagementPtr& management, const Status& status) {
  if (!status) {
    SendFailure(*management, status.error());
    return;
  }
  if (!management->outcome.refusal) PutInForce(management->authority, management->outcome);
  if (management->complete) {
    std::move(management->answer).Send(FrameOf(management->outcome));
  } else {
    QueueStep(management);
  }
}

// False: it could not be queued, and that was the answer.
bool Submit(const ManagementPtr& management) {
  management->worked = false;
  const Status queued = management->authority.store().Submit(
      management->kind,
      [management](store::Tables& tables) -> Status {
        if (management->one_step) management->outcome = ManagementOutcome();
        const Result<bool> complete = management->step(tables, management->outcome);
        if (!complete) return complete.error();
        management->worked = true;
        management->complete = *complete || management->outcome.refusal;
        return Ok();
      },
      [management](const Status& status) {
        StepGate& gate = management->authority.step_gate();
        Finish(management, status);
        if (!management->one_step) gate.Leave();
      });
  if (!queued) std::move(management->answer).SendError(queued.error());
  return queued.has_value();
}

void QueueStep(const ManagementPtr& management) {
  if (management->one_step) {
    Submit(management);
  } else if (!management->authority.step_gate().Enter([management] { return Submit(management); })) {
    std::move(management->answer)
        .SendError(
            Error(ErrorCode::kBusy, "too many lists and reviews are waiting already; try again in a moment"));
  }
}

ManagementPtr Begin(CallContext& context, store::WorkKind kind, ManagementStep step) {
  auto management = std::make_shared<Management>(context.authority, kind, context.DeferManagement());
  management->step = std::move(step);
  return management;
}

ManagementPtr BeginOne(CallContext& context, store::WorkKind kind, ManagementWork work) {
  auto management =
      Begin(context, kind == store::WorkKind::kWrite ? store::WorkKind::kRepeatable : kind,
            [work = std::move(work)](store::Tables& tables, ManagementOutcome& outcome) -> Result<bool> {
              if (const Status worked = work(tables, outcome); !worked) return worked.error();
              return true;
            });
  management->one_step = true;
  return management;
}

}  // namespace

void PutInForce(Authority& authority, ManagementOutcome& outcome) {
  const LiveSettingsPtr live = authority.settings().Get();
  for (const keys::KeyRecord& record : std::exchange(outcome.publish, {})) {
    // Of a key that is not in memory nobody can be about to answer with what it was.
    if (!authority.cache().NoteChange(record.id) && outcome.key_string.empty()) continue;
    const keys::KeyEntryPtr entry = authority.PutEntry(record, *live);
    HoldNewSecret(authority, outcome.key_string, *live, *entry);
  }
  for (const keys::KeyId& id : std::exchange(outcome.forget, {})) authority.cache().Erase(id);
  for (const LogEntry& entry : std::exchange(outcome.log, {})) authority.LogAct(entry.severity, entry.line);
}

Status Answered(const Error& error, ManagementOutcome& outcome) {
  if (!IsRefusal(error)) return error;
  outcome.refusal = RefusalOf(error);
  return Ok();
}

Disposition RunOnStore(CallContext& context, store::WorkKind kind, ManagementWork work) {
  QueueStep(BeginOne(context, kind, std::move(work)));
  return Disposition::kPending;
}

Disposition RunOnStoreAfter(CallContext& context, const std::function<void(GoOn)>& ask, ManagementWork work) {
  const ManagementPtr management = BeginOne(context, store::WorkKind::kWrite, std::move(work));
  ask([management](const Status& status) {
    if (status) return QueueStep(management);
    SendFailure(*management, status.error());
  });
  return Disposition::kPending;
}

Disposition RunInSteps(CallContext& context, store::WorkKind kind, ManagementStep step) {
  QueueStep(Begin(context, kind, std::move(step)));
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
