#include <fmt/format.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/completion_words.h"

namespace claviger::cli {
namespace {

// __claviger_at NOUN VERB: are these the words before the cursor that are no options?
constexpr std::string_view kFishHead = R"(# fish completion for claviger

function __claviger_at
    set -l words
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
        else if test "$word" = --socket-directory
            set skip yes
        else if not string match -q -- '-*' $word
            set -a words $word
        end
    end
    test "$words[1..2]" = "$argv"
end

complete -c claviger -f
)";

// How fish completes a value of `kind`, as flags of `complete`.
std::string ValueFlags(ValueKind kind) {
  if (kind == ValueKind::kFile) return " -r -F";
  if (kind == ValueKind::kFolder) return " -x -a '(__fish_complete_directories)'";
  const std::string command = CommandFor(kind);
  if (!command.empty()) return fmt::format(" -x -a '({} 2>/dev/null)'", command);
  const std::string choices = Join(ChoicesOf(kind));
  return choices.empty() ? " -x" : fmt::format(" -x -a '{}'", choices);
}

std::string OptionLine(std::string_view condition, const Option& option) {
  std::string line = fmt::format("complete -c claviger{} -l {}", condition, option.name);
  if (option.letter != '\0') line += fmt::format(" -s {}", option.letter);
  if (!option.value.empty()) line += ValueFlags(option.kind);
  return line + fmt::format(" -d {}\n", Quoted(option.summary));
}

}  // namespace

std::string FishCompletion() {
  std::string text(kFishHead);
  for (const Option& option : GlobalOptions()) text += OptionLine("", option);
  for (const std::string_view noun : Nouns()) {
    text +=
        fmt::format("complete -c claviger -n '__claviger_at' -a {} -d {}\n", noun, Quoted(SummaryOf(noun)));
  }
  for (const Command& command : Commands()) {
    if (!command.verb.empty()) {
      text += fmt::format("complete -c claviger -n '__claviger_at {}' -a {} -d {}\n", command.noun,
                          command.verb, Quoted(command.summary));
    }
    // Where there is no verb, the first of several arguments stands in its place.
    const bool several = command.verb.empty() && command.argument.repeatable;
    const std::string condition = fmt::format(
        " -n '{} {}'", several ? "__fish_seen_subcommand_from" : "__claviger_at", NameOf(command));
    for (const Option& option : command.options) text += OptionLine(condition, option);
    if (!command.argument.name.empty()) {
      text += fmt::format("complete -c claviger{}{}\n", condition, ValueFlags(command.argument.kind));
    }
  }
  return text;
}

}  // namespace claviger::cli
