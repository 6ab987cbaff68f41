#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <string>

#include "base/text.h"
#include "cli/backup_view.h"
#include "cli/context.h"
#include "cli/file_copy.h"
#include "cli/json_view.h"
#include "cli/verbs.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

Failure AlreadyThere(const std::string& path) {
  return Failure{protocol::kExitFailure, fmt::format("{} exists already", EscapeForDisplay(path)),
                 "name another file, or remove it"};
}

}  // namespace

Outcome<int> RunBackup(Context& context) {
  const auto output = context.invocation().Text("output");
  if (output && ::access(output->c_str(), F_OK) == 0) return AlreadyThere(*output);
  context.daemon().AllowTime(kBackupTimeout);
  const auto reply = context.daemon().Admin("MakeBackup");
  if (!reply) return reply.error();
  const boost::json::object& made = reply->parameters;
  const std::string path = TextOf(made, "folder") + "/" + TextOf(ObjectOf(made, "backup"), "name");
  if (context.json()) {
    context.PrintJson(made);
  } else {
    context.output().Print(EscapeForDisplay(path) + "\n");
  }
  for (const std::string& name : ShownList(made, "removed")) {
    context.output().Note("removed the older " + name);
  }
  if (!output) return protocol::kExitOk;
  if (const Status copied = CopyFile(path, *output, std::nullopt); !copied) {
    Failure failure = FailureOf(copied.error());
    failure.hint = fmt::format("the backup itself is made: {}", EscapeForDisplay(path));
    return failure;
  }
  context.output().Note("copied to " + EscapeForDisplay(*output));
  return protocol::kExitOk;
}

}  // namespace claviger::cli
