// Builds replies: one JSON object and a NUL, appended to an output buffer.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace claviger::protocol {

// {"parameters":{...}}\0
void AppendReply(WipingBuffer& out, const boost::json::object& parameters);
// {"parameters":{"<name>":"<secret>",...}}\0 with the secret put first, straight into the wiping buffer: it
// never passes through memory that is not wiped. `secret` holds only characters that JSON does not escape.
void AppendReplyWithSecret(WipingBuffer& out, std::string_view name, const Secret& secret,
                           const boost::json::object& parameters);
// {"error":"<name>","parameters":{...}}\0; `name` is fully qualified.
void AppendError(WipingBuffer& out, std::string_view name, const boost::json::object& parameters);
// The wire error for `error` by the table in error_names.h, with its message as "message" (PermissionDenied
// has none) and, for Unavailable, "unknown_outcome" false.
void AppendError(WipingBuffer& out, const Error& error);
void AppendInvalidParameter(WipingBuffer& out, std::string_view parameter);

// `text` as a JSON string with its quotes. Text that is not UTF-8 must not come here.
void AppendJsonString(WipingBuffer& out, std::string_view text);
// The same, into memory of the caller that has room for MostJsonStringBytes(text.size()). Returns its end.
char* WriteJsonString(char* out, std::string_view text);
constexpr std::size_t MostJsonStringBytes(std::size_t text_bytes) { return 6 * text_bytes + 2; }

}  // namespace claviger::protocol
