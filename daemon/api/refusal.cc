#include "daemon/api/refusal.h"

#include <algorithm>

namespace claviger::api {
namespace {

constexpr std::string_view kRefused = "io.claviger.Admin.Refused";
constexpr std::string_view kKeyNotFound = "io.claviger.Admin.KeyNotFound";
constexpr std::string_view kPermissionDenied = "org.varlink.service.PermissionDenied";
constexpr std::string_view kAfterField = ": ";

bool IsFieldLetter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

}  // namespace

bool IsRefusal(const Error& error) {
  return error.code() == ErrorCode::kInvalidArgument || error.code() == ErrorCode::kLimitExceeded ||
         error.code() == ErrorCode::kDenied;
}

Refusal RefusalOf(const Error& error) {
  const std::string_view text = error.message();
  if (error.code() == ErrorCode::kDenied && text.empty()) return {std::string(kPermissionDenied), {}};
  const std::size_t end = text.find(kAfterField);
  if (end == std::string_view::npos) return RefusalOf("", text);
  const std::string_view field = text.substr(0, end);
  if (!std::all_of(field.begin(), field.end(), IsFieldLetter)) return RefusalOf("", text);
  return RefusalOf(field, text.substr(end + kAfterField.size()));
}

Refusal RefusalOf(std::string_view field, std::string_view message) {
  boost::json::object parameters;
  if (!field.empty()) parameters["field"] = field;
  parameters["message"] = message;
  return {std::string(kRefused), std::move(parameters)};
}

Refusal KeyNotFound(const keys::KeyId& id) {
  return {std::string(kKeyNotFound), {{"key_id", id.ToString()}}};
}

}  // namespace claviger::api
