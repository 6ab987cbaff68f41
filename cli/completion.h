// Completion scripts, made from the command table.
#pragma once

#include <string>

namespace claviger::cli {

std::string BashCompletion();
std::string ZshCompletion();
std::string FishCompletion();

}  // namespace claviger::cli
