// Answers that are errors of io.claviger.Admin, with parameters of their own.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "daemon/keys/key_string.h"

namespace claviger::api {

struct Refusal {
  std::string wire_name;  // fully qualified
  boost::json::object parameters;
};

// What is asked for breaks a rule: of the policy, of a ceiling, of the texts.
bool IsRefusal(const Error& error);
// Such an error as an answer. A message that begins with the name of a parameter and ": " is taken apart;
// kDenied without a message is PermissionDenied: whose key it is, is nobody's business.
Refusal RefusalOf(const Error& error);
// Refused, of the parameter `field`.
Refusal RefusalOf(std::string_view field, std::string_view message);
Refusal KeyNotFound(const keys::KeyId& id);

}  // namespace claviger::api
