// The keys that a command for several keys is about: named one by one, or found by a filter.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"

namespace claviger::cli {

// What people must know of a key before something is done to it. All texts are safe to show.
struct ChosenKey {
  std::string id;
  std::string name;
  std::string owner;
  std::string state;
  std::int64_t version = 0;
  std::int64_t uses = 0;
  std::string last_used_at;                  // "" if never used
  std::optional<std::int64_t> last_used_by;  // uid
  std::string expires_at;
  std::string revoked_at;      // "" unless revoked
  boost::json::object record;  // empty unless it was asked to be kept

  // When it ended; "" if it has not.
  const std::string& ended_at() const;
  // `"backup" (02fy...)`
  std::string title() const;
};
ChosenKey ChosenOf(const boost::json::object& record, bool keep_record);

// A key that was left alone, and why.
struct RefusedKey {
  std::string id;
  std::string message;
};

struct ChosenKeys {
  std::vector<ChosenKey> keys;     // last used first
  std::vector<RefusedKey> absent;  // named, but there is no such key
};

// Calls `visit` with each key that ListKeys gives for `filter`, page by page in the daemon's own order, which
// no use of a key changes: a key that is used between two pages is not missed.
Outcome<void> ForEachKey(Context& context, boost::json::object filter,
                         const std::function<void(const boost::json::object& record)>& visit);

// The keys of the command's arguments, each once. A failure for an argument that cannot be a key id, and if
// the only one does not exist.
Outcome<ChosenKeys> ChooseNamed(Context& context, bool keep_records);
// The keys that `filter` (parameters of ListKeys) lists; of these `states` if it names none itself.
Outcome<ChosenKeys> ChooseFiltered(Context& context, boost::json::object filter,
                                   std::span<const std::string_view> states, bool keep_records);
void SortLastUsedFirst(std::vector<ChosenKey>& keys);

// A table of them: who used each last and when. `most`: then "... and N more".
std::string ChosenTable(Context& context, std::span<const ChosenKey> keys, std::size_t most);
// {"keys":[...]} of the records that were kept.
boost::json::object ChosenJson(std::span<const ChosenKey> keys);

// "1 key", "12 keys".
std::string CountOfKeys(std::size_t count);

}  // namespace claviger::cli
