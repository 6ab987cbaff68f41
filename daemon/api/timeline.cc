#include "daemon/api/timeline.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <utility>

namespace claviger::api {

std::int64_t Timeline::Start(std::size_t stretch) {
  const auto weeks = static_cast<std::int64_t>(std::min(stretch, kWeeks));
  return weeks * kWeek + (static_cast<std::int64_t>(stretch) - weeks) * kMonth;
}

void Timeline::Add(UnixSeconds time) {
  const std::int64_t ahead = std::max<std::int64_t>(0, time - now_);
  // What lies back belongs to the stretch that its second ends in: a key made just now is of this week.
  const std::int64_t back = std::max<std::int64_t>(0, now_ - time - 1);
  const std::int64_t distance = direction_ == Direction::kAhead ? ahead : back;
  std::size_t stretch = kRest;
  if (distance < Start(kWeeks)) {
    stretch = static_cast<std::size_t>(distance / kWeek);
  } else if (distance < Start(kRest)) {
    stretch = kWeeks + static_cast<std::size_t>((distance - Start(kWeeks)) / kMonth);
  }
  ++keys_[stretch];
}

boost::json::object Timeline::Span(std::size_t stretch) const {
  const bool rest = stretch == kRest;
  UnixSeconds from = 0, until = 0;
  if (direction_ == Direction::kAhead) {
    from = now_ + Start(stretch);
    until = rest ? kLatestTime : now_ + Start(stretch + 1);
  } else {
    from = rest ? kEarliestTime : now_ - Start(stretch + 1);
    until = now_ - Start(stretch);
  }
  return {{"from", FormatTime(std::clamp(from, kEarliestTime, kLatestTime))},
          {"until", FormatTime(std::clamp(until, kEarliestTime, kLatestTime))},
          {"keys", keys_[stretch]}};
}

boost::json::array Timeline::Json() const {
  boost::json::array spans;
  for (std::size_t stretch = 0; stretch <= kRest; ++stretch) {
    if (stretch < kRest || keys_[stretch] > 0) spans.push_back(Span(stretch));
  }
  if (direction_ == Direction::kBack) std::reverse(spans.begin(), spans.end());
  return spans;
}

}  // namespace claviger::api
