#include <fmt/format.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/completion_words.h"

namespace claviger::cli {
namespace {

// With bash-completion loaded a scope's colons do not end a word; without it they do, and scopes are not
// completed.
constexpr std::string_view kBashHead = R"(# bash completion for claviger

_claviger_reply() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
}

_claviger() {
  local cur prev words cword noun= verb= i
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n : cur prev words cword
  else
    words=("${COMP_WORDS[@]}")
    cword=$COMP_CWORD
    cur=${words[cword]}
    prev=${words[cword-1]}
  fi
  COMPREPLY=()
  for ((i = 1; i < cword; i++)); do
    case ${words[i]} in
      --socket-directory) ((i++)) ;;
      -*) ;;
      *) if [[ -z $noun ]]; then noun=${words[i]}; elif [[ -z $verb ]]; then verb=${words[i]}; fi ;;
    esac
  done
)";

constexpr std::string_view kBashTail = R"(}

complete -F _claviger claviger
)";

// The statement that completes a value of `kind`.
std::string BashStatement(ValueKind kind) {
  if (kind == ValueKind::kFile) return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))";
  if (kind == ValueKind::kFolder) return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))";
  const std::string command = CommandFor(kind);
  if (!command.empty()) return fmt::format("_claviger_reply \"$({} 2>/dev/null)\"", command);
  const std::string choices = Join(ChoicesOf(kind));
  return choices.empty() ? ":" : fmt::format("_claviger_reply \"{}\"", choices);
}

std::string ValueCases() {
  std::string text = "  case \"$noun $verb $prev\" in\n";
  for (const ValueOption& option : OptionsWithValues()) {
    text += fmt::format("    {}) {}; return ;;\n", CasePattern(option), BashStatement(option.option.kind));
  }
  return text + "  esac\n";
}

std::string CommandCases() {
  std::string text = "  if [[ $cur == -* ]]; then\n    case \"$noun $verb\" in\n";
  for (const Command& command : Commands()) {
    text += fmt::format("      \"{} {}\"{}) _claviger_reply \"{}\" ;;\n", command.noun, command.verb,
                        command.verb.empty() ? "*" : "", Join(DashedOptions(command)));
  }
  text += fmt::format("      *) _claviger_reply \"{}\" ;;\n    esac\n    return\n  fi\n",
                      Join(DashedGlobalOptions()));
  text += fmt::format("  if [[ -z $noun ]]; then _claviger_reply \"{}\"; return; fi\n", Join(Nouns()));
  text += "  case \"$noun $verb\" in\n";
  for (const std::string_view noun : Nouns()) {
    const auto verbs = VerbsOf(noun);
    if (!verbs.empty()) text += fmt::format("    \"{} \") _claviger_reply \"{}\" ;;\n", noun, Join(verbs));
  }
  for (const Command& command : Commands()) {
    if (command.argument.name.empty()) continue;
    // Where there is no verb, the first of several arguments stands in its place.
    const bool several = command.verb.empty() && command.argument.repeatable;
    text += fmt::format("    \"{} {}\"{}) {} ;;\n", command.noun, command.verb, several ? "*" : "",
                        BashStatement(command.argument.kind));
  }
  return text + "  esac\n";
}

}  // namespace

std::string BashCompletion() {
  return std::string(kBashHead) + ValueCases() + CommandCases() + std::string(kBashTail);
}

}  // namespace claviger::cli
