// What happens to a key string that the daemon has just made.
#pragma once

#include <string_view>

#include "cli/context.h"
#include "client/connection.h"

namespace claviger::cli {

// Prints the reply of CreateKey or RotateKey: the key string, and nothing else, on standard output (with
// --json the reply), a summary headed by `done` ("created") on standard error. The exit status, or a failure
// if the key string could not be written: it is lost then.
Outcome<int> DeliverKey(Context& context, std::string_view done, const client::Reply& reply);

// Parameters that CreateKey and RotateKey share: --expires and --request-id.
Outcome<void> AddIssueParameters(const Context& context, boost::json::object& parameters);

// The command's argument as a key id. A key string there is a failure of its own, since a secret must not
// stand in a command line.
Outcome<std::string> KeyIdArgument(const Context& context);

}  // namespace claviger::cli
