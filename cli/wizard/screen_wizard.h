// The wizard on the whole screen.
#pragma once

#include "cli/terminal.h"
#include "cli/wizard/interruption.h"
#include "cli/wizard/session.h"
#include "cli/wizard/wizard_state.h"

namespace claviger::cli::wizard {

// Until the user leaves, a signal comes, or a key is issued and may go; session and interruption tell which.
// False if the terminal's type is not known; nothing was asked then.
bool AskOnScreen(const Terminal& terminal, const Interruption& interruption, WizardState& state,
                 Session& session);

}  // namespace claviger::cli::wizard
