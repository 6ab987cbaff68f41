// The options that say which keys a command is about (kKeyFilterOptions in cli/options.h).
#pragma once

#include <boost/json/object.hpp>

#include "cli/context.h"
#include "cli/failure.h"
#include "cli/invocation.h"

namespace claviger::cli {

// Whether any of these options was given.
bool HasKeyFilter(const Invocation& invocation);

// What they say as parameters of ListKeys and CountKeys; empty: every key. Durations count back from now, and
// ahead for the expiry; a date is its beginning. A usage failure for a value that is none, and for options
// that no key can meet together.
Outcome<boost::json::object> ReadKeyFilter(const Context& context);

}  // namespace claviger::cli
