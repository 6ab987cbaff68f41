// `claviger key create` as questions and answers.
#pragma once

#include "cli/context.h"
#include "cli/failure.h"

namespace claviger::cli {

// On the whole screen, or with --plain (or where TERM is dumb) line by line. The value is the exit status: 0
// once a key was issued and its key string handed over. Until "create" is chosen, nothing is done. A failure
// where nobody can be asked, where nothing was issued, or where the key string was lost; its hint says what
// to do. A signal to end puts the terminal in order, says how things stand, and ends the process.
Outcome<int> RunWizard(Context& context);

}  // namespace claviger::cli
