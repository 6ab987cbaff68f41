// Help, made from the command table. No line is wider than 80 columns.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace claviger::cli {

std::string HelpOnEverything();
// The commands of one noun.
std::string HelpOnNoun(std::string_view noun);
std::string HelpOnCommand(const Command& command);

}  // namespace claviger::cli
