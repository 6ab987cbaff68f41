#include "protocol/call.h"

#include <algorithm>
#include <string>

#include "base/secret.h"
#include "protocol/limits.h"

namespace claviger::protocol {
namespace {

using simdjson::dom::element_type;

Error BadCall(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

// False if any object in `value` has two members of one name, one without a name, or more than
// kMaxJsonMembers. The parser has limited the depth.
bool IsSound(const simdjson::dom::element& value);

bool IsSound(const simdjson::dom::object& object) {
  std::array<std::string_view, kMaxJsonMembers> names;
  std::size_t count = 0;
  for (const auto& [name, value] : object) {
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
    if (name.empty() || count == names.size() || std::find(names.begin(), end, name) != end) return false;
    if (!IsSound(value)) return false;
    names[count++] = name;
  }
  return true;
}

bool IsSound(const simdjson::dom::element& value) {
  if (value.type() == element_type::OBJECT) return IsSound(value.get_object().value_unsafe());
  if (value.type() != element_type::ARRAY) return true;
  const simdjson::dom::array array = value.get_array().value_unsafe();
  return std::all_of(array.begin(), array.end(), [](const auto& element) { return IsSound(element); });
}

// Members beside those of the protocol: objects named by reverse domain.
bool IsVendorObject(std::string_view name, const simdjson::dom::element& value) {
  return name.find('.') != std::string_view::npos && value.type() == element_type::OBJECT;
}

bool ReadFlag(const simdjson::dom::element& value, bool& flag) {
  return value.get_bool().get(flag) == simdjson::SUCCESS;
}

bool ReadParameters(const simdjson::dom::element& value, std::optional<simdjson::dom::object>& parameters) {
  if (value.type() == element_type::OBJECT) parameters = value.get_object().value_unsafe();
  return parameters.has_value() || value.is_null();
}

// Reads one member of the call. False if it is not what the protocol allows.
bool ReadMember(std::string_view name, const simdjson::dom::element& value, Call& call, bool& upgrade) {
  if (name == "method") return value.get_string().get(call.method) == simdjson::SUCCESS;
  if (name == "parameters") return ReadParameters(value, call.parameters);
  if (name == "oneway") return ReadFlag(value, call.oneway);
  if (name == "more") return ReadFlag(value, call.more);
  if (name == "upgrade") return ReadFlag(value, upgrade);
  return IsVendorObject(name, value);
}

}  // namespace

CallParser::CallParser(std::size_t max_frame_bytes)
    : parser_(max_frame_bytes), max_frame_bytes_(max_frame_bytes) {
  // Without memory now there is none later either: Parse then refuses every call.
  ready_ = parser_.allocate(max_frame_bytes, kMaxJsonDepth) == simdjson::SUCCESS;
}

CallParser::~CallParser() { Forget(); }

void CallParser::Forget() {
  if (!ready_ || parsed_bytes_ == 0) return;
  // Strings are copied out of the frame, with 4 bytes of length and a NUL each in place of two quotes and a
  // comma, in steps that go past the end of a string: so much simdjson allocates for a document of this
  // length.
  Wipe(std::span(parser_.doc.string_buf.get(), parsed_bytes_ * 5 / 3 + simdjson::SIMDJSON_PADDING));
  parsed_bytes_ = 0;
}

Result<Call> CallParser::Parse(std::span<char> frame) {
  Forget();
  if (!ready_) return Error(ErrorCode::kInternal, "there was no memory for the parser");
  if (frame.empty()) return BadCall("the frame is empty");
  if (frame.size() > max_frame_bytes_) return BadCall("the frame is too long");
  parsed_bytes_ = frame.size();
  simdjson::dom::element document;
  if (const auto error = parser_.parse(frame.data(), frame.size(), false).get(document)) {
    return BadCall(std::string("the frame is not JSON: ") + simdjson::error_message(error));
  }
  simdjson::dom::object members;
  if (document.get_object().get(members) != simdjson::SUCCESS) return BadCall("the call is not an object");
  if (!IsSound(members)) return BadCall("an object of the call has doubled, unnamed or too many members");

  Call call;
  bool upgrade = false;
  for (const auto& [name, value] : members) {
    if (!ReadMember(name, value, call, upgrade)) {
      return BadCall("the call has a member that is unknown or of a wrong type");
    }
  }
  if (call.method.empty()) return BadCall("the call names no method");
  if (call.oneway && call.more) return BadCall("the call is oneway and asks for more");
  if (upgrade) return Error(ErrorCode::kUnsupported, "connections cannot be upgraded");
  return call;
}

}  // namespace claviger::protocol
