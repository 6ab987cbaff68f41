// The whole of claviger but main().
#pragma once

#include <string>
#include <vector>

namespace claviger::cli {

// Carries out the command line `words` (without the program's name) and returns the exit status. Uses the
// three standard streams and the environment.
int Run(const std::vector<std::string>& words);

}  // namespace claviger::cli
