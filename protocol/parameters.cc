#include <algorithm>

#include "protocol/call.h"

namespace claviger::protocol {
namespace {

using simdjson::dom::element_type;

bool HasType(const simdjson::dom::element& value, ParameterType type) {
  switch (type) {
    case ParameterType::kString:
      return value.type() == element_type::STRING;
    case ParameterType::kInt:
      return value.type() == element_type::INT64;  // larger numbers are UINT64 or DOUBLE
    case ParameterType::kBool:
      return value.type() == element_type::BOOL;
    case ParameterType::kStringList:
      break;
  }
  if (value.type() != element_type::ARRAY) return false;
  const simdjson::dom::array array = value.get_array().value_unsafe();
  return std::all_of(array.begin(), array.end(),
                     [](const auto& element) { return element.type() == element_type::STRING; });
}

}  // namespace

std::string_view BindParameters(const Call& call, std::span<const Parameter> list,
                                std::span<simdjson::dom::element> values, std::span<bool> present) {
  std::fill(present.begin(), present.end(), false);
  if (call.parameters) {
    for (const auto& [name, value] : *call.parameters) {
      std::size_t i = 0;
      while (i < list.size() && list[i].name != name) ++i;
      if (i == list.size() || present[i]) return name;
      if (value.is_null()) continue;
      if (!HasType(value, list[i].type)) return name;
      values[i] = value;
      present[i] = true;
    }
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].required && !present[i]) return list[i].name;
  }
  return {};
}

}  // namespace claviger::protocol
