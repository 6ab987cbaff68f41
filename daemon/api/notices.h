// Tells of events: to the log, and to the configured commands by way of the outbox.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "daemon/keys/notice.h"
#include "daemon/keys/record.h"
#include "daemon/store/store_thread.h"

namespace claviger::api {

// Thread-safe.
class Notices {
 public:
  // Puts {"event", "at", "key_id", "name", "owner", "team", "creator", "state", "expires_at"} and `more` into
  // the outbox, in the caller's transaction, if a command of `settings` wants the event; and wakes who
  // delivers. On the store thread.
  Status Add(store::Tables& tables, const keys::NoticeSettings& settings, keys::Event event,
             const keys::KeyRecord& record, const boost::json::object& more, UnixSeconds now);

  // `wake` is called on any thread after something was added; it must not block. Empty: nobody delivers.
  void SetWake(std::function<void()> wake) EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::function<void()> wake_ GUARDED_BY(mutex_);
};

}  // namespace claviger::api
