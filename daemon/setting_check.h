// What the texts of claviger.toml must be. Each: kInvalidArgument with what to write instead, to follow the
// setting's name and ": ".
#pragma once

#include <string_view>

#include "base/result.h"

namespace claviger {

Status CheckPath(std::string_view text);
Status CheckOptionalPath(std::string_view text);
Status CheckSocketDirectory(std::string_view text);
Status CheckTokenUri(std::string_view text);
// A word of a command line: anything without control characters.
Status CheckArgument(std::string_view text);
// Of a [[rule]]: user names only, since others would quietly match nobody.
Status CheckRuleOwner(std::string_view text);
// Of a [[ceiling]]: user names, "self" and "*".
Status CheckCeilingOwner(std::string_view text);

// Of a [[unit]]: a scope or pattern, a bundle's name, its other texts.
Status CheckUnitGrant(std::string_view text);
Status CheckUnitBundle(std::string_view text);
Status CheckUnitText(std::string_view text);
Status CheckUnitDescription(std::string_view text);

}  // namespace claviger
