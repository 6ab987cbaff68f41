#include <fmt/format.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/completion_words.h"

namespace claviger::cli {
namespace {

constexpr std::string_view kZshHead = R"(#compdef claviger
# zsh completion for claviger

_claviger() {
  local noun verb i
  local -a candidates
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      --socket-directory) ((i++)) ;;
      -*) ;;
      *) if [[ -z $noun ]]; then noun=$words[i]; elif [[ -z $verb ]]; then verb=$words[i]; fi ;;
    esac
  done
)";

// Works when it is autoloaded from fpath and when it is sourced.
constexpr std::string_view kZshTail = R"(}

if [[ $funcstack[1] == _claviger ]]; then
  _claviger "$@"
else
  compdef _claviger claviger
fi
)";

std::string ZshStatement(ValueKind kind) {
  if (kind == ValueKind::kFile) return "_files";
  if (kind == ValueKind::kFolder) return "_files -/";
  const std::string command = CommandFor(kind);
  if (!command.empty()) return fmt::format("compadd -- ${{(f)\"$({} 2>/dev/null)\"}}", command);
  const std::string choices = Join(ChoicesOf(kind));
  return choices.empty() ? ":" : "compadd -- " + choices;
}

// 'word:description'; a colon in either would end the word.
std::string Candidate(std::string_view word, std::string_view description) {
  std::string text(word);
  text += ':';
  for (const char c : description) text.append(c == ':' ? "\\:" : std::string(1, c));
  return Quoted(text);
}

std::string Candidates(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) {
    text += " " + Candidate("--" + std::string(option.name), option.summary);
  }
  return text;
}

std::string OptionCases() {
  std::string text = "  if [[ $PREFIX == -* ]]; then\n    case \"$noun $verb\" in\n";
  for (const Command& command : Commands()) {
    text += fmt::format("      \"{} {}\"{}) candidates=({}) ;;\n", command.noun, command.verb,
                        command.verb.empty() ? "*" : "", Candidates(command.options));
  }
  return text +
         fmt::format("    esac\n    candidates+=({})\n    _describe option candidates\n    return\n  fi\n",
                     Candidates(GlobalOptions()));
}

std::string WordCases() {
  std::string text = "  if [[ -z $noun ]]; then\n    candidates=(";
  for (const std::string_view noun : Nouns()) text += " " + Candidate(noun, SummaryOf(noun));
  text += ")\n    _describe command candidates\n    return\n  fi\n  case \"$noun $verb\" in\n";
  for (const std::string_view noun : Nouns()) {
    if (VerbsOf(noun).empty()) continue;
    text += fmt::format("    \"{} \") candidates=(", noun);
    for (const Command& command : Commands()) {
      if (command.noun == noun) text += " " + Candidate(command.verb, command.summary);
    }
    text += "); _describe command candidates ;;\n";
  }
  for (const Command& command : Commands()) {
    if (command.argument.name.empty()) continue;
    // Where there is no verb, the first of several arguments stands in its place.
    const bool several = command.verb.empty() && command.argument.repeatable;
    text += fmt::format("    \"{} {}\"{}) {} ;;\n", command.noun, command.verb, several ? "*" : "",
                        ZshStatement(command.argument.kind));
  }
  return text + "  esac\n";
}

}  // namespace

std::string ZshCompletion() {
  std::string text(kZshHead);
  text += "  case \"$noun $verb $words[CURRENT-1]\" in\n";
  for (const ValueOption& option : OptionsWithValues()) {
    text += fmt::format("    {}) {}; return ;;\n", CasePattern(option), ZshStatement(option.option.kind));
  }
  return text + "  esac\n" + OptionCases() + WordCases() + std::string(kZshTail);
}

}  // namespace claviger::cli
