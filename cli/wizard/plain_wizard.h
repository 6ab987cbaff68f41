// The wizard line by line: for screen readers, and terminals that can do no more.
#pragma once

#include "cli/context.h"
#include "cli/wizard/interruption.h"
#include "cli/wizard/session.h"
#include "cli/wizard/wizard_state.h"

namespace claviger::cli::wizard {

// Until the user leaves, a signal comes, or a key is issued and was handed over; session and interruption
// tell which. A failure if the key string could not be written to standard output.
Outcome<void> AskLineByLine(Context& context, const Interruption& interruption, WizardState& state,
                            Session& session);

}  // namespace claviger::cli::wizard
