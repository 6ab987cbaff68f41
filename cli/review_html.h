// A review as a page for a browser: one file that needs no network and no script.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/review_finding.h"

namespace claviger::cli {

// `host` stands in the title. All texts of the review are escaped.
std::string ReviewPage(const boost::json::object& review, const std::vector<Finding>& findings,
                       std::string_view host, UnixSeconds now);

}  // namespace claviger::cli
