// One thing that was examined or done, on a line of its own.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "cli/context.h"

namespace claviger::cli {

// Of the type Check of io.claviger.Admin. `finding` is escaped here; `advice` is text of ours.
boost::json::object CheckRow(std::string_view name, std::string_view state, std::string_view finding,
                             std::string_view advice = "");

// State, name, finding and advice, the names in a column of `name_width`.
void PrintCheckRow(Context& context, const boost::json::object& row, std::size_t name_width);

}  // namespace claviger::cli
