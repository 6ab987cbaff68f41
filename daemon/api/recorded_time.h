// The highest time on record, when the store is opened.
#pragma once

#include <string_view>

#include "base/result.h"
#include "daemon/api/authority.h"
#include "daemon/store/store_thread.h"

namespace claviger::api {

// An operator makes this file in the state directory to say that the clock is right now, although a later
// time is on record: a clock that was far ahead at a start would otherwise have ended every key for good. It
// is taken away when it is followed, once.
inline constexpr std::string_view kAcceptClockFile = "accept-clock";

// In a write on the store thread, before any key is judged: the clock goes on from the time on record; or, if
// the file is there, the record goes on from the clock, and the act `clock.accept` says so.
Status TakeRecordedTime(Authority& authority, store::Tables& tables);

}  // namespace claviger::api
