#include "cli/wizard/wizard.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "cli/key_view.h"
#include "cli/wizard/command_line.h"
#include "cli/wizard/offer.h"
#include "cli/wizard/plain_wizard.h"
#include "cli/wizard/screen_wizard.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

using wizard::Interruption;
using wizard::Session;
using wizard::WizardState;

constexpr std::size_t kCommandWidth = 78;

// One for each run, so that a create whose answer was lost can be repeated.
std::string MakeRequestId() {
  std::array<std::uint8_t, 16> bytes{};
  static_cast<void>(!::getrandom(bytes.data(), bytes.size(), 0));
  std::string id = "wizard-";
  for (const std::uint8_t byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

bool WantsLines(const Context& context) {
  const char* type = std::getenv("TERM");
  return context.invocation().Has("plain") || !context.terminal().output || type == nullptr ||
         std::string_view(type).empty() || std::string_view(type) == "dumb";
}

std::string RotateHint(const Session& session) {
  return fmt::format("claviger key rotate {} --grace 0", session.key_id());
}

// What is said once a key was issued and is in safe hands.
void TellIssued(Context& context, const WizardState& state, const Session& session) {
  Terminal plain = context.terminal();
  plain.color = false;
  std::string text = fmt::format("created key {}\n\n{}", KeyTitle(session.record()),
                                 KeySummary(session.record(), context.now()).Render(plain, 2));
  if (!session.file().empty()) {
    text += fmt::format("\nIts key string is in {}.\n", EscapeForDisplay(session.file()));
  }
  text += fmt::format("\nThe same as a command:\n\n{}",
                      wizard::FoldedCommand(wizard::CommandWords(state), kCommandWidth));
  context.output().Note(text);
}

Failure NotKept(const Session& session) {
  return {protocol::kExitFailure,
          fmt::format("key {} was created, but its key string was not saved as far as is known",
                      session.key_id()),
          fmt::format("if you have it not: {}", RotateHint(session))};
}

// Says how things stand, and ends as the signal does.
Failure EndInterrupted(const Session& session, int signal) {
  Failure failure{protocol::kExitFailure, "interrupted; nothing was done", ""};
  if (session.issued() && !session.kept()) failure = NotKept(session);
  if (session.issued() && session.kept()) {
    failure.message = fmt::format("interrupted; key {} was created before", session.key_id());
  }
  if (session.doubt()) failure = *session.doubt();
  PrintError("claviger: " + failure.message);
  if (!failure.hint.empty()) PrintError("hint: " + failure.hint);
  wizard::EndBy(signal);
  return failure;
}

Outcome<int> Finish(Context& context, const WizardState& state, const Session& session) {
  if (!session.issued()) {
    if (session.doubt()) return *session.doubt();
    return Failure{protocol::kExitFailure, "no key was created", ""};
  }
  if (!session.kept()) return NotKept(session);
  TellIssued(context, state, session);
  return protocol::kExitOk;
}

// What is given besides --plain would be asked again, or be lost.
Outcome<void> CheckOptions(const Context& context) {
  for (const Option& option : context.invocation().command()->options) {
    if (option.name != "plain" && context.invocation().Has(option.name)) {
      return UsageFailure(
          fmt::format("--plain asks for everything, so --{} has no place beside it", option.name),
          "leave one of the two out");
    }
  }
  if (context.terminal().input) return {};
  return UsageFailure("there is no terminal on which to ask",
                      "give --name TEXT and --scope SCOPE; claviger help key create shows all options");
}

}  // namespace

Outcome<int> RunWizard(Context& context) {
  if (const auto fine = CheckOptions(context); !fine) return fine.error();
  auto offer = wizard::FetchOffer(context);
  if (!offer) return offer.error();
  WizardState state(std::move(*offer), context.now(), MakeRequestId());
  Session session(context, state);
  int signal = 0;
  Outcome<void> asked;
  {
    const Interruption interruption;
    bool lines = WantsLines(context);
    if (!lines && !wizard::AskOnScreen(context.terminal(), interruption, state, session)) {
      context.output().Note("this terminal's type is not known here, so the questions come line by line");
      lines = true;
    }
    if (lines) asked = wizard::AskLineByLine(context, interruption, state, session);
    signal = interruption.caught();
  }
  session.ForgetKey();
  if (signal != 0) return EndInterrupted(session, signal);
  if (!asked) {
    return Failure{asked.error().exit_status,
                   fmt::format("key {} was created, but its key string is lost: {}", session.key_id(),
                               asked.error().message),
                   fmt::format("for a new one: {}", RotateHint(session))};
  }
  return Finish(context, state, session);
}

}  // namespace claviger::cli
