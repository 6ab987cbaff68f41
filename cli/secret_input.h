// Where keys and PINs come from: a file, standard input or a hidden prompt. Never argv, never the
// environment.
#pragma once

#include <string>

#include "base/secret.h"
#include "cli/context.h"
#include "cli/failure.h"

namespace claviger::cli {

// Standard input to its end, without line ends at its end. A usage failure if nothing is there; `what` names
// it.
Outcome<Secret> ReadStandardInput(const std::string& what);
// A file that only its owner can read (ReadSecretFile).
Outcome<Secret> ReadPinFile(const std::string& path);
// The file, with a warning if others can read it: it holds a key that its holder keeps as he likes.
Outcome<Secret> ReadKeyFile(Context& context, const std::string& path);

}  // namespace claviger::cli
