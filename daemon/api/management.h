// Management calls: work on the store thread, one answer when its outcome is final.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "daemon/api/call_context.h"
#include "daemon/api/refusal.h"
#include "daemon/keys/record.h"
#include "daemon/store/store_thread.h"

namespace claviger::api {

struct LogEntry {
  Authority::Severity severity;
  std::string line;
};

struct ManagementOutcome {
  // In one growing block: a page of a list has tens of thousands of values.
  boost::json::object reply{boost::json::make_shared_resource<boost::json::monotonic_resource>()};
  Secret key_string;                     // sent as "key" before the rest; empty: none
  std::vector<keys::KeyRecord> publish;  // in force for all loops before the reply is sent
  std::vector<keys::KeyId> forget;       // likewise: keys that are gone
  std::vector<LogEntry> log;             // about acts: told by LogAct before the reply is sent
  std::optional<Refusal> refusal;        // sent in place of the reply; nothing may have been written then
};

// Fills the outcome; an error undoes what it wrote and is the answer.
using ManagementWork = std::function<Status(store::Tables&, ManagementOutcome&)>;

// What has been committed comes into force, and is told to the log. After the commit, on the store thread.
void PutInForce(Authority& authority, ManagementOutcome& outcome);

// The answer to an error that the work has met before it wrote: a rule that is broken becomes the outcome's
// refusal, and all is well; any other error is the work's own.
Status Answered(const Error& error, ManagementOutcome& outcome);

// `kind`: kRead or kWrite. A work that writes may be run again after it was undone, with a new outcome: it
// changes nothing that it captures.
protocol::Disposition RunOnStore(CallContext& context, store::WorkKind kind, ManagementWork work);

// The same for work that needs something first, of the token: `ask` is called at once, with a function to be
// called once, on any thread, when it is there (an error is the answer then); only after that the store is
// asked.
using GoOn = std::function<void(const Status&)>;
protocol::Disposition RunOnStoreAfter(CallContext& context, const std::function<void(GoOn)>& ask,
                                      ManagementWork work);

// Work in steps, each an item of its own in the store's queue, and few of them at a time (StepGate), so that
// long walks hold up nobody: `step` is called until it returns true or sets a refusal; what the outcome holds
// then is the answer. Each step of a write is a transaction of its own, in force before the next begins.
using ManagementStep = std::function<Result<bool>(store::Tables&, ManagementOutcome&)>;
protocol::Disposition RunInSteps(CallContext& context, store::WorkKind kind, ManagementStep step);

// Work that waits for the token: on the main thread, in order. `task` must use its answer.
protocol::Disposition RunAsOperatorTask(CallContext& context, std::function<void(Answer)> task);

}  // namespace claviger::api
