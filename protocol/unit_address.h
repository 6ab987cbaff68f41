// The address that systemd connects from when a unit has LoadCredential= with a socket: it says which unit
// wants which credential (systemd.exec(5)).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace claviger::protocol {

// systemd's own limits. Those of a socket's address are narrower: there, both together have at most 84 bytes.
inline constexpr std::size_t kMaxUnitNameBytes = 255;
inline constexpr std::size_t kMaxCredentialIdBytes = 255;

struct UnitAddress {
  std::string unit;        // "app.service": letters, digits and :-_.\@ only, and a suffix
  std::string credential;  // "api-key": printable ASCII without '/', ':' and spaces
};

// `address`: the abstract name with its NUL, "\0<1 to 16 hexadecimal digits>/unit/<unit>/<credential>".
// kInvalidArgument for everything else; the message does not repeat the address.
Result<UnitAddress> ParseUnitAddress(std::string_view address);

}  // namespace claviger::protocol
