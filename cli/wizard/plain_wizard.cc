#include "cli/wizard/plain_wizard.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <functional>

#include "base/text.h"
#include "cli/terms_view.h"
#include "cli/wizard/line_terminal.h"
#include "cli/wizard/plain_scopes.h"

namespace claviger::cli::wizard {
namespace {

enum class Turn { kNext, kBack, kLeave, kStay };

class PlainWizard {
 public:
  PlainWizard(Context& context, const Interruption& interruption, WizardState& state, Session& session)
      : context_(context),
        terminal_(context.terminal(), interruption),
        state_(state),
        session_(session),
        scopes_(terminal_, state) {}

  Outcome<void> Run() {
    terminal_.Say(
        "A new API key, question by question. < goes back, ? explains, Enter alone keeps what stands in "
        "brackets, Ctrl-C leaves. Nothing is done before you say so at the end.");
    while (!session_.issued()) {
      Head();
      const Turn turn = AskStep();
      if (turn == Turn::kLeave) return {};
      if (turn == Turn::kBack && !state_.Back()) terminal_.Say("This is the first question; Ctrl-C leaves.");
      if (turn == Turn::kNext) state_.Next();
    }
    return HandOver();
  }

 private:
  void Head() {
    state_.SetNow(context_.now());
    const auto steps = state_.steps();
    const auto here = std::find(steps.begin(), steps.end(), state_.step());
    terminal_.Write(
        fmt::format("\nStep {} of {}: {}", here - steps.begin() + 1, steps.size(), NameOf(state_.step())));
    if (state_.complaint()) terminal_.Say("Wrong: " + state_.complaint()->message);
  }

  Turn AskStep() {
    switch (state_.step()) {
      case Step::kAccess:
        return AskAccess();
      case Step::kDetails:
        return AskDetails();
      case Step::kExpiry:
        return AskExpiry();
      case Step::kScopes:
        return AskScopes();
      case Step::kReview:
        break;
    }
    return AskCreate();
  }

  // 1 to `choices`, or what `standing` is if only Enter is typed.
  Turn AskNumber(std::size_t choices, std::size_t standing, std::string_view help, std::size_t& chosen) {
    for (;;) {
      const auto answer = terminal_.Ask(fmt::format("Number [{}]:", standing));
      if (!answer) return Turn::kLeave;
      if (*answer == "<") return Turn::kBack;
      chosen = standing;
      if (answer->empty()) return Turn::kNext;
      const char* end = answer->data() + answer->size();
      const auto read = std::from_chars(answer->data(), end, chosen);
      if (read.ec == std::errc() && read.ptr == end && chosen >= 1 && chosen <= choices) return Turn::kNext;
      terminal_.Say(*answer == "?" ? std::string(help) : fmt::format("Type a number from 1 to {}.", choices));
    }
  }

  // "-" empties it.
  Turn AskText(std::string_view question, std::string_view help, std::string& text) {
    for (;;) {
      const std::string standing = text.empty() ? "" : fmt::format(" [{}]", EscapeForDisplay(text));
      const auto answer = terminal_.Ask(fmt::format("{}{}:", question, standing));
      if (!answer) return Turn::kLeave;
      if (*answer == "<") return Turn::kBack;
      if (*answer != "?") {
        if (*answer == "-") {
          text.clear();
        } else if (!answer->empty()) {
          text = *answer;
        }
        return Turn::kNext;
      }
      terminal_.Say(help);
    }
  }

  Turn AskAccess() {
    Answers& answers = state_.answers();
    terminal_.Say("1. With scopes (recommended): the key can do only what you choose.", 3);
    if (!state_.offer().unscoped) {
      terminal_.Say("The policy does not let you issue keys without scopes.");
      answers.unscoped = false;
      std::size_t chosen = 1;
      return AskNumber(1, 1, "There is nothing else to choose here.", chosen);
    }
    terminal_.Say(
        "2. Without scopes (not recommended): whoever holds the key can read, write and delete everything, "
        "also what is added later. It is marked in every list and review.",
        3);
    std::size_t chosen = 1;
    const Turn turn =
        AskNumber(2, answers.unscoped ? 2 : 1,
                  "A scope is one thing that a key may do. Choose 1 unless nothing else will do.", chosen);
    if (turn != Turn::kNext) return turn;
    answers.unscoped = chosen == 2;
    if (!answers.unscoped) return Turn::kNext;
    return AskText("Why it cannot do with scopes", "The reason stays on record and is shown in reviews.",
                   answers.unscoped_reason);
  }

  Turn AskDetails() {
    Answers& answers = state_.answers();
    const auto needed = [](std::string_view label, bool must) {
      return fmt::format("{}{}", label, must ? "" : " (Enter: none)");
    };
    const std::array<std::function<Turn()>, 4> questions = {
        [&] {
          return AskText("Name", "How people find the key in lists: the service and what it does there.",
                         answers.name);
        },
        [&] {
          return AskText(needed("Purpose", state_.offer().needs_description),
                         "What the key is for, so that someone else can decide about it later. - empties it.",
                         answers.description);
        },
        [&] {
          return AskText("Owner (Enter: you)", "The user who answers for the key. - empties it.",
                         answers.owner);
        },
        [&] {
          return AskText(needed("Team", state_.offer().needs_team),
                         "Whom to ask when the owner is away. - empties it.", answers.team);
        }};
    for (std::size_t i = 0; i < questions.size();) {
      const Turn turn = questions.at(i)();
      if (turn == Turn::kLeave || (turn == Turn::kBack && i == 0)) return turn;
      i = turn == Turn::kBack ? i - 1 : i + 1;
    }
    return Turn::kNext;
  }

