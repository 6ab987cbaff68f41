#include "daemon/api/change_parameters.h"

#include "base/text.h"
#include "daemon/store/meta_repository.h"

namespace claviger::api {
namespace {

constexpr std::int64_t kLongestLifetime = std::int64_t{100} * 366 * 86400;  // a sum with it cannot overflow

}  // namespace

std::vector<std::string> TextsOf(simdjson::dom::array list) {
  std::vector<std::string> texts;
  for (const simdjson::dom::element element : list) texts.emplace_back(element.get_string().value_unsafe());
  return texts;
}

Result<std::optional<UnixSeconds>> ReadExpiry(const std::optional<std::string_view>& expires_at,
                                              const std::optional<std::int64_t>& lifetime, UnixSeconds from) {
  if (expires_at && lifetime) {
    return Error(ErrorCode::kInvalidArgument,
                 "expires_at: and lifetime exclude each other; give one of them");
  }
  if (expires_at) {
    const auto time = ParseTime(*expires_at);
    if (!time) return time.error().WithContext("expires_at");
    return std::optional(*time);
  }
  if (!lifetime) return std::optional<UnixSeconds>();
  if (*lifetime < 1 || *lifetime > kLongestLifetime) {
    return Error(ErrorCode::kInvalidArgument,
                 "lifetime: is not within 1 second and 100 years; it is in seconds");
  }
  return std::optional(from + *lifetime);
}

Status CheckRequestId(std::string_view request_id) {
  if (request_id.empty()) return Ok();
  if (request_id.size() > store::kMaxRequestIdBytes) {
    return Error(ErrorCode::kInvalidArgument,
                 "request_id: has more than " + std::to_string(store::kMaxRequestIdBytes) + " bytes");
  }
  return CheckText("request_id", request_id);
}

}  // namespace claviger::api
