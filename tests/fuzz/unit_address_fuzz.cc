// The address that systemd connects from: what it names can be written again as it was.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protocol/unit_address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace claviger;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto address = protocol::ParseUnitAddress(text);
  if (!address) return 0;
  if (!text.ends_with("/unit/" + address->unit + "/" + address->credential)) std::abort();
  if (address->unit.size() > protocol::kMaxUnitNameBytes) std::abort();
  if (address->credential.size() > protocol::kMaxCredentialIdBytes) std::abort();
  return 0;
}
