// Suggestions for words that are not in the command table.
#pragma once

#include <string_view>

#include "cli/command.h"

namespace claviger::cli {

// The known word that is most like `word`, or "" if none is like it. Views into the command table.
std::string_view NearestNoun(std::string_view word);
std::string_view NearestVerb(std::string_view noun, std::string_view word);
// `word` with or without its dashes.
std::string_view NearestOption(const Command& command, std::string_view word);
std::string_view NearestChoice(ValueKind kind, std::string_view word);

}  // namespace claviger::cli
