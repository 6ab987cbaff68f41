// CallParser, BindParameters and what goes back of a call in errors.
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "protocol/call.h"
#include "protocol/dispatcher.h"
#include "protocol/limits.h"
#include "protocol/reply.h"

namespace {

using namespace claviger;

constexpr std::array kParameters = {
    protocol::Parameter{"key", protocol::ParameterType::kString, true},
    protocol::Parameter{"scopes", protocol::ParameterType::kStringList, false},
    protocol::Parameter{"limit", protocol::ParameterType::kInt, false},
    protocol::Parameter{"dry", protocol::ParameterType::kBool, false},
};

// Reads every value that a handler could read.
std::size_t ReadAll(const protocol::Parameters<kParameters.size()>& parameters) {
  std::size_t sum = parameters.Text(0).size();
  if (parameters.Has(1)) {
    for (const simdjson::dom::element scope : parameters.List(1))
      sum += scope.get_string().value_unsafe().size();
  }
  return sum + static_cast<std::size_t>(parameters.OptionalInt(2).value_or(0));
}

// A call that is bound without fault has the required parameter, and none that is not listed.
void CheckBound(const protocol::Call& call) {
  if (!call.parameters || call.parameters->at_key("key").error() != simdjson::SUCCESS) std::abort();
  for (const auto& [name, value] : *call.parameters) {
    if (std::none_of(kParameters.begin(), kParameters.end(),
                     [parameter = name](const auto& listed) { return listed.name == parameter; })) {
      std::abort();
    }
  }
}

// What a peer sent may come back in an error: that must be one JSON object and hold the same text.
void CheckError(std::string_view parameter) {
  WipingBuffer out;
  protocol::AppendInvalidParameter(out, parameter);
  const boost::json::value error = boost::json::parse(std::string_view(out.data(), out.size() - 1));
  if (out.back() != '\0' || error.at("parameters").at("parameter").as_string() != parameter) std::abort();
  out.clear();
  protocol::AppendJsonString(out, parameter);
  if (boost::json::parse(std::string_view(out.data(), out.size())).as_string() != parameter) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static protocol::CallParser parser(protocol::kMaxVerifyFrameBytes);
  std::vector<char> frame(size + protocol::kFramePadding, ']');
  if (size != 0) std::memcpy(frame.data(), data, size);
  const auto call = parser.Parse(std::span(frame).first(size));
  if (!call) return 0;
  if (call->method.empty() || (call->oneway && call->more)) std::abort();
  CheckError(call->method);
  protocol::Parameters<kParameters.size()> parameters;
  const std::string_view fault = parameters.Bind(*call, kParameters);
  if (fault.empty()) {
    CheckBound(*call);
    return ReadAll(parameters) == SIZE_MAX ? 1 : 0;
  }
  CheckError(fault);
  return 0;
}
