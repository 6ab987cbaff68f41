// What the findings of a review mean, and what mends them.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace claviger::cli {

// From when on a key counts for some findings; seconds.
struct ReviewPeriods {
  std::int64_t expiring_within = std::int64_t{30} * 86400;
  std::int64_t unused_for = std::int64_t{90} * 86400;
  std::int64_t never_used_for = std::int64_t{30} * 86400;
  std::int64_t lifetime_over = std::int64_t{180} * 86400;
};

// A finding for people; all texts are safe to show.
struct Finding {
  std::string kind;
  bool attention = true;  // false: for information
  std::int64_t count = 0;
  std::string title;                             // "3 keys: end within 30d"
  std::string reason;                            // a sentence's fragment: why that matters
  std::vector<std::string> commands;             // that look closer or mend it
  std::vector<const boost::json::object*> keys;  // ReviewedKey; the first of them
};

// The findings of a review's reply that are not empty, most urgent first. They point into `review`.
std::vector<Finding> FindingsOf(const boost::json::object& review, const ReviewPeriods& periods);

// "1 key", "3 keys".
std::string CountOfKeys(std::int64_t count);

}  // namespace claviger::cli
