// What every change of a key has in common: who asks, by which rules, and how it comes on record.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/api/management.h"
#include "daemon/keys/authorization.h"
#include "daemon/keys/issuer.h"

namespace claviger::api {

inline constexpr std::string_view kActCreate = "key.create";
inline constexpr std::string_view kActEdit = "key.edit";
inline constexpr std::string_view kActRotate = "key.rotate";
inline constexpr std::string_view kActPause = "key.pause";
inline constexpr std::string_view kActResume = "key.resume";
inline constexpr std::string_view kActRevoke = "key.revoke";
inline constexpr std::string_view kActPurge = "key.purge";
inline constexpr std::string_view kActLeakReported = "key.leak_reported";

// How many keys of one call the log names.
inline constexpr std::size_t kMaxKeysLogged = 10;

// An act on one key. At least one of the records is there.
struct KeyAct {
  std::string_view name;                    // one of the above
  const keys::KeyRecord* before = nullptr;  // absent: the key is new, or the act changes nothing
  const keys::KeyRecord* after = nullptr;   // absent: the key is gone
  boost::json::object more;                 // besides the record: goes into the audit log and to commands
};

// Who asks for a change, and the rules as they were when the call came: copied out of the session because the
// work outlives the call. Its functions run on the store thread, in the transaction of the change.
class KeyActs {
 public:
  explicit KeyActs(CallContext& context);
  KeyActs(Authority& authority, LiveSettingsPtr live, audit::Actor actor, keys::Grantor grantor)
      : authority_(authority),
        live_(std::move(live)),
        actor_(std::move(actor)),
        grantor_(std::move(grantor)) {}

  Authority& authority() const { return authority_; }
  const LiveSettings& live() const { return *live_; }
  const keys::Grantor& grantor() const { return grantor_; }
  const audit::Actor& actor() const { return actor_; }
  keys::Issuer MakeIssuer() const { return keys::Issuer(authority_.token_mac(), live_->key_prefix); }

  // The record, if it exists and is the caller's to change; nullopt with the refusal set if not.
  Result<std::optional<keys::KeyRecord>> FindOwn(store::Tables& tables, const keys::KeyId& id,
                                                 ManagementOutcome& outcome) const;
  // The one place where acts on keys come on record: in the audit log, to the commands that want to be told,
  // and to the daemon's log once they are durable.
  Status PutOnRecord(store::Tables& tables, KeyAct act, UnixSeconds now, ManagementOutcome& outcome) const;
  // In place of many lines about one call: the log has room for few, and the audit log names each key.
  void SumUpLog(std::string_view act, const std::string& reason, ManagementOutcome& outcome) const;
  // The reply "record".
  Status ShowRecord(store::Tables& tables, const keys::KeyRecord& record, UnixSeconds now,
                    ManagementOutcome& outcome) const;
  // As above, and the record comes into force.
  Status Complete(store::Tables& tables, const keys::KeyRecord& record, UnixSeconds now,
                  ManagementOutcome& outcome) const;

 private:
  Authority& authority_;
  LiveSettingsPtr live_;
  audit::Actor actor_;
  keys::Grantor grantor_;
};

}  // namespace claviger::api
