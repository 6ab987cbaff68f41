#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "base/clock.h"

namespace claviger {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kLongestDuration = 36525 * kDay;  // 100 years of 365.25 days

// Takes exactly `count` digits off the front of `text`.
std::optional<int> TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

// Takes one of the characters of `accepted` off the front of `text`.
bool TakeOneOf(std::string_view& text, std::string_view accepted) {
  if (text.empty() || accepted.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

Error TimeError(std::string_view text, std::string_view why) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("time \"{}\": {}; write it as 2026-12-24 or 2026-12-24T18:00:00Z",
                           text.substr(0, 40), why));
}

// The date's first second, UTC.
std::optional<UnixSeconds> TakeDate(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeOneOf(text, "-")) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeOneOf(text, "-")) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay;
}

// "18:00:00" as seconds of the day. A leap second has no number of its own in UnixSeconds and is refused.
std::optional<std::int64_t> TakeTimeOfDay(std::string_view& text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeOneOf(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59 || !TakeOneOf(text, ":")) return std::nullopt;
  const auto second = TakeDigits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

// "Z" or "+01:00" as seconds east of UTC.
std::optional<std::int64_t> TakeZone(std::string_view& text) {
  if (TakeOneOf(text, "Zz")) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!TakeOneOf(text, "+-")) return std::nullopt;
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeOneOf(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::int64_t offset = *hour * 3600 + *minute * 60;
  return west ? -offset : offset;
}

Result<UnixSeconds> CheckedTime(std::string_view text, UnixSeconds time) {
  if (time < kEarliestTime || time > kLatestTime)
    return TimeError(text, "is not within the years 2020 to 9999");
  return time;
}

struct Unit {
  char letter;
  std::int64_t seconds;
};
// From the longest to the shortest, as they must follow each other.
constexpr std::array kUnits = {Unit{'w', 7 * kDay}, Unit{'d', kDay}, Unit{'h', 3600}, Unit{'m', 60},
                               Unit{'s', 1}};

Error DurationError(std::string_view text, std::string_view why) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("duration \"{}\": {}; write it as 90s, 15m, 12h, 7d, 2w or a sum such as 1d12h",
                           text.substr(0, 40), why));
}

// Takes a number off the front of `text`; larger ones than any accepted duration become kLongestDuration + 1.
std::optional<std::int64_t> TakeNumber(std::string_view& text) {
  std::int64_t number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    number = std::min(number * 10 + (text[digits] - '0'), kLongestDuration + 1);
    ++digits;
  }
  text.remove_prefix(digits);
  return digits == 0 ? std::nullopt : std::optional(number);
}

}  // namespace

void WriteTimeText(UnixSeconds time, std::span<char, kTimeTextBytes> out) {
  const std::chrono::sys_seconds point{std::chrono::seconds(time)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const auto second = static_cast<unsigned>((point - day).count());
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  char* at = out.data();
  const auto put = [&at](unsigned two_digits, char behind) {
    *at++ = static_cast<char>('0' + two_digits / 10 % 10);
    *at++ = static_cast<char>('0' + two_digits % 10);
    if (behind != 0) *at++ = behind;
  };
  put(year / 100, 0);
  put(year % 100, '-');
  put(static_cast<unsigned>(date.month()), '-');
  put(static_cast<unsigned>(date.day()), 'T');
  put(second / 3600, ':');
  put(second / 60 % 60, ':');
  put(second % 60, 'Z');
}

std::string FormatTime(UnixSeconds time) {
  std::array<char, kTimeTextBytes> text;
  WriteTimeText(time, text);
  return {text.data(), text.size()};
}

Result<UnixSeconds> ParseTime(std::string_view text) {
  std::string_view rest = text;
  const auto date = TakeDate(rest);
  if (!date) return TimeError(text, "does not begin with a date that exists");
  if (rest.empty()) return CheckedTime(text, *date + kDay - 1);
  if (!TakeOneOf(rest, "Tt")) return TimeError(text, "has something other than T after its date");
  const auto time_of_day = TakeTimeOfDay(rest);
  if (!time_of_day) return TimeError(text, "has no hour, minute and second within 00:00:00 to 23:59:59");
  if (!rest.empty() && rest.front() == '.') return TimeError(text, "has a fraction of a second");
  const auto zone = TakeZone(rest);
  if (!zone) return TimeError(text, "has no zone (Z or +01:00) after its time");
  if (!rest.empty()) return TimeError(text, "has something after its zone");
  return CheckedTime(text, *date + *time_of_day - *zone);
}

Result<std::int64_t> ParseDuration(std::string_view text) {
  if (text.empty()) return DurationError(text, "is empty");
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto number = TakeNumber(rest);
    if (!number) return DurationError(text, "has no number where one must be");
    if (rest.empty()) return DurationError(text, "has no unit after its number");
    std::size_t unit = 0;
    while (unit < kUnits.size() && kUnits[unit].letter != rest.front()) ++unit;
    if (unit == kUnits.size() || rest.starts_with("mo")) {
      return DurationError(text,
                           "has a unit other than s, m, h, d and w (months and years have no fixed length)");
    }
    if (unit < next_unit)
      return DurationError(text, "has its units twice or not from the longest to the shortest");
    next_unit = unit + 1;
    rest.remove_prefix(1);
    total += *number * kUnits[unit].seconds;  // at most 5 * 2^51: no overflow
    if (total > kLongestDuration) return DurationError(text, "is longer than 100 years");
  }
  if (total == 0) return DurationError(text, "is shorter than a second");
  return total;
}

std::string FormatDuration(std::int64_t seconds) {
  if (seconds > -120 && seconds < 120) return fmt::format("{}s", seconds);
  std::string text = seconds < 0 ? "-" : "";
  for (const Unit& unit : kUnits) {
    if (unit.letter == 'w')
      continue;  // "14d" says what "2w" says, and is compared with other days at a glance
    const std::int64_t count = seconds / unit.seconds;
    if (count != 0) text += fmt::format("{}{}", count < 0 ? -count : count, unit.letter);
    seconds %= unit.seconds;
  }
  return text;
}

}  // namespace claviger
