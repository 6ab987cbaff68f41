// A reader of the Varlink interface definition language (https://varlink.org/Interface-Definition), as strict
// as the strictest client in use: no empty struct as a type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace claviger::protocol {

struct IdlMember {
  std::string kind;  // type, method or error
  std::string name;
  std::string comment;                  // the block before it, without the number signs
  std::vector<std::string> fields;      // of all its structs, nested ones included
  std::vector<std::string> references;  // names of types that it uses
};

struct IdlInterface {
  std::string name;
  std::string comment;
  std::vector<IdlMember> members;
};

// kInvalidArgument with the line of the first fault.
Result<IdlInterface> ReadIdl(std::string_view text);

}  // namespace claviger::protocol