  Turn AskExpiry() {
    Answers& answers = state_.answers();
    const auto& presets = state_.presets();
    for (std::size_t i = 0; i < presets.size(); ++i) {
      terminal_.Say(fmt::format("{}. {}: {}{}", i + 1, LifetimeText(presets[i].lifetime),
                                DateText(state_.now() + presets[i].lifetime),
                                presets[i].usual     ? " (the policy's default)"
                                : presets[i].longest ? " (the longest)"
                                                     : ""),
                    3);
    }
    const std::size_t another = presets.size() + 1;
    terminal_.Say(fmt::format("{}. Another", another));
    std::size_t chosen = 1;
    const Turn turn = AskNumber(another, answers.typed_expiry ? another : answers.preset + 1,
                                "Choose the shortest that will do: a key that ended cannot leak.", chosen);
    if (turn != Turn::kNext) return turn;
    answers.typed_expiry = chosen == another;
    if (!answers.typed_expiry) {
      answers.preset = chosen - 1;
      return Turn::kNext;
    }
    return AskText(
        "Ends (12h, 45d, 2026-12-24 or RFC 3339)",
        "A length of time from now, a date (to its end, UTC), or a time such as 2026-12-24T18:00:00Z.",
        answers.expiry_text);
  }

  Turn AskScopes() {
    switch (scopes_.Ask()) {
      case PlainScopes::End::kNext:
        return Turn::kNext;
      case PlainScopes::End::kBack:
        return Turn::kBack;
      case PlainScopes::End::kLeave:
        break;
    }
    return Turn::kLeave;
  }

  Turn AskCreate() {
    const auto preview = session_.Preview();
    if (!preview && state_.step() != Step::kReview) return Turn::kStay;
    if (preview) {
      Terminal plain = context_.terminal();
      plain.color = false;
      plain.width = terminal_.width();
      terminal_.Write(cli::ReviewPage(*preview, context_.now(), plain));
    } else {
      terminal_.Say("Wrong: " + state_.complaint()->message);
    }
    for (;;) {
      const auto answer = terminal_.Ask(preview ? "Type create to issue this key, < to change something:"
                                                : "Enter asks again, < goes back:");
      if (!answer) return Turn::kLeave;
      if (*answer == "<") return Turn::kBack;
      if (answer->empty() && !preview) return Turn::kStay;
      if (*answer == "create" && preview) {
        session_.Create();
        return Turn::kStay;
      }
      terminal_.Say("Nothing has been done so far. Only the word create issues the key.");
    }
  }

  Outcome<void> HandOver() {
    terminal_.Write(
        fmt::format("\nThe key {} was issued. Its key string can be had only now.", session_.key_id()));
    if (!context_.terminal().output) return Print();
    terminal_.Say("1. Write it to a new file that only you can read", 3);
    terminal_.Say("2. Show it here, where it stays in the scrollback", 3);
    for (;;) {
      std::size_t chosen = 0;
      const Turn turn = AskNumber(
          2, 1, "Claviger does not keep it. If it is lost, claviger key rotate makes the next.", chosen);
      if (turn == Turn::kLeave) return {};
      if (turn == Turn::kBack) {
        terminal_.Say("The key is issued; there is no way back from here.");
        continue;
      }
      if (chosen == 2) return ShowHere();
      if (WriteToFile()) return {};
    }
  }

  Outcome<void> Print() {
    WipingBuffer line;
    const std::string_view text = session_.key().ExposeText();
    line.reserve(text.size() + 1);
    line.insert(line.end(), text.begin(), text.end());
    line.push_back('\n');
    if (const Status written = context_.output().PrintSecret(line); !written)
      return FailureOf(written.error());
    if (!context_.terminal().output) session_.Keep();
    return {};
  }

  Outcome<void> ShowHere() {
    if (const auto printed = Print(); !printed) return printed;
    for (;;) {
      const auto answer = terminal_.Ask("Type saved once you have it in a safe place:");
      if (!answer) return {};
      if (*answer == "saved") break;
    }
    session_.Keep();
    return {};
  }

  // False to be asked again.
  bool WriteToFile() {
    const auto path = terminal_.Ask("File:");
    if (!path || path->empty() || *path == "<") return false;
    const auto written = session_.WriteTo(*path);
    if (!written) {
      terminal_.Say("Wrong: " + written.error().message);
      return false;
    }
    return true;
  }

  Context& context_;
  LineTerminal terminal_;
  WizardState& state_;
  Session& session_;
  PlainScopes scopes_;
};

}  // namespace

Outcome<void> AskLineByLine(Context& context, const Interruption& interruption, WizardState& state,
                            Session& session) {
  return PlainWizard(context, interruption, state, session).Run();
}

}  // namespace claviger::cli::wizard
