// The parts of the command table.
#pragma once

#include <span>

#include "cli/command.h"

namespace claviger::cli {

std::span<const Command> ChangeCommands();
std::span<const Command> FindCommands();
std::span<const Command> ServiceCommands();

}  // namespace claviger::cli
