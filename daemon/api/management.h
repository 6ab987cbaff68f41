// Management calls: work on the store thread, one answer when its outcome is final.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "daemon/api/call_context.h"
#include "daemon/keys/record.h"
#include "daemon/store/store_thread.h"

namespace claviger::api {

// An answer that is an error of the interface, with parameters of its own.
struct Refusal {
  std::string wire_name;  // fully qualified
  boost::json::object parameters;
};

struct ManagementOutcome {
  boost::json::object reply;
  Secret key_string;                       // sent as "key" before the rest; empty: none
  std::optional<keys::KeyRecord> publish;  // in force for all loops before the reply is sent
  std::optional<Refusal> refusal;          // sent in place of the reply; nothing may have been written then
};

// Fills the outcome; an error undoes what it wrote and is the answer.
using ManagementWork = std::function<Status(store::Tables&, ManagementOutcome&)>;

protocol::Disposition RunOnStore(CallContext& context, store::WorkKind kind, ManagementWork work);

// Work that waits for the token: on the main thread, in order. `task` must use its answer.
protocol::Disposition RunAsOperatorTask(CallContext& context, std::function<void(Answer)> task);

}  // namespace claviger::api
