// What the completions of all shells offer.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace claviger::cli {

// The nouns in the order of help, `help` last.
std::vector<std::string_view> Nouns();
// Empty for a noun that is a whole command, and for `help`.
std::vector<std::string_view> VerbsOf(std::string_view noun);
// What a noun is for: its summary, or its verbs.
std::string SummaryOf(std::string_view noun);

// An option that takes a value. `command`: "key list", or "" if its values are the same wherever it stands.
struct ValueOption {
  std::string command;
  Option option;
};
// All of them, each name once, or once for each command that takes it.
std::vector<ValueOption> OptionsWithValues();
// Matches "NOUN VERB --OPTION" in a case statement of bash and zsh.
std::string CasePattern(const ValueOption& option);
// "--name", "--json", ...: the command's own, then those of every command.
std::vector<std::string> DashedOptions(const Command& command);
std::vector<std::string> DashedGlobalOptions();

// The command line that lists the values of a kind, one a line; "" if there is none.
std::string CommandFor(ValueKind kind);

std::string Join(std::span<const std::string_view> words);
std::string Join(std::span<const std::string> words);
// As one word in single quotes for any of the three shells; `text` has no backslash.
std::string Quoted(std::string_view text);

}  // namespace claviger::cli
