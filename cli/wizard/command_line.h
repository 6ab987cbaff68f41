// The command that does the same as the answers, so that its options are learnt.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/wizard/wizard_state.h"

namespace claviger::cli::wizard {

// "claviger", "key", "create", "--name", ...; each option with its value is one element, quoted for a shell.
std::vector<std::string> CommandWords(const WizardState& state);
// Folded with backslashes so that lines have at most `width` columns where that can be.
std::string FoldedCommand(const std::vector<std::string>& words, std::size_t width);
// As one word for a POSIX shell; without quotes where it needs none.
std::string ShellQuoted(std::string_view text);

}  // namespace claviger::cli::wizard
