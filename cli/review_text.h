// A review as one page of a terminal.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/review_finding.h"
#include "cli/terminal.h"

namespace claviger::cli {

// Findings first, each with at most `keys_each` of its keys, then totals.
std::string RenderReview(const boost::json::object& review, const std::vector<Finding>& findings,
                         std::size_t keys_each, const Terminal& terminal, UnixSeconds now);

// "2 findings need attention".
std::string Conclusion(const std::vector<Finding>& findings);

}  // namespace claviger::cli
