// Values that are one of a few words.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/failure.h"

namespace claviger::cli {

// A usage failure, with the nearest word or all of them, unless `value` is one of ChoicesOf(kind).
Outcome<void> CheckChoice(std::string_view option, ValueKind kind, const std::string& value);

}  // namespace claviger::cli
