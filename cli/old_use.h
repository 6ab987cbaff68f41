// Who still uses what a rotation or a successor has replaced.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cli/context.h"

namespace claviger::cli {

// What GetKey says of one key.
struct KeyView {
  boost::json::object record;
  boost::json::array callers;
  boost::json::array asked_scopes;
  std::string replaced_by;  // "" if it has no successor

  std::string id() const;
  std::string title() const;  // `"backup" (02fy...)`
  // Pending, active or paused.
  bool live() const;
};
Outcome<KeyView> ViewKey(Context& context, const std::string& id);

// The use of an old secret, or of an old key, since there is a new one.
struct OldUse {
  std::string last_seen;       // of it at all; "" if never
  boost::json::array callers;  // those of type Caller that were seen since, latest first
};
// Of the generations up to `generation`; of all if it is absent. `since`: RFC 3339.
OldUse UseSince(const KeyView& key, std::optional<std::int64_t> generation, std::string_view since);
// "alice (report.service), root and 2 more", or "nobody since".
std::string UsersOf(const OldUse& use);

}  // namespace claviger::cli
