#include "daemon/api/event.h"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

namespace claviger::api {
namespace {

// Members of what an act left that are fields of their own.
struct MemberField {
  std::string_view member;
  std::string_view field;
};
constexpr std::array kMemberFields = {
    MemberField{"name", "KEY_NAME"},
    MemberField{"owner", "OWNER"},
    MemberField{"team", "TEAM"},
    MemberField{"end_reason", "REASON"},
    MemberField{"expires_at", "EXPIRES_AT"},
    MemberField{"generation", "GENERATION"},
    MemberField{"caller_uid", "CALLER_UID"},
    MemberField{"caller_unit", "CALLER_UNIT"},
    MemberField{"sequence", "SEQUENCE"},
    MemberField{"head", "HEAD"},
    MemberField{"checkpoint", "CHECKPOINT"},
    MemberField{"unit", "FOR_UNIT"},
    MemberField{"level", "LEVEL"},
    MemberField{"backup", "BACKUP"},
    MemberField{"credential", "CREDENTIAL"},
    MemberField{"reason", "REASON"},
    MemberField{"key_id", "FOR_KEY_ID"},
};

boost::json::object ObjectOf(const std::string& text) {
  if (text.empty()) return {};
  boost::system::error_code failed;
  boost::json::value value = boost::json::parse(text, failed);
  return failed || !value.is_object() ? boost::json::object() : std::move(value.as_object());
}

std::string TextOf(const boost::json::object& object, std::string_view member) {
  const boost::json::value* value = object.if_contains(member);
  if (value == nullptr) return "";
  if (const auto* text = value->if_string()) return std::string(text->data(), text->size());
  if (const auto* number = value->if_int64()) return std::to_string(*number);
  if (const auto* number = value->if_uint64()) return std::to_string(*number);
  return "";
}

std::string MessageOf(const EventKind& kind, const audit::Act& act, const boost::json::object& left) {
  std::string message;
  if (!act.subject.empty()) {
    message = "key " + act.subject;
    if (const std::string name = TextOf(left, "name"); !name.empty()) message += " (" + name + ")";
    message += " ";
  }
  message += kind.said;
  if (kind.name == kOtherAct) message += ", " + act.name + ",";
  message += " by " + act.actor.user;
  for (const std::string_view member : {"end_reason", "reason"}) {
    if (const std::string reason = TextOf(left, member); !reason.empty()) message += ": " + reason;
  }
  return message;
}

}  // namespace

Event EventOf(const audit::AuditRecord& record) {
  const audit::Act& act = record.act;
  const boost::json::object left = ObjectOf(act.after.empty() ? act.before : act.after);
  Event event(act.name, "");
  event.message = MessageOf(*event.kind, act, left);
  event.With("ACT", act.name).With("AUDIT_SEQUENCE", std::to_string(record.sequence));
  event.With("KEY_ID", act.subject);
  for (const MemberField& each : kMemberFields) event.With(each.field, TextOf(left, each.member));
  event.With("PEER_USER", act.actor.user);
  if (act.actor.pid == 0) return event;  // the daemon itself
  event.With("PEER_UID", std::to_string(act.actor.uid)).With("PEER_PID", std::to_string(act.actor.pid));
  event.With("PEER_UNIT", act.actor.unit).With("PEER_COMMAND", act.actor.command);
  return event;
}

}  // namespace claviger::api
