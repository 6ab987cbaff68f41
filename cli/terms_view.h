// A key before it is issued, for people: the review page of `key create --dry-run` and of the wizard.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/fields.h"
#include "cli/terminal.h"

namespace claviger::cli {

// Everything as it will be. `terms` is of the type Terms of io.claviger.Admin.
Fields TermsFields(const boost::json::object& terms, UnixSeconds now);
// What the key can do and what it cannot, in plain sentences: "It can read domains and policies of admin. It
// cannot write or delete anything."
std::string AbilitySentence(const boost::json::object& terms);
// The warnings of a reply of PreviewKey, each a sentence; and which keys have the same scopes.
std::vector<std::string> WarningLines(const boost::json::object& preview);

// All of it, as wide as the terminal.
std::string ReviewPage(const boost::json::object& preview, UnixSeconds now, const Terminal& terminal);

}  // namespace claviger::cli
