#include "client/message.h"

#include <fmt/format.h>
#include <poll.h>
#include <simdjson.h>

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

#include "client/wiping_storage.h"
#include "protocol/error_names.h"
#include "protocol/reply.h"

namespace claviger::client {
namespace {

bool IsUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

// The first parameter that is not UTF-8 and so cannot be sent as JSON.
Status CheckUtf8(const boost::json::object& parameters, std::span<const SecretParameter> secrets) {
  const auto fault = [](std::string_view name) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("{}: is not UTF-8 text", name));
  };
  for (const SecretParameter& secret : secrets) {
    if (!IsUtf8(secret.value.ExposeText())) return fault(secret.name);
  }
  for (const auto& [name, value] : parameters) {
    if (!IsUtf8(boost::json::serialize(value))) return fault(std::string_view(name));
  }
  return Ok();
}

// {"method":"...","parameters":{<secrets>,<parameters>}}\0
WipingBuffer MakeFrame(std::string_view method, const boost::json::object& parameters,
                       std::span<const SecretParameter> secrets) {
  const std::string plain = boost::json::serialize(parameters);
  std::size_t size = method.size() + plain.size() + 64;
  for (const SecretParameter& secret : secrets) size += secret.name.size() + 8 + 6 * secret.value.size();
  WipingBuffer frame;
  frame.reserve(size);
  Append(frame, R"({"method":)");
  protocol::AppendJsonString(frame, method);
  Append(frame, R"(,"parameters":{)");
  bool first = true;
  for (const SecretParameter& secret : secrets) {
    if (!first) frame.push_back(',');
    first = false;
    protocol::AppendJsonString(frame, secret.name);
    frame.push_back(':');
    protocol::AppendJsonString(frame, secret.value.ExposeText());
  }
  if (!first && !parameters.empty()) frame.push_back(',');
  Append(frame, std::string_view(plain).substr(1));  // its closing brace ends the parameters
  Append(frame, std::string_view("}\0", 2));
  return frame;
}

// Moves the key string out of a reply. Its JSON string's memory is given back, and wiped, only with the whole
// reply, so it is wiped here too.
Secret TakeKey(boost::json::object& parameters) {
  boost::json::value* key = parameters.if_contains("key");
  if (key == nullptr || !key->is_string()) return Secret();
  boost::json::string& text = key->get_string();
  Secret taken = Secret::FromText(text);
  Wipe(std::as_writable_bytes(std::span(text.data(), text.size())));
  parameters.erase("key");
  return taken;
}

}  // namespace

Error NotUnderstood(std::string_view why) {
  return Error(ErrorCode::kCorrupt,
               fmt::format("the daemon's answer is not understood: {}; check that claviger and "
                           "clavigerd are of the same version",
                           why));
}

Error NoAnswer(std::string_view why) {
  return Error(ErrorCode::kUnavailable, fmt::format("no answer from the daemon: {}", why));
}

Result<WipingBuffer> MakeCall(std::string_view method, const boost::json::object& parameters,
                              std::span<const SecretParameter> secrets) {
  if (const Status fine = CheckUtf8(parameters, secrets); !fine) return fine.error();
  return MakeFrame(method, parameters, secrets);
}

Result<Reply> ReadReply(std::string_view frame, std::optional<Refusal>& refusal) {
  // One growing block: a page of a list has tens of thousands of values.
  const auto storage = boost::json::make_shared_resource<boost::json::monotonic_resource>(
      std::max<std::size_t>(frame.size(), 1024), WipingStorage());
  boost::json::parser parser(WipingStorage());
  parser.reset(storage);
  boost::system::error_code failed;
  parser.write(frame.data(), frame.size(), failed);
  if (failed) return NotUnderstood("it is not JSON");
  boost::json::value document = parser.release();
  boost::json::object* reply = document.if_object();
  if (reply == nullptr) return NotUnderstood("it is not an object");

  boost::json::object parameters(storage);
  if (boost::json::value* member = reply->if_contains("parameters");
      member != nullptr && !member->is_null()) {
    if (!member->is_object()) return NotUnderstood("its parameters are not an object");
    parameters = std::move(member->get_object());
  }
  const boost::json::value* error = reply->if_contains("error");
  if (error == nullptr) {
    Secret key = TakeKey(parameters);
    return Reply{std::move(parameters), std::move(key)};
  }
  if (!error->is_string()) return NotUnderstood("its error has no name");
  const std::string name(error->get_string());
  const boost::json::value* message = parameters.if_contains("message");
  std::string sentence = message != nullptr && message->is_string() ? std::string(message->get_string())
                                                                    : "the daemon answered " + name;
  refusal = Refusal{name, std::move(parameters)};
  return Error(protocol::CodeOfWireName(name), std::move(sentence));
}

bool WaitFor(int fd, short events, SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyNow()).count();
    if (left <= 0) return false;
    pollfd waiting{fd, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
  }
}

}  // namespace claviger::client
