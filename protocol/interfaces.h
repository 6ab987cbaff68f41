// The interface descriptions (*.varlink), compiled in.
#pragma once

#include <span>
#include <string_view>

namespace claviger::protocol {

struct InterfaceDescription {
  std::string_view name;  // "io.claviger.Verify"
  std::string_view text;  // the whole file
};

// io.claviger.Admin, io.claviger.Verify, org.varlink.service.
std::span<const InterfaceDescription> Interfaces();

}  // namespace claviger::protocol
