// Warnings of keys that end soon: each once for a key, its expiry and a step before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/api/authority.h"
#include "daemon/api/ref_walk.h"
#include "daemon/keys/key_string.h"

namespace claviger::api {

// The shortest of `steps` (seconds before the expiry; longest first) that is due at `now`. A step that was
// due before the secret could be used at all (`begins`) warns of nothing that its maker does not know: it is
// left out. nullopt: none.
std::optional<std::int64_t> DueStep(std::span<const std::int64_t> steps, UnixSeconds begins,
                                    UnixSeconds expires, UnixSeconds now);

struct Announcement {
  keys::KeyId id;
  std::string name, owner, team;
  UnixSeconds expires = 0;
  std::int64_t step = 0;
};
// "key 3qD (deploy, alice, platform) ends in 6d23h; rotate it with: claviger key rotate 3qD".
std::string AnnouncementLine(const Announcement& announcement, UnixSeconds now);

// One walk over all keys that have not ended. Lives on the store thread; `authority` must outlive it. Two at
// once give no warning twice.
class ExpirySweep {
 public:
  // `actor` is who is put on record for it.
  ExpirySweep(Authority& authority, LiveSettingsPtr live, audit::Actor actor);

  // A write, in steps (StoreSteps, ManagementStep): true once all is done.
  Result<bool> Step(store::Tables& tables);
  // What was announced since the last call. To be told only after the step has been committed.
  std::vector<Announcement> Take();
  UnixSeconds now() const { return now_; }

 private:
  struct Due {
    keys::KeyId id;
    std::int64_t step;
  };
  // So that no step writes for long.
  static constexpr std::size_t kAnnouncementsPerStep = 64;

  Status Scan(store::Tables& tables);
  Status Announce(store::Tables& tables, const Due& due);
  Status MarkLonger(store::Tables& tables, const keys::KeyRecord& record, std::int64_t step);

  Authority& authority_;
  const LiveSettingsPtr live_;
  const audit::Actor actor_;
  const UnixSeconds now_;
  bool started_ = false;
  RefWalk walk_;
  std::vector<Due> due_;  // of the part that was scanned last; taken from the end
  std::vector<Announcement> announced_;
};

// Lines for the log: of at most so many keys each, then one for the others.
inline constexpr std::size_t kAnnouncementsLogged = 50;
class AnnouncementLog {
 public:
  // The lines for `announced`, as far as they are among the first.
  std::vector<std::string> Add(const std::vector<Announcement>& announced, UnixSeconds now);
  // "" unless some were left out.
  std::string Rest() const;

 private:
  std::size_t told_ = 0, left_out_ = 0;
};

// The sweep that the daemon makes by itself; returns at once.
void SweepExpiries(Authority& authority);

}  // namespace claviger::api
