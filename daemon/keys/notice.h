// What people are told of, and which programs tell them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace claviger::keys {

enum class Event {
  kCreated,
  kEdited,
  kRotated,
  kPaused,
  kResumed,
  kRevoked,
  kPurged,
  kExpiring,
  kEndedSecretPresented,
  kLeaked,
};
inline constexpr std::size_t kEvents = 10;

// "key.created", ..., "key.ended_secret_presented", "key.leaked".
std::string_view EventName(Event event);
std::optional<Event> ParseEvent(std::string_view name);

inline constexpr std::size_t kMaxNoticeCommands = 16;
inline constexpr std::size_t kMaxNoticeSteps = 16;

// A program that is told of events: started without a shell, the event as one JSON object on its standard
// input.
struct NoticeCommand {
  std::vector<std::string> arguments;  // the first is the program's absolute path
  std::vector<Event> events;
  std::chrono::seconds time_limit{10};

  bool Wants(Event event) const;
  friend bool operator==(const NoticeCommand&, const NoticeCommand&) = default;
};

struct NoticeSettings {
  std::vector<std::int64_t> steps = {30 * 86400, 7 * 86400, 86400};  // seconds before expiry; longest first
  std::vector<NoticeCommand> commands;

  friend bool operator==(const NoticeSettings&, const NoticeSettings&) = default;
};

}  // namespace claviger::keys
