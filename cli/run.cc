#include "cli/run.h"

#include <fmt/format.h>

#include <cstdlib>

#include "cli/context.h"
#include "cli/help.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

constexpr const char* kSocketDirectoryVariable = "CLAVIGER_SOCKET_DIRECTORY";

int Report(const Failure& failure) {
  PrintError("claviger: " + failure.message);
  if (!failure.hint.empty()) PrintError("hint: " + failure.hint);
  return failure.exit_status;
}

std::string SocketDirectory(const Invocation& invocation) {
  if (const auto given = invocation.Text("socket-directory"); given && !given->empty()) return *given;
  const char* variable = std::getenv(kSocketDirectoryVariable);
  return variable != nullptr && *variable != '\0' ? variable : std::string(kDefaultSocketDirectory);
}

std::string HelpFor(const Invocation& invocation) {
  if (invocation.command() != nullptr) return HelpOnCommand(*invocation.command());
  if (!invocation.noun().empty()) return HelpOnNoun(invocation.noun());
  return HelpOnEverything();
}

Outcome<int> Carry(const Invocation& invocation, Output& output) {
  switch (invocation.purpose()) {
    case Invocation::Purpose::kVersion:
      output.Print("claviger " CLAVIGER_VERSION "\n");
      return protocol::kExitOk;
    case Invocation::Purpose::kHelp:
      output.Print(HelpFor(invocation));
      return protocol::kExitOk;
    case Invocation::Purpose::kRun:
      break;
  }
  const Terminal terminal = Terminal::Detect(invocation);
  Daemon daemon(SocketDirectory(invocation));
  Context context(invocation, terminal, output, daemon);
  return invocation.command()->run(context);
}

}  // namespace

int Run(const std::vector<std::string>& words) {
  const auto invocation = Invocation::Parse(words);
  if (!invocation) return Report(invocation.error());
  Output output(invocation->Has("quiet"));
  const auto status = Carry(*invocation, output);
  const Status written = output.Finish();
  if (!status) return Report(status.error());
  if (!written) return Report(Failure{protocol::kExitFailure, written.error().message(), ""});
  return *status;
}

}  // namespace claviger::cli
