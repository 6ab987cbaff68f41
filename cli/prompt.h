// Questions on the terminal. Standard input must be one; what is asked goes to standard error.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "cli/failure.h"

namespace claviger::cli {

// A line that is not shown while it is typed, without its end; empty if only Enter was typed. The terminal
// shows characters again whatever ends this, signals included. A failure at the end of input.
Outcome<Secret> PromptSecret(std::string_view question);

// A line, without blanks at its ends; empty if only Enter was typed. A failure at the end of input.
Outcome<std::string> PromptText(std::string_view question);

// True if the answer is "y" or "yes".
Outcome<bool> PromptYes(std::string_view question);

}  // namespace claviger::cli
