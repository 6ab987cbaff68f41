// Members of a daemon's reply, ready to be shown. A member that is absent or of another type reads as empty,
// false or 0: what a newer or older daemon leaves out must not stop the rest.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace claviger::cli {

// As it is: to be sent back or compared, not to be shown.
std::string TextOf(const boost::json::object& object, std::string_view name);
// Through EscapeForDisplay.
std::string ShownText(const boost::json::object& object, std::string_view name);
std::vector<std::string> ShownList(const boost::json::object& object, std::string_view name);
bool BoolOf(const boost::json::object& object, std::string_view name);
std::int64_t IntOf(const boost::json::object& object, std::string_view name);
// "" if absent.
std::string ShownInt(const boost::json::object& object, std::string_view name);
// An empty object or array if absent.
const boost::json::object& ObjectOf(const boost::json::object& object, std::string_view name);
const boost::json::array& ArrayOf(const boost::json::object& object, std::string_view name);

// The objects of an array; other elements are left out.
std::vector<const boost::json::object*> ObjectsOf(const boost::json::array& array);

}  // namespace claviger::cli
