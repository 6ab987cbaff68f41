#include "cli/json_view.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/text.h"

namespace claviger::cli {

std::string TextOf(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::string ShownText(const boost::json::object& object, std::string_view name) {
  return EscapeForDisplay(TextOf(object, name));
}

std::vector<std::string> ShownList(const boost::json::object& object, std::string_view name) {
  std::vector<std::string> list;
  for (const boost::json::value& element : ArrayOf(object, name)) {
    if (element.is_string()) list.push_back(EscapeForDisplay(element.get_string()));
  }
  return list;
}

bool BoolOf(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = object.if_contains(name);
  return member != nullptr && member->is_bool() && member->get_bool();
}

std::int64_t IntOf(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = object.if_contains(name);
  return member != nullptr && member->is_int64() ? member->get_int64() : 0;
}

std::string ShownInt(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = object.if_contains(name);
  return member != nullptr && member->is_int64() ? std::to_string(member->get_int64()) : std::string();
}

const boost::json::object& ObjectOf(const boost::json::object& object, std::string_view name) {
  static const boost::json::object kNone;
  const boost::json::value* member = object.if_contains(name);
  return member != nullptr && member->is_object() ? member->get_object() : kNone;
}

const boost::json::array& ArrayOf(const boost::json::object& object, std::string_view name) {
  static const boost::json::array kNone;
  const boost::json::value* member = object.if_contains(name);
  return member != nullptr && member->is_array() ? member->get_array() : kNone;
}

std::vector<const boost::json::object*> ObjectsOf(const boost::json::array& array) {
  std::vector<const boost::json::object*> objects;
  for (const boost::json::value& element : array) {
    if (element.is_object()) objects.push_back(&element.get_object());
  }
  return objects;
}

}  // namespace claviger::cli
