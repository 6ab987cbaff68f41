// What happens to a key string that the daemon has just made.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/key_file.h"
#include "client/connection.h"

namespace claviger::cli {

// The file that --output names, made and empty; none if the option is not given.
Outcome<std::optional<KeyFile>> OpenOutputFile(const Context& context);

// Delivers the reply of CreateKey or RotateKey: the key string goes to `file` or, without one, alone to
// standard output (with --json the reply), a summary headed by `done` ("created") to standard error. The exit
// status, or a failure if the key string could not be written: it is lost then.
Outcome<int> DeliverKey(Context& context, std::string_view done, const client::Reply& reply,
                        std::optional<KeyFile> file = std::nullopt);

// Parameters that CreateKey and RotateKey share: --expires and --request-id.
Outcome<void> AddIssueParameters(const Context& context, boost::json::object& parameters);

// The command's argument as a key id. A key string there is a failure of its own, since a secret must not
// stand in a command line.
Outcome<std::string> KeyIdArgument(const Context& context);
// All arguments as key ids, each once.
Outcome<std::vector<std::string>> KeyIdArguments(const Context& context);

}  // namespace claviger::cli
