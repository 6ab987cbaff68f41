// What happened, for the journal: one line for people and fields for machines.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/audit/audit_log.h"

namespace claviger::api {

enum class Severity { kInfo, kWarning, kError };

struct EventKind {
  std::string_view name;  // of an act as it is on record ("key.revoke"), or "verify.denied" and the like
  std::string_view message_id;  // 32 hexadecimal digits, for ever this kind's
  Severity severity;
  int burst;              // so many in kEventWindow are told; the rest are counted
  std::string_view said;  // of an act: what was done
};
inline constexpr std::chrono::seconds kEventWindow{10};

// Kinds that are no acts.
inline constexpr std::string_view kEventDenied = "verify.denied";
inline constexpr std::string_view kEventRateLimited = "peer.rate_limited";
inline constexpr std::string_view kEventRefused = "connection.refused";
inline constexpr std::string_view kEventRecordChanged = "record.changed";
inline constexpr std::string_view kEventAuditMismatch = "audit.mismatch";
inline constexpr std::string_view kEventTokenState = "token.state";
inline constexpr std::string_view kEventClockSuspect = "clock.suspect";
inline constexpr std::string_view kEventStoreFailure = "store.failure";
inline constexpr std::string_view kEventLeftOut = "journal.left_out";
// An act that has no kind of its own.
inline constexpr std::string_view kOtherAct = "act.other";

// The one table of kinds: event_table.cc.
std::span<const EventKind> EventKinds();
// kOtherAct's for a name that has none.
const EventKind& EventKindOf(std::string_view name);

struct EventField {
  std::string_view name;  // "KEY_ID"; of static storage
  std::string value;      // any bytes: who writes it escapes it
};

// Never holds a secret.
struct Event {
  Event(std::string_view kind_name, std::string text)
      : kind(&EventKindOf(kind_name)), severity(kind->severity), message(std::move(text)) {}
  // Left out if `value` is empty.
  Event& With(std::string_view name, std::string value) {
    if (!value.empty()) fields.push_back({name, std::move(value)});
    return *this;
  }

  const EventKind* kind;
  Severity severity;
  std::string message;
  std::vector<EventField> fields;
};

// An act on record. Name, owner and the like are taken from the record that it left, or else found.
Event EventOf(const audit::AuditRecord& record);

}  // namespace claviger::api
