// How many keys fall into which stretch of time: weeks near now, months further away, the rest in one.
#pragma once

#include <array>
#include <boost/json/array.hpp>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace claviger::api {

// Value type.
class Timeline {
 public:
  enum class Direction { kAhead, kBack };

  Timeline(Direction direction, UnixSeconds now) : direction_(direction), now_(now) {}

  // A time on the other side of now counts as now.
  void Add(UnixSeconds time);
  // An array of type Span, in order of time, without gaps. The rest is in it only if it has keys.
  boost::json::array Json() const;

 private:
  static constexpr std::int64_t kWeek = 7 * 86400, kMonth = 30 * 86400;
  static constexpr std::size_t kWeeks = 8, kMonths = 11;  // more than a year: the longest life by default
  static constexpr std::size_t kRest = kWeeks + kMonths;

  // Distance from now at which the stretch begins.
  static std::int64_t Start(std::size_t stretch);
  boost::json::object Span(std::size_t stretch) const;

  Direction direction_;
  UnixSeconds now_;
  std::array<std::int64_t, kRest + 1> keys_{};
};

}  // namespace claviger::api
