// What the daemon lets the caller choose from.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/failure.h"

namespace claviger::cli::wizard {

enum class Action { kRead, kWrite, kDelete };
// Of "read", "write", "delete"; what is none of them is treated as the gravest.
Action ActionOf(std::string_view name);
std::string_view ActionName(Action action);

// All text is safe to show.
struct OfferedScope {
  std::string name;
  std::string summary;
  std::string description;  // may be empty
  Action action = Action::kDelete;
};

struct OfferedBundle {
  std::string name;
  std::string summary;
  std::vector<std::size_t> scopes;  // positions in Offer::scopes
};

struct Offer {
  std::vector<OfferedScope> scopes;
  std::vector<OfferedBundle> bundles;
  std::size_t beyond_ceilings = 0;    // scopes of the catalogue that the caller may not grant
  std::int64_t default_lifetime = 0;  // seconds
  std::int64_t maximum_lifetime = 0;  // seconds, of policy and ceilings
  bool unscoped = false;              // whether a key without scopes may be asked for
  std::string name_pattern;           // "": every name will do
  bool needs_description = false;
  bool needs_team = false;
};

// From the replies of GetPolicy, ListScopes and ListBundles. A failure if the caller may issue nothing.
Outcome<Offer> ReadOffer(const boost::json::object& policy, const boost::json::object& scopes,
                         const boost::json::object& bundles);
Outcome<Offer> FetchOffer(Context& context);

// Whether `pattern` ("read:*:billing", "delete:*") gives `scope`.
bool PatternGives(std::string_view pattern, std::string_view scope);

}  // namespace claviger::cli::wizard
